"""`dossier sla explain`: why a promise, or every promise of a case, is due when it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.refusal import NotFound

if TYPE_CHECKING:
    from domain.running_timer import Timer
    from infra.explained import ExplanationShown
    from infra.product import Product


def explain_timer(
    timer_or_case: Annotated[str, typer.Argument(help="The id of a timer, or of its case.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON, one line a promise.")] = False,
) -> None:
    """Why a promise is due when it is, stretch by stretch; of a case every one of its promises.
    --lang zh tells it in Chinese."""
    from infra.cli.opened import identifier, opened
    from infra.cli.showing import console
    from infra.cli.telling import language
    from infra.explained import explained
    from infra.product import now

    wanted = identifier("TIMER_OR_CASE", timer_or_case)
    with opened() as running:
        case, timers = _found(running, wanted)
        calendars = running.rules.calendar_named
        for timer in timers:
            shown = explained(timer, case, calendars, now(), language())
            if json:
                console.print(shown.model_dump_json(), soft_wrap=True)
            else:
                _print(shown)


def _found(running: Product, wanted: UUID) -> tuple[UUID, list[Timer]]:
    """Raises NotFound."""
    from domain.timers import running_timers
    from infra.cli.opened import reader
    from queries.case_of_timer import case_of_timer

    stream = wanted
    history = running.dispatcher.view.history(wanted)
    if history is None:
        with reader(running) as db:
            case = case_of_timer(db, wanted)
        if case is not None:
            stream = case.stream
            history = running.dispatcher.view.history(stream)
    timers = running_timers(history.timer_events) if history is not None else {}
    found = list(timers.values()) if stream == wanted else [timers[wanted]]
    if not found:
        raise NotFound(kind="timer", id=str(wanted))
    return stream, found


def _print(shown: ExplanationShown) -> None:
    """The sentences that are about no stretch stand around the table of those that are."""
    from infra.cli.showing import console, table

    rows = [stretch.says for stretch in shown.stretches]
    first, last = shown.says[:2], shown.says[2 + len(rows) :]
    console.print(f"{shown.metric} ({shown.policy}, {shown.rule}): {shown.state}  {shown.timer}")
    for line in first:
        console.print(line)
    table(
        "",
        ("from", "to", "counted", "so far", ""),
        [
            (
                f"{stretch.start:%Y-%m-%d %H:%M}",
                f"{stretch.end:%Y-%m-%d %H:%M}",
                _clock(stretch.counted_seconds) if stretch.counted_seconds else stretch.number,
                None if shown.allowed_seconds is None else _clock(stretch.so_far_seconds),
                stretch.says,
            )
            for stretch in shown.stretches
        ],
    )
    for line in last:
        console.print(line)
    console.print()


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")
