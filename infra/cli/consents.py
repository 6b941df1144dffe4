"""Consents: what was agreed to, what runs out, who may be contacted, what went to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer

from infra.cli.asking import Limit

if TYPE_CHECKING:
    from infra.dispatch import Caller
    from infra.product import Product

AT_ONCE = 500
SOON = timedelta(days=30)
At = Annotated[str | None, typer.Option(help="A moment, as in 2026-03-01T12:00Z; default: now.")]


def add_to(app: typer.Typer) -> None:
    consents = typer.Typer(help="What customers agreed to.", no_args_is_help=True)
    consents.command("of")(of_customer)
    consents.command("expiring")(expiring)
    consents.command("expire")(expire)
    consents.command("contactable")(show_contactable)
    consents.command("overstepped")(show_overstepped)
    app.add_typer(consents, name="consents")
    app.command("shares")(shares)


def of_customer(
    customer: Annotated[str, typer.Argument(help="The customer's id.")], as_of: At = None
) -> None:
    """What a customer had agreed to, as it was known then."""
    from infra.cli.opened import identifier, moment, reading
    from infra.cli.showing import table
    from infra.product import now
    from queries.consents_of_customer import consents_of_customer

    whom, at = identifier("customer", customer), moment("--as-of", as_of) or now()
    with reading() as db:
        table(
            f"consents of {whom}",
            ("purpose", "scope", "categories", "recipients", "notice", "given", "state", "until"),
            [
                (
                    c.purpose,
                    c.scope,
                    " ".join(c.categories),
                    " ".join(c.recipients),
                    f"{c.notice_version} {c.language}",
                    c.granted_at,
                    c.state,
                    c.ended_at or c.expires_at,
                )
                for c in consents_of_customer(db, whom, as_of=at)
            ],
        )


def expiring(by: At = None, limit: Limit = 50) -> None:
    """Consents that run out by a moment; default: in the next 30 days."""
    from infra.cli.opened import moment, reading
    from infra.cli.showing import table
    from infra.product import now
    from queries.consents_expiring import consents_expiring

    last = moment("--by", by) or now() + SOON
    with reading() as db:
        table(
            f"consents that run out by {last:%Y-%m-%d %H:%M} (first {limit})",
            ("customer", "market", "purpose", "scope", "runs out"),
            [
                (c.customer, c.market, c.purpose, c.scope, c.expires_at)
                for c in consents_expiring(db, by=last, limit=limit)
            ],
        )


def expire() -> None:
    """Puts on record which consents have run out. Nothing waits for it; again, nothing is added."""
    from commands.customer.note_consent_expiry import NoteConsentExpiry
    from infra.cli.keeping import bring_up_to_date
    from infra.cli.opened import administrator, opened
    from infra.cli.showing import console

    with opened() as running:
        bring_up_to_date(running)
        noted = note_expiry(running, administrator(running).caller(NoteConsentExpiry))
        bring_up_to_date(running)
        console.print(f"{noted:,} customers whose consents ran out")


def note_expiry(running: Product, caller: Caller) -> int:
    """How many customers had a consent that ran out and was not noted to have. The read models
    have to be up to date."""
    from contextlib import suppress

    from commands.customer.note_consent_expiry import NoteConsentExpiry
    from domain.refusal import CustomerErased
    from infra.cli.opened import reader
    from infra.product import now
    from queries.consents_expiring import consents_expiring

    by, noted, after = now(), set[UUID](), None
    with reader(running) as db:
        while page := consents_expiring(db, by=by, after=after, limit=AT_ONCE):
            after = page[-1].expires_at, page[-1].consent_id
            for customer in {c.customer for c in page} - noted:
                # Erased since the list was read: whoever is gone has agreed to nothing.
                with suppress(CustomerErased):
                    running.dispatcher.dispatch(
                        NoteConsentExpiry(customer_id=customer), caller, uuid4()
                    )
                noted.add(customer)
    return len(noted)


def show_contactable(
    purpose: Annotated[str, typer.Option(help="A marketing purpose: dpv:DirectMarketing.")],
    market: Annotated[str | None, typer.Option(help="Two letters, as in DE.")] = None,
    limit: Limit = 50,
) -> None:
    """Who may be contacted for this purpose now. Each is asked for again when it is done."""
    from domain.customer.consent import MARKETING
    from infra.cli.opened import reading
    from infra.cli.problem import wrong
    from infra.cli.showing import table
    from infra.product import now
    from queries.consents_contactable import contactable

    if purpose not in MARKETING:
        raise wrong("--purpose", "invalid")
    with reading() as db:
        table(
            f"may be contacted for {purpose} (first {limit})",
            ("customer", "market", "consent", "until"),
            [
                (c.customer, c.market, c.consent_id, c.expires_at)
                for c in contactable(db, purpose=purpose, at=now(), market=market, limit=limit)
            ],
        )


def show_overstepped(since: At = None, until: At = None, limit: Limit = 50) -> None:
    """Accesses that no consent covered, of the last 30 days by default. Exit code 1 if any."""
    from infra.cli.opened import moment, reading
    from infra.cli.showing import console, table
    from infra.product import now
    from queries.consents_overstepped import overstepped

    last = moment("--until", until) or now()
    first = moment("--since", since) or last - SOON
    with reading() as db:
        found = overstepped(db, since=first, until=last, limit=limit)
    if not found:
        console.print("no access went beyond a consent")
        return
    table(
        f"accesses without consent (first {limit})",
        ("access", "at", "actor", "role", "purpose", "recipient", "customer", "known only later"),
        [
            (o.access, o.at, o.actor, o.role, o.purpose, o.recipient, o.customer, o.known_later)
            for o in found
        ],
    )
    raise typer.Exit(1)


def shares(
    customer: Annotated[str | None, typer.Option(help="Of this customer.")] = None,
    recipient: Annotated[str | None, typer.Option(help="To this organisation.")] = None,
    limit: Limit = 50,
) -> None:
    """What personal data went to whom, the latest first."""
    from infra.cli.opened import identifier, reading
    from infra.cli.showing import table
    from queries.consents_shares import shares_found

    whom = identifier("--customer", customer) if customer else None
    with reading() as db:
        table(
            f"shares (first {limit})",
            ("at", "customer", "recipient", "country", "categories", "purpose", "agreement"),
            [
                (
                    s.at,
                    s.customer,
                    s.recipient,
                    s.country,
                    " ".join(s.categories),
                    s.purpose,
                    s.agreement,
                )
                for s in shares_found(db, customer=whom, recipient=recipient, limit=limit)
            ],
        )
