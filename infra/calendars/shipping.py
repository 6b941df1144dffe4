"""The calendars that come with the product: published once, when a record begins.

That publication says that it was shipped, and carries no approval by a person. A release that
brings a later version only drafts it: what is in force changes by a decision, not by an upgrade.
The files are read for this and for nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from importlib.resources import files
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import structlog

from commands.calendar.record import KIND, REGISTER_KIND, find, written
from commands.command import Append, Desk, Write
from domain.calendar.assignment import REGISTER
from domain.calendar.calendar import ServiceCalendar, calendar_stream, evolve
from domain.calendar.events import ServiceCalendarAssigned
from domain.calendar.reading import read_content
from domain.when import When
from infra.dispatch import Caller, Dispatcher
from infra.record.batch import Outcome
from infra.record.group import GroupCommit
from infra.record.postgres import PostgresRecord
from infra.vault.sealing import Decided, Provenance

log = structlog.get_logger()
SHIPPER = Caller("dossier", "system")
PURPOSE = "dpv:ServiceProvision"
STATES = ("bb", "be", "bw", "by", "hb", "he", "hh", "mv", "ni", "nw", "rp", "sh", "sl", "sn", "st")
SHIPPED: Mapping[str, int] = {
    "cn": 1, "de": 1, "gb": 1, "hk": 1, "il": 1, "jp": 1, "us": 1, "us-statutory": 1,
    **{f"de-{state}": 1 for state in (*STATES, "th")},
}  # fmt: skip
"""The version of each, as its file has it."""
_SHIPPING = UUID("0b8f5c6e-57f1-5f0d-8c6b-3f1c52a7d9e4")


class Release(NamedTuple):
    """The calendars that a release brings: their versions, and how to read the file of one."""

    versions: Mapping[str, int]
    read: Callable[[str], Mapping[str, Any]]


def ship(dispatcher: Dispatcher, record: PostgresRecord, release: Release | None = None) -> None:
    """Records what has never been recorded here; None: what this release brings. Safe to be done by
    several processes at once."""
    brought = release or Release(SHIPPED, shipped_file)
    known = _known(record, brought)
    if REGISTER not in known:
        desk = dispatcher.desk(SHIPPER, purpose=PURPOSE)
        _record(dispatcher, "first", list(_first_publication(desk, brought)))
        return
    for id, version in brought.versions.items():
        if version == 1 and calendar_stream(id) in known:
            continue
        if writes := _draft(dispatcher.desk(SHIPPER, purpose=PURPOSE), id, version, brought):
            _record(dispatcher, f"{id}@{version}", writes)
            log.info("calendar.drafted", calendar=id, version=version)


def _known(record: PostgresRecord, release: Release) -> set[UUID]:
    """Which of the calendars that ship, and of the register, have been recorded."""
    wanted = [REGISTER, *(calendar_stream(id) for id in release.versions)]
    with record.connection() as connection:
        rows = connection.execute("SELECT stream FROM es.streams WHERE stream = ANY(%s)", (wanted,))
        return {row[0] for row in rows}


def shipped_file(id: str) -> Mapping[str, Any]:
    """The parsed file of a calendar that ships."""
    text = files("domain.calendar").joinpath(f"{id}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _first_publication(desk: Desk, release: Release) -> Iterator[Write]:
    made: list[ServiceCalendarAssigned] = []
    when: When = {"at": desk.now}
    for id, version in release.versions.items():
        file = release.read(id)
        new = ServiceCalendar(id=id)
        drafted = new.make_draft(read_content(file), version, by=desk.actor, **when)
        ready = reduce(evolve, drafted, new)
        published = ready.publish(version, by=desk.actor, shipped=True, **when)
        stream = calendar_stream(id)
        yield desk.begin(KIND, stream, stream, [*drafted, *published])
        if "market" in file:
            market, _, kind = file["market"].partition(":")
            made.append(
                ServiceCalendarAssigned(
                    market=market,
                    channel=None,
                    team=None,
                    kind=kind or None,
                    calendar=id,
                    version=version,
                    from_day=None,
                    assigned_by=desk.actor,
                    **when,
                )
            )
    yield desk.begin(REGISTER_KIND, REGISTER, REGISTER, made)


def _draft(desk: Desk, id: str, version: int, release: Release) -> list[Write]:
    """The write of a draft, unless this version was drafted or published before."""
    history, calendar = find(desk, id)
    drafted = 0 if calendar.draft is None else calendar.draft.version
    if version < calendar.next_version or version <= drafted:
        return []
    content = read_content(release.read(id))
    if calendar.latest is not None and calendar.latest.published.digest == content.digest:
        return []
    events = calendar.make_draft(content, version, by=desk.actor, at=desk.now)
    return [written(desk, history, id, events)]


def _record(dispatcher: Dispatcher, what: str, writes: list[Write]) -> None:
    """Where another process was faster, its work is as good."""
    command_id = uuid5(_SHIPPING, what)
    provenance = Provenance(
        actor=SHIPPER.actor, role=SHIPPER.role, purpose=PURPOSE, correlation=command_id
    )
    append = Append(writes=writes, ids={})
    (submission,) = dispatcher.sealer.seal([Decided(command_id, None, provenance, append)])
    answer = GroupCommit(dispatcher.record).append(submission)
    assert answer.outcome in (Outcome.RECORDED, Outcome.ALREADY_PROCESSED, Outcome.VERSION_CONFLICT)
