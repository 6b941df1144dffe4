"""Noting: one ordinary command for each stream in which something is due, many in one append.

A command's id comes from the first thing it notes, so two timekeepers send the same one, and a
stream's version lets in only one of two that decided on the same state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import structlog

from commands.catalogue import HANDLERS
from commands.command import Append, Command, Desk, History
from commands.timers.note_due import NoteDue
from domain.refusal import Refused
from domain.timer_events import SlaBreached, SlaEscalated, SlaWarningReached
from infra.dispatch import Caller, canonical
from infra.imports.known import histories
from infra.product import Product
from infra.record.batch import Outcome
from infra.record.group import append_through_races
from infra.record.view import RecordView
from infra.vault.sealing import Decided, Provenance

log = structlog.get_logger()
TIMEKEEPER = Caller("system:timekeeper", "system")
BREACH = "breach"


class Noted(NamedTuple):
    """`positions`: the last one of each stream in which something was noted, by whomever.
    `held` are streams of a run that is still open. Of the others in `nothing`, nothing was due or
    nothing can be noted; with those in `again` somebody else was faster."""

    positions: Mapping[UUID, int]
    held: Mapping[UUID, UUID]
    nothing: Sequence[UUID]
    again: Sequence[UUID]


@dataclass(frozen=True)
class Loaded:
    """The record where the histories that are asked for have been read in one go."""

    read: Mapping[UUID, History]
    view: RecordView

    def history(self, stream: UUID) -> History | None:
        return self.read.get(stream)

    def outside_name(self, source: str, external_id: str) -> bytes:
        return self.view.outside_name(source, external_id)

    def external(self, source: str, external_id: str) -> UUID | None:
        return self.view.external(source, external_id)


def note(product: Product, streams: Sequence[UUID], open_runs: frozenset[UUID]) -> Noted:
    """Notes what fell due in these streams. Raises psycopg's errors."""
    read = histories(product.record, streams)
    held = {stream: run for stream in streams if (run := _run_of(read.get(stream), open_runs))}
    desk = product.dispatcher.desk(TIMEKEEPER)
    loaded: Desk = replace(desk, record=Loaded(read, product.dispatcher.view))
    free = [stream for stream in streams if stream not in held]
    commands = {stream: NoteDue(case_id=stream) for stream in free}
    before = {stream: read[stream].events[-1].header.position for stream in free if stream in read}
    return _appended(product, loaded, commands, before)._replace(held=held)


def _appended(
    product: Product,
    desk: Desk,
    commands: Mapping[UUID, Command],
    before: Mapping[UUID, int],
) -> Noted:
    decided: dict[UUID, Decided] = {}
    for stream, command in commands.items():
        try:
            append = HANDLERS[type(command)](command, desk)
        except Refused as refusal:
            log.warning("timekeeper.refused", stream=str(stream), code=refusal.code)
            continue
        if append.writes:
            fingerprint = product.installation.fingerprint(canonical(command))
            id = _first_noted(append)
            provenance = Provenance(*TIMEKEEPER, command.PURPOSE, correlation=id)
            decided[stream] = Decided(id, fingerprint, provenance, append)
    submissions = product.dispatcher.sealer.seal(list(decided.values()))
    answers = append_through_races(product.record, submissions) if submissions else []
    positions: dict[UUID, int] = {}
    again, refused = [], []
    for stream, answer in zip(decided, answers, strict=True):
        if answer.positions and max(answer.positions) > before[stream]:
            positions[stream] = max(answer.positions)
        elif answer.outcome is Outcome.VERSION_CONFLICT:
            again.append(stream)
        else:
            log.warning("timekeeper.not_noted", stream=str(stream), outcome=answer.outcome.name)
            refused.append(stream)
    return Noted(
        positions=positions,
        held={},
        nothing=[*(stream for stream in commands if stream not in decided), *refused],
        again=again,
    )


def _first_noted(append: Append) -> UUID:
    """uuid5 of the timer, and of what is noted of it as of when. A timer is one cycle of a rule."""
    first: Any = append.writes[0].events[0]
    assert isinstance(first, SlaWarningReached | SlaBreached | SlaEscalated)
    milestone = BREACH if isinstance(first, SlaBreached) else first.milestone
    return uuid5(first.timer, f"{milestone} {first.at.isoformat()}")


def _run_of(history: History | None, open_runs: frozenset[UUID]) -> UUID | None:
    if history is None or not open_runs:
        return None
    correlations = (event.header.correlation for event in history.events)
    return next((id for id in correlations if id in open_runs), None)
