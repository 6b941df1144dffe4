"""Keeping it in order: read models, verification, checks, credentials, single commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.home import Home


def add_to(app: typer.Typer) -> None:
    projections = typer.Typer(help="Tables for reading.", no_args_is_help=True)
    analyst = typer.Typer(help="The analysts' door.", no_args_is_help=True)
    projections.command("list")(list_projections)
    projections.command("rebuild")(rebuild)
    projections.command("run")(run)
    analyst.command("dsn")(dsn)
    analyst.callback()(_group)
    app.add_typer(projections, name="projections")
    app.add_typer(analyst, name="analyst")
    app.command("verify")(verify)
    app.command("doctor")(doctor)
    app.command("send")(send)
    app.command("token")(token)


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
    from infra.projector import rebuild as build_anew

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
        bring_up_to_date(running.addresses.database_url)
        console.print("up to date")


def bring_up_to_date(database_url: str) -> None:
    from infra.cli.showing import progress
    from infra.projector import catch_up

    with progress("read models") as tell:
        catch_up(
            database_url,
            heard=lambda build, done, goal: tell(done, goal, f"{build.projection.name} {done:,}"),
        )


def verify(
    customer: Annotated[str | None, typer.Option(help="Only this customer's streams.")] = None,
) -> None:
    """Recomputes every hash; exit 1 naming position and column of the first thing wrong."""
    from infra.cli.opened import identifier, opened
    from infra.cli.showing import console
    from infra.servers.problem import ServerProblem
    from infra.verify import verify as walk

    whose = None if customer is None else identifier(customer)
    with opened() as running, running.record.connection() as connection:
        done = walk(connection, whose)
        if done.finding is not None:
            raise ServerProblem(
                f"the record is not intact: position {done.finding.position},"
                f" column {done.finding.column}: {done.finding.detail}"
            )
        console.print(f"{done.events:,} events in {done.streams:,} streams are as they were stored")


def doctor() -> None:
    """Checks what the record's guarantees rest on; exit 1 if anything is not there."""
    from infra.cli.opened import opened
    from infra.cli.showing import console
    from infra.doctor import examine
    from infra.servers.problem import ServerProblem

    with opened() as running:
        checks = list(examine(running))
        for check in checks:
            console.print(f"{'ok   ' if check.fine else 'WRONG'} {check.says}")
        if wrong := sum(not check.fine for check in checks):
            raise ServerProblem(f"{wrong} checks failed")


def dsn() -> None:
    """The address analysts connect to; it opens the schema mart and nothing else."""
    from infra.cli.opened import opened

    with opened() as running:
        print(analyst_address(running.home, running.addresses.database_url))


def analyst_address(home: Home, database_url: str) -> str:
    from infra.analyst import analyst_dsn

    return analyst_dsn(home, database_url)


def send(
    name: Annotated[str, typer.Argument(help="The command, for instance RegisterCustomer.")],
    body: Annotated[str, typer.Argument(help="Its fields as a JSON object, or - to read them.")],
    key: Annotated[str | None, typer.Option(help="The same command again, under its key.")] = None,
    expect: Annotated[int | None, typer.Option(help="The version of the last fact.")] = None,
) -> None:
    """Sends one command and prints what it came to."""
    from infra.cli.opened import opened
    from infra.credentials import admin_token, authenticated
    from infra.product import new_id
    from infra.request import command_id, command_type, read_command

    kind = command_type(name)
    text = sys.stdin.buffer.read() if body == "-" else body.encode(errors="surrogateescape")
    command = read_command(kind, text)
    with opened() as running:
        connect = running.record.connection
        who = authenticated(connect, admin_token(running.home, connect).read_text("ascii").strip())
        identity = command_id(who.actor, str(new_id()) if key is None else key)
        result = running.dispatcher.dispatch(command, who.caller(kind), identity, expected=expect)
        print(result.model_dump_json(indent=1))


def token(
    actor: str, role: Annotated[list[str], typer.Option(help="Repeat it for several roles.")]
) -> None:
    """Makes a token for an actor; it is shown this once."""
    from infra.cli.opened import opened
    from infra.credentials import issue

    with opened() as running:
        print(issue(running.record.connection, actor, role))
