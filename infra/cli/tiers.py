"""Tiers: who holds which, and applying a scheme to every customer at the end of a quarter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.asking import Limit

if TYPE_CHECKING:
    from psycopg import Connection

    from infra.dispatch import Caller
    from infra.product import Product
    from queries.tier_indicators import Indicators

AT_A_TIME = 16
READ_FROM = ("customers", "orders")


def add_to(app: typer.Typer) -> None:
    tiers = typer.Typer(help="Tiers. Alone: how many customers hold each.")
    tiers.callback(invoke_without_command=True)(show_tiers)
    tiers.command("list")(list_members)
    tiers.command("evaluate")(evaluate)
    app.add_typer(tiers, name="tiers")


def show_tiers(context: typer.Context) -> None:
    """Tiers. Alone: how many customers hold each."""
    from infra.cli.opened import reading

    if context.invoked_subcommand is None:
        with reading() as db:
            print_tiers(db)


def print_tiers(db: Connection[Any]) -> None:
    from infra.cli.showing import table
    from queries.tiers_held import tiers_held

    table(
        "tiers",
        ("scheme", "tier", "customers", "least net", "most net"),
        [(t.scheme, t.tier, t.customers, t.least_net, t.most_net) for t in tiers_held(db)],
    )


def list_members(
    tier: Annotated[str | None, typer.Option(help="core, important, normal, potential.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Under this scheme only.")] = None,
    limit: Limit = 50,
) -> None:
    """The customers of a tier, the ones with the highest net amount first."""
    from domain.terms import Tier
    from infra.cli.opened import reading
    from infra.cli.problem import wrong
    from infra.cli.showing import table
    from queries.tier_members import tier_members

    if tier is not None and tier not in list(Tier):
        raise wrong("--tier", "invalid")
    with reading() as db:
        table(
            f"customers by tier (first {limit})",
            ("customer", "scheme", "tier", "since", "as of", "orders", "net"),
            [
                tuple(dict(m).values())
                for m in tier_members(db, scheme=scheme, tier=tier, limit=limit)
            ],
        )


def evaluate(
    as_of: Annotated[str, typer.Option(help="The last day that counts, as in 2011-09-30.")],
    scheme: Annotated[str, typer.Option(help="The tier scheme to apply.")] = "retail",
) -> None:
    """Evaluates whoever has orders or holds a tier. Again, it records only what has changed."""
    from commands.customer.evaluate_tier import EvaluateTier
    from infra.cli.keeping import bring_up_to_date
    from infra.cli.opened import administrator, day, opened
    from infra.cli.showing import console

    last = day("--as-of", as_of)
    with opened() as running:
        must_be_over(running, scheme, last)
        bring_up_to_date(running)
        done, same = evaluate_tiers(
            running, scheme, last, administrator(running).caller(EvaluateTier)
        )
        bring_up_to_date(running)
        console.print(f"{done:,} customers evaluated, {same:,} as before")


def must_be_over(running: Product, scheme: str, as_of: date) -> None:
    """Raises TierSchemeUnknown; FutureFact for a day that has not ended in the scheme's zone."""
    from commands.customer.evaluate_tier import TierSchemeUnknown
    from domain.refusal import FutureFact
    from infra.product import now

    found = running.rules.tier_scheme(scheme, as_of)
    if found is None:
        raise TierSchemeUnknown(scheme=scheme)
    _, until = found.window(as_of)
    if until > now():
        raise FutureFact(at=as_of.isoformat())


def evaluate_tiers(running: Product, scheme: str, as_of: date, caller: Caller) -> tuple[int, int]:
    """How many were evaluated, and how many had been already, on the same indicators.

    Indicators are read at one position of the record, which the evaluation names. The read models
    have to be up to date.
    """
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import suppress
    from uuid import uuid5

    from commands.customer.evaluate_tier import EvaluateTier
    from domain.refusal import CustomerErased
    from infra.cli.showing import progress

    position, wanted, same = _due(running, scheme, as_of)

    def evaluated(one: Indicators) -> None:
        command = EvaluateTier(
            customer_id=one.customer,
            scheme=scheme,
            as_of=as_of,
            position=position,
            indicators=one.model_dump(exclude={"customer"}),
        )
        identity = uuid5(one.customer, f"{scheme}:{as_of}:{position}")
        # Erased since the indicators were read: whoever is gone needs no tier.
        with suppress(CustomerErased):
            running.dispatcher.dispatch(command, caller, identity)

    # Several at a time share a transaction, and with it the wait for the disk.
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        with progress("evaluating tiers") as tell:
            for number, _ in enumerate(pool.map(evaluated, wanted), 1):
                tell(number, len(wanted), f"{number:,} of {len(wanted):,} customers")
    finally:
        pool.shutdown(cancel_futures=True)
    return len(wanted), same


def _due(running: Product, scheme: str, as_of: date) -> tuple[int, list[Indicators], int]:
    """The position read at, whom to evaluate there, and how many need no evaluation."""
    from decimal import Decimal

    from psycopg import IsolationLevel

    from infra.cli.opened import reader
    from queries.tier_holders import tier_holders
    from queries.tier_indicators import Indicators, tier_indicators
    from queries.tiers_evaluated import tiers_evaluated

    rules = running.rules.tier_scheme(scheme, as_of)
    assert rules is not None, "a scheme that is in force has been found before"
    with reader(running) as db:
        db.commit()
        db.isolation_level = IsolationLevel.REPEATABLE_READ
        row = db.execute(
            "SELECT min(t.position) FROM es.tracking t JOIN es.projection p USING (name, version)"
            " WHERE p.state = 'live' AND p.name = ANY(%s)",
            (list(READ_FROM),),
        ).fetchone()
        position = row[0] if row and row[0] else 0
        everybody = tier_indicators(db, *rules.window(as_of))
        # Whoever holds a tier and bought nothing is evaluated as well, or would keep it for ever.
        idle = tier_holders(db, scheme, as_of) - {one.customer for one in everybody}
        everybody += [
            Indicators(customer=c, orders_365d=0, net_365d=Decimal(0)) for c in sorted(idle)
        ]
        before = tiers_evaluated(db, scheme, rules.version, as_of)
    wanted = [
        one for one in everybody if before.get(one.customer) != one.model_dump(exclude={"customer"})
    ]
    return position, wanted, len(everybody) - len(wanted)
