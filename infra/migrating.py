"""Running promises moved to another version of their policy or calendar: first what that would do,
then the moves, a command per case.

The id of a command is made of the case, the version and how far the case had come, so a run that
was killed is finished by another, and two at a time move nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from commands.command import History
from commands.timers.migrate_timers import MigrateTimers
from domain.circumstances import circumstances
from domain.refusal import NotFound
from domain.retargeting import moved_to_calendar, moved_to_policy
from domain.running_timer import Timer, fold
from domain.timer_events import SlaTimersCancelled, SlaTimersRetargeted, TimerEvent
from domain.timers import running_timers, settled
from infra.dispatch import Caller
from infra.product import Product
from queries.cases_to_migrate import cases_to_migrate


@dataclass(frozen=True)
class Target:
    """A published version by name@version: `what` is policy or calendar."""

    what: str
    name: str

    @property
    def id(self) -> str:
        return self.name.rpartition("@")[0]


@dataclass(frozen=True)
class Move:
    """What a migration does in one case: so many promises move, or end because the version does
    not make them; of those that move so many are overdue by then."""

    case: UUID
    version: int
    moved: int
    ended: int
    would_breach: int


def preview(
    product: Product, target: Target, at: datetime, market: str | None = None
) -> Iterator[tuple[int, Move | None]]:
    """Case by case, with how many there are; None where nothing moves. Raises NotFound,
    CalendarNotPublished."""
    _must_be_published(product, target)
    with product.record.connection() as connection:
        cases = cases_to_migrate(connection, target.what, target.id, target.name, market)
    for case in cases:
        history = product.dispatcher.view.history(case)
        yield len(cases), None if history is None else _move(product, history, target, at)


def carry_out(product: Product, target: Target, move: Move, caller: Caller) -> None:
    """Once, however often it is asked for this move. Raises Refused."""
    command = MigrateTimers.model_validate({"case_id": move.case, target.what: target.name})
    command_id = uuid5(move.case, f"{target.what} {target.name} after {move.version}")
    product.dispatcher.dispatch(command, caller, command_id)


def _must_be_published(product: Product, target: Target) -> None:
    rules = product.rules
    if target.what == "calendar":
        rules.calendar_named(target.name)
    elif target.name not in rules.published_names:
        raise NotFound(kind="policy", id=target.name)


def _move(product: Product, history: History, target: Target, at: datetime) -> Move | None:
    rules, timers = product.rules, settled(running_timers(history.timer_events), at)
    if target.what == "policy":
        case = circumstances(history.facts, history.market)
        events = moved_to_policy(timers, rules, case, at, target.name)
    else:
        events = moved_to_calendar(timers, rules, at, rules.calendar_named(target.name))
    moved = [one.timer for e in events if isinstance(e, SlaTimersRetargeted) for one in e.timers]
    ended = sum(len(e.timers) for e in events if isinstance(e, SlaTimersCancelled))
    if not (moved or ended):
        return None
    late = _late(timers, events, at)
    return Move(history.stream, history.version, len(moved), ended, len(late & set(moved)))


def _late(timers: Mapping[UUID, Timer], events: Sequence[TimerEvent], at: datetime) -> set[UUID]:
    """What a migration puts before now."""
    then = dict(timers)
    for event in events:
        fold(then, event)
    return {
        id
        for id, timer in then.items()
        if timer.deadline is not None and timer.deadline < at and not timer.ended
    }


def told(moves: Iterable[Move], target: Target) -> str:
    """In one line."""
    known = list(moves)
    moved, late, ended = (
        sum(move.moved for move in known),
        sum(move.would_breach for move in known),
        sum(move.ended for move in known),
    )
    says = f"to {target.name}: {moved:,} move, {late:,} would breach"
    if ended:
        says += f", {ended:,} would end, for it does not make them"
    return f"{says} ({len(known):,} cases)"
