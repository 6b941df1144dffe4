"""`dossier sla migrate`: running promises move to another version, once it is confirmed."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated

import typer

from domain.refusal import Refused
from infra.cli.sla_what_if import Market, one_of, version_named


def migrate_timers(
    policy: Annotated[str | None, typer.Option(help="name@version to move to.")] = None,
    calendar: Annotated[str | None, typer.Option(help="name@version to move to.")] = None,
    market: Market = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Says what moving the running promises of other versions would do, and does it if confirmed.
    Run it again after it was interrupted: nothing moves twice."""
    from commands.timers.migrate_timers import MigrateTimers
    from infra.cli.opened import administrator, opened
    from infra.cli.showing import console, progress
    from infra.migrating import Target, carry_out, preview, told
    from infra.product import now
    from infra.projector import catch_up
    from projections.sla_timers import SLA_TIMERS

    one_of("--policy", policy, "--calendar", calendar)
    if policy is not None:
        target = Target("policy", version_named("--policy", policy))
    else:
        target = Target("calendar", version_named("--calendar", calendar or ""))
    with opened() as running:
        caller = administrator(running).caller(MigrateTimers)
        catch_up(running.addresses.database_url, projections={SLA_TIMERS.name: SLA_TIMERS})
        moves = []
        with progress("looking", every=2) as tell:
            for done, (total, move) in enumerate(preview(running, target, now(), market), 1):
                moves += [] if move is None else [move]
                tell(done, total, f"{len(moves):,} cases")
        console.print(told(moves, target), soft_wrap=True)
        if not moves:
            return
        if not (yes or _confirmed()):
            console.print("nothing was moved; --yes moves them")
            return
        refused: Counter[str] = Counter()
        with progress("moving", every=2) as tell:
            for done, move in enumerate(moves, 1):
                try:
                    carry_out(running, target, move, caller)
                except Refused as refusal:
                    refused[refusal.code] += 1
                tell(done, len(moves), f"{done - refused.total():,} cases")
        console.print(f"{len(moves) - refused.total():,} cases moved")
    if refused:
        for code, cases in sorted(refused.items()):
            console.print(f"{cases:,} cases were refused: {code}")
        raise typer.Exit(1)


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        return False
    try:
        return input("Move them? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
