"""Keeping it in order: read models, verification, checks, the analysts' door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.projections import add_to as add_parking_to

if TYPE_CHECKING:
    from infra.product import Product


def add_to(app: typer.Typer) -> None:
    projections = typer.Typer(help="Tables for reading.", no_args_is_help=True)
    analyst = typer.Typer(help="The analysts' door.", no_args_is_help=True)
    projections.command("list")(list_projections)
    projections.command("rebuild")(rebuild)
    projections.command("run")(run)
    add_parking_to(projections)
    analyst.command("dsn")(dsn)
    analyst.callback()(_group)
    app.add_typer(projections, name="projections")
    app.add_typer(analyst, name="analyst")
    app.command("verify")(verify)
    app.command("doctor")(doctor)


def _group() -> None:
    """The analysts' door."""


def list_projections() -> None:
    """How far each is."""
    from infra.cli.opened import reading
    from infra.cli.showing import table
    from infra.projector import progress

    with reading() as db:
        table("projections", ("name", "build", "state", "position", "behind"), progress(db))


def rebuild(name: str) -> None:
    """Builds one anew from the first event, then shows it in place of the old one."""
    from infra.cli.opened import opened
    from infra.cli.showing import console, progress
    from infra.projector import NoSuchProjection
    from infra.projector import rebuild as build_anew
    from projections.catalogue import PROJECTIONS

    if name not in PROJECTIONS:
        raise NoSuchProjection(name)
    with opened() as running, progress(f"rebuilding {name}") as tell:
        build = build_anew(
            running.addresses.database_url,
            name,
            heard=lambda _, done, goal: tell(done, goal, f"position {done:,}"),
        )
    console.print(f"{name} is shown from build {build.number}")


def run() -> None:
    """Brings all of them up to date."""
    from infra.cli.opened import opened
    from infra.cli.showing import console

    with opened() as running:
        bring_up_to_date(running)
        console.print("up to date")


def bring_up_to_date(running: Product) -> None:
    """Everything recorded so far is shown, by us or by the process that keeps it up to date.

    Raises ProjectionBehind if that one does not come along.
    """
    from infra.cli.showing import progress
    from infra.projector import catch_up, wait_for
    from infra.request import ProjectionBehind
    from projections.catalogue import PROJECTIONS

    with progress("read models") as tell:
        catch_up(
            running.addresses.database_url,
            heard=lambda build, done, goal: tell(done, goal, f"{build.projection.name} {done:,}"),
        )
    with running.record.connection() as connection:
        row = connection.execute(
            "SELECT coalesce(max(last_position), 0) FROM es.streams"
        ).fetchone()
    position = row[0] if row else 0
    if not wait_for(running.record.connection, position, list(PROJECTIONS), 60):
        raise ProjectionBehind(position=position)


def verify(
    customer: Annotated[str | None, typer.Option(help="Only this customer's streams.")] = None,
) -> None:
    """Recomputes every hash; exit 1 naming position and column of the first thing wrong."""
    from domain.refusal import NotFound
    from infra.cli.opened import identifier, opened
    from infra.cli.problem import RecordAltered
    from infra.cli.showing import console, progress
    from infra.verify import verify as walk

    whose = None if customer is None else identifier("--customer", customer)
    with opened() as running, running.record.connection() as connection:
        row = connection.execute(
            "SELECT coalesce(sum(version), 0)::bigint FROM es.streams"
            " WHERE %(whose)s::uuid IS NULL OR subject = %(whose)s",
            {"whose": whose},
        ).fetchone()
        total = row[0] if row else 0
        if whose is not None and not total:
            raise NotFound(kind="customer", id=customer)
        connection.commit()
        with progress("verifying") as tell:
            done = walk(
                connection, whose, lambda events: tell(events, total, f"{events:,} of {total:,}")
            )
        if (found := done.finding) is not None:
            raise RecordAltered(position=found.position, column=found.column, detail=found.detail)
        console.print(f"{done.events:,} events in {done.streams:,} streams are as they were stored")


def doctor() -> None:
    """Checks what the record's guarantees rest on; exit 1 if anything is not there.

    Where a database is named and our login lacks rights, it prints the SQL for its administrator.
    """
    from infra.cli.opened import opened
    from infra.cli.problem import ChecksFailed, RightsMissing
    from infra.cli.showing import console
    from infra.doctor import examine

    if statements := statements_for_administrator():
        print("\n".join(statements))
        raise RightsMissing
    with opened() as running:
        checks = list(examine(running))
    for check in checks:
        console.print(f"{'ok   ' if check.fine else 'WRONG'} {check.says}")
    if wrong := sum(not check.fine for check in checks):
        raise ChecksFailed(count=wrong)


def statements_for_administrator() -> list[str]:
    """None where the servers are our own, or where the database named does not answer."""
    import psycopg

    from infra.home import Home
    from infra.rights import rights_missing
    from infra.servers.owner import DATABASE_SETTING
    from infra.servers.setting import setting

    named = setting(DATABASE_SETTING)
    try:
        return rights_missing(Home.at(), named) if named else []
    except (psycopg.OperationalError, psycopg.ProgrammingError):
        # Opening the product says why, as for every other command.
        return []


def dsn() -> None:
    """The address analysts connect to; it opens the schema mart and nothing else."""
    from infra.analyst import analyst_dsn
    from infra.cli.opened import opened

    with opened() as running:
        print(analyst_dsn(running.home, running.addresses.database_url))
