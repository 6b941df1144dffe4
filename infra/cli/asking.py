"""Questions: customers, history, breaches, tiers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from domain.refusal import NotFound

if TYPE_CHECKING:
    from psycopg import Connection


def add_to(app: typer.Typer) -> None:
    customers = typer.Typer(help="Customers as the read models show them.")
    customers.command("show")(show_customer)
    app.add_typer(customers, name="customers")
    sla = typer.Typer(help="Promises by time.")
    sla.command("breaches")(breaches)
    sla.callback()(_group)
    app.add_typer(sla, name="sla")
    app.command("history")(history)
    app.command("tiers")(tiers)


def _group() -> None:
    """Promises by time."""


def show_customer(customer: str) -> None:
    """One customer. Personal values stay masked; open them over HTTP, with a purpose."""
    from psycopg.rows import dict_row

    from infra.cli.opened import identifier, reading
    from infra.cli.showing import table

    with reading() as db:
        rows = db.cursor(row_factory=dict_row).execute(
            "SELECT * FROM read.customers WHERE customer = %s", (identifier(customer),)
        )
        row = rows.fetchone()
        if row is None:
            raise NotFound(kind="customer", id=customer)
        shown = {
            name: "<sealed>" if name.endswith("_token") and value else value
            for name, value in row.items()
        }
        table("customer", ("field", "value"), list(shown.items()))


def history(
    customer: str,
    as_of: Annotated[str | None, typer.Option(help="Only what had been recorded by then.")] = None,
    at: Annotated[str | None, typer.Option(help="Only what had happened by then.")] = None,
) -> None:
    """Every event about a customer, over all streams, in order."""
    from infra.cli.opened import identifier, moment, reading

    with reading() as db:
        print_history(db, identifier(customer), moment(as_of), moment(at))


def print_history(
    db: Connection[Any], customer: UUID, as_of: Any = None, at: Any = None, limit: int = 1_000
) -> None:
    from infra.cli.showing import table
    from queries.history_as_of import history_as_of

    facts = history_as_of(db, customer, as_of=as_of, at=at, limit=limit)
    if not facts:
        raise NotFound(kind="customer", id=str(customer))
    table(
        f"history of {customer}",
        ("at", "event", "who", "role", "purpose", "says"),
        [(f.at, f.type, f.actor, f.role, f.purpose, _says(f.facts, f.sealed)) for f in facts],
    )


def _says(facts: dict[str, Any], sealed: dict[str, str] | None) -> str:
    clear = ", ".join(f"{k}={_short(v)}" for k, v in facts.items() if v not in (None, [], {}))
    masked = ", ".join(f"{path}=<sealed>" for path in sealed or ())
    return ", ".join(part for part in (clear, masked) if part)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 48 else text[:45] + "..."


def breaches(
    as_of: Annotated[str | None, typer.Option(help="As of when; default: now.")] = None,
    kind: Annotated[str | None, typer.Option(help="ticket or complaint.")] = None,
) -> None:
    """Promises that were broken by then, noted or not."""
    from infra.cli.opened import moment, reading
    from infra.product import now

    with reading() as db:
        print_breaches(db, moment(as_of) or now(), kind)


def print_breaches(
    db: Connection[Any],
    as_of: Any,
    kind: str | None,
    limit: int = 50,
    source: str | None = None,
) -> None:
    from infra.cli.showing import span, table, text
    from queries.breaches_as_of import breaches_as_of

    table(
        f"breaches{f' of {kind}s' if kind else ''} as of {text(as_of)} (first {limit})",
        ("due", "late by", "metric", "clause", "case"),
        [
            (b.due_at, span(b.late_seconds), b.metric, b.clause, b.stream)
            for b in breaches_as_of(db, as_of, kind=kind, source=source, limit=limit)
        ],
    )


def tiers() -> None:
    """How many customers hold each tier."""
    from infra.cli.opened import reading

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
