"""Service requests of a city (Boston 311) as tickets: one row is one case, opened and maybe closed.

Two layouts are known. Times are the wall clock of New York, ISO 8601 or `MM/DD/YYYY hh:mm:ss AM`;
what is missing is empty or NULL. When the city meant to be done, and what it said of that later,
are its answers: they are no facts and not recorded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from commands.command import History
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.event import Event
from domain.outside import outside_id
from domain.terms import Channel, CollectionSource, CustomerKind, Market
from domain.ticket.events import InquiryReceived
from domain.ticket.evolve import evolve
from domain.ticket.foreign import Phase, SourceRow, follow
from domain.ticket.ticket import receive
from infra.imports.case import Case, Fields, Person, Source, Standing, Verdict, recorded_refs
from infra.imports.problem import RowProblem
from infra.imports.reading import Row, Table
from infra.imports.spool import Placed
from infra.imports.values import Moment, number_of, required, wall_clock

SOURCE = "requests"
ZONE = ZoneInfo("America/New_York")
MARKET: Market = "US"
ISO_LAYOUT = (
    "case_enquiry_id", "open_dt", "closed_dt", "type", "source", "case_status", "target_dt",
    "ontime",
)  # fmt: skip
RAW_LAYOUT = (
    "CASE_ENQUIRY_ID", "OPEN_DT", "CLOSED_DT", "TYPE", "Source", "CASE_STATUS", "TARGET_DT",
    "OnTime_Status",
)  # fmt: skip
CHANNELS = {
    "Constituent Call": Channel.PHONE,
    "Self Service": Channel.SELF_SERVICE,
    "Citizens Connect App": Channel.SELF_SERVICE,
    "Twitter": Channel.SOCIAL_MEDIA,
}
ANYBODY = "the public"
"""Nobody knows who asked, so nobody is told apart."""
_AMERICAN = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d) ([AP])M")
_NOON = 12


class Answer(NamedTuple):
    """What the city says of a case, in UTC. `oddity`: why its target alone named no instant.

    `verdict` is ONTIME, OVERDUE or empty, `state` Open or Closed."""

    number: str
    type: str
    closed: bool
    target: datetime | None
    verdict: str
    oddity: str | None = None
    state: str = ""


def local(column: str, text: str) -> Moment | None:
    """None for a missing one. Raises RowProblem."""
    if text in ("", "NULL"):
        return None
    if found := _AMERICAN.fullmatch(text):
        month, day, year, hour, minute, second, half = found.groups()
        if not 1 <= int(hour) <= _NOON:
            raise RowProblem("bad_date", f"{column} is no date and time: {text!r}")
        hour = f"{int(hour) % _NOON + (_NOON if half == 'P' else 0):02d}"
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    return wall_clock(column, text, ZONE)


def place_row(fields: Fields) -> Placed:
    number, opened, closed, type_, *_ = fields
    number_of("case_enquiry_id", number)
    required("type", type_)
    began = local("open_dt", opened)
    if began is None:
        raise RowProblem("missing_value", "open_dt is empty")
    ended = local("closed_dt", closed) or began
    return Placed(number, 0, began.at, max(began.at, ended.at))


def case_of(number: str, rows: Sequence[Row], notes: Counter[str]) -> Case:
    _, opened, closed, type_, source, state, *_ = rows[0].fields
    began, ended = local("open_dt", opened), local("closed_dt", closed)
    assert began is not None, "a row without one has no place"
    for moment in (began, ended):
        if moment is not None and moment.oddity is not None:
            notes[moment.oddity] += 1
    if ended is not None and ended.at < began.at:
        notes["closed before they were opened"] += 1
    if (ended is not None) != (state == "Closed"):
        notes["closed by their state or by their time, not by both"] += 1

    def decide(standing: Standing, history: History | None) -> Verdict:
        received = InquiryReceived(
            customer=standing.customer,
            channel=CHANNELS.get(source, Channel.OTHER),
            market=standing.market,
            tier=standing.tier,
            category=type_,
            source=SOURCE,
            number=number,
            at=began.at,
        )
        known = recorded_refs(history)
        ref = f"{SOURCE}:{number}"
        facts: list[Event] = [*receive(None, received)] if ref not in known else []
        if ended is not None and f"{ref}:closed" not in known:
            row = SourceRow(state=state or "Closed", phase=Phase.CLOSED)
            facts += follow(evolve(None, received), row, at=ended.at)
        refs = [ref if isinstance(fact, InquiryReceived) else f"{ref}:closed" for fact in facts]
        return Verdict(facts, refs)

    registered = CustomerRegistered(
        kind=CustomerKind.ANONYMOUS,
        collection_source=CollectionSource.SERVICE_CONVERSATION,
        source=SOURCE,
        market=MARKET,
        profile=Profile(),
        at=began.at,
    )
    return Case(
        number=number,
        kind="ticket",
        stream=outside_id("ticket", SOURCE, number),
        person=Person(ANYBODY, registered),
        rows=rows,
        decide=decide,
    )


def source_of(layout: Sequence[str]) -> Source:
    return Source(
        name=SOURCE,
        columns=tuple(layout),
        assumptions="times are the wall clock of New York; nobody knows who asked",
        purpose="dpv:CustomerCare",
        place=place_row,
        case=case_of,
    )


def answers_in(path: Path, layout: Sequence[str]) -> Iterator[Answer]:
    """Of every row that is a case; a target that is no time is none."""
    with closing(Table(path, layout)) as table:
        pick = table.pick(layout)
        for row in table.rows():
            if not isinstance(row, Row):
                continue
            fields = pick(row.fields)
            number, _, closed, type_, _, state, target, verdict = fields
            try:
                place_row(fields)
            except RowProblem:
                continue  # It was rejected, and that was told.
            try:
                at, oddity = local("target_dt", target) or (None, None)
            except RowProblem:
                at, oddity = None, "no time"
            verdict = "" if verdict == "NULL" else verdict
            done = local("closed_dt", closed) is not None
            yield Answer(number, type_, done, at, verdict, oddity, state)
