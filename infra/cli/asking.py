"""Questions: customers, history, breaches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from domain.refusal import NotFound
from infra.cli.sla_checking import check_cases
from infra.cli.sla_explain import explain_timer
from infra.cli.sla_migrate import migrate_timers
from infra.cli.sla_what_if import what_if

if TYPE_CHECKING:
    from psycopg import Connection

    from infra.product import Product
    from queries.history_as_of import Fact

Open = Annotated[bool, typer.Option("--open", help="Show personal values; asks for --purpose.")]
Purpose = Annotated[str | None, typer.Option(help="What for, as a DPV term: dpv:CustomerCare.")]
Role = Annotated[str | None, typer.Option(help="In which of your roles; default: one that may.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]


def add_to(app: typer.Typer) -> None:
    customers = typer.Typer(help="Customers as the read models show them.", no_args_is_help=True)
    customers.command("show")(show_customer)
    customers.command("list")(list_customers)
    app.add_typer(customers, name="customers")
    from infra.cli.sla_lists import breaches, running

    sla = typer.Typer(help="Promises by time.", no_args_is_help=True)
    sla.command("breaches")(breaches)
    sla.command("running")(running)
    sla.command("check")(check_cases)
    sla.command("explain")(explain_timer)
    sla.command("what-if")(what_if)
    sla.command("migrate")(migrate_timers)
    sla.callback()(_group)
    app.add_typer(sla, name="sla")
    app.command("history")(history)


def _group() -> None:
    """Promises by time."""


def list_customers(
    country: Annotated[str | None, typer.Option(help="Two letters, as in GB.")] = None,
    limit: Limit = 50,
) -> None:
    """Customers, the most recently active first; guests left out."""
    from infra.cli.opened import reading
    from infra.cli.showing import table
    from queries.customers_found import customers_found

    with reading() as db:
        table(
            f"customers (first {limit})",
            ("customer", "kind", "market", "country", "tier", "last activity", "erased"),
            [
                (c.customer, c.kind, c.market, c.country, c.tier, c.last_activity, c.erased_at)
                for c in customers_found(db, country=country, limit=limit)
            ],
        )


def show_customer(
    customer: str, open: Open = False, purpose: Purpose = None, role: Role = None
) -> None:
    """One customer. Personal values stay sealed unless opened for a purpose, on record."""
    from infra.cli.opened import identifier, opened, reader
    from infra.cli.showing import table
    from infra.cli.unsealing import ERASED, SEALED, must_name_purpose, opened_texts
    from queries.customer_shown import FIELDS, customer_shown

    whom = identifier("CUSTOMER", customer)
    must_name_purpose(open, purpose)
    with opened() as running:
        with reader(running) as db:
            found = customer_shown(db, whom)
        if found is None:
            raise NotFound(kind="customer", id=customer)
        personal: dict[str, str | None] = dict.fromkeys(found.sealed, SEALED)
        if purpose is not None and open:
            texts = opened_texts(running, whom, list(found.sealed.values()), purpose, role)
            personal = dict(zip(found.sealed, texts, strict=True))
        # What was written and has no token any more was erased; what was removed is not written.
        gone = dict.fromkeys(found.written.keys() - found.sealed.keys(), ERASED)
        clear = found.model_dump(exclude={"sealed", "written", "outdated"})
        rows = [*clear.items(), *((name, personal.get(name, gone.get(name))) for name in FIELDS)]
        rows += [(f"{name} is outdated since", since) for name, since in found.outdated.items()]
        table("customer", ("field", "value"), rows)


def history(
    customer: str,
    as_of: Annotated[str | None, typer.Option(help="Only what had been recorded by then.")] = None,
    at: Annotated[str | None, typer.Option(help="Only what had happened by then.")] = None,
    open: Open = False,
    purpose: Purpose = None,
    role: Role = None,
    limit: Limit = 1_000,
    prov: Annotated[
        Path | None,
        typer.Option(help="Write who handled the data, as PROV-JSON, into this new file."),
    ] = None,
) -> None:
    """Every event about a customer, over all streams, in order."""
    from infra.cli.opened import identifier, moment, opened, reader
    from infra.cli.telling_history import print_facts
    from infra.cli.unsealing import must_name_purpose
    from queries.customer_shown import customer_shown

    whom = identifier("CUSTOMER", customer)
    known, happened = moment("--as-of", as_of), moment("--at", at)
    must_name_purpose(open, purpose)
    with opened() as running:
        with reader(running) as db:
            facts = facts_about(db, whom, known, happened, limit)
            shown = customer_shown(db, whom)
            if prov is not None:
                _export(db, whom, prov)
                return
        texts = _texts(running, whom, facts, purpose, role) if open and purpose else None
        print_facts(whom, facts, texts, shown.erased_at if shown else None)


def _export(db: Connection[Any], customer: UUID, file: Path) -> None:
    from infra.cli.showing import console
    from infra.provenance import document, write
    from queries.handling_of import accesses_of, recordings_of

    recordings, accesses = recordings_of(db, customer), accesses_of(db, customer)
    write(file, document(customer, recordings, accesses))
    console.print(f"{len(recordings):,} events and {len(accesses):,} accesses in {file}")


def facts_about(
    db: Connection[Any], customer: UUID, as_of: Any = None, at: Any = None, limit: int = 1_000
) -> list[Fact]:
    """Raises NotFound where nothing was ever recorded about this customer."""
    from queries.history_as_of import history_as_of

    facts = history_as_of(db, customer, as_of=as_of, at=at, limit=limit)
    if not facts and not history_as_of(db, customer, limit=1):
        raise NotFound(kind="customer", id=str(customer))
    return facts


def _texts(
    running: Product, customer: UUID, facts: list[Fact], purpose: str, role: str | None
) -> dict[tuple[int, str], str]:
    """What was sealed, opened, by position and path."""
    from infra.cli.unsealing import opened_texts

    sealed = {
        (f.position, path): token
        for f in facts
        for path, token in (f.sealed or {}).items()
        if token
    }
    texts = opened_texts(running, customer, list(sealed.values()), purpose, role)
    return dict(zip(sealed, texts, strict=True))


def print_breaches(
    db: Connection[Any],
    as_of: Any,
    kind: str | None,
    limit: int = 50,
    source: str | None = None,
    **filters: Any,
) -> int:
    """How many were shown. `filters` are those of the query."""
    from infra.cli.showing import span, table, text
    from queries.breaches_as_of import breaches_as_of

    found = breaches_as_of(db, as_of, kind=kind, source=source, limit=limit, **filters)
    table(
        f"breaches{f' of {kind}s' if kind else ''} as of {text(as_of)} (first {limit})",
        ("due", "late by", "metric", "clause", "case"),
        [(b.due_at, span(b.late_seconds), b.metric, b.clause, b.stream) for b in found],
    )
    return len(found)
