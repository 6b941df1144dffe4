"""What projections could not apply: shown, and tried again."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(projections: typer.Typer) -> None:
    projections.command("parked")(parked)
    projections.command("replay")(replay)


def parked() -> None:
    """Events that could not be applied, and how many wait behind each."""
    from infra.cli.opened import reading
    from infra.cli.showing import console, table
    from infra.projector.parking import Parked
    from infra.projector.parking import parked as all_parked

    with reading() as db:
        found = all_parked(db)
    if found:
        table("parked", Parked._fields, found)
    else:
        console.print("nothing is parked")


def replay(
    name: str,
    key: Annotated[str | None, typer.Option(help="Only what waits under this key.")] = None,
) -> None:
    """Tries what one has parked again, in order; exit 1 if something stays parked."""
    from infra.cli.opened import identifier, opened
    from infra.cli.showing import console
    from infra.projector import NoSuchProjection
    from infra.projector.running import replay as try_again
    from projections.catalogue import PROJECTIONS

    if name not in PROJECTIONS:
        raise NoSuchProjection(name)
    whose = None if key is None else identifier("--key", key)
    with opened() as running:
        applied, left = try_again(running.addresses.database_url, name, whose)
    console.print(f"{applied:,} applied, {left:,} stay parked")
    if left:
        raise typer.Exit(1)
