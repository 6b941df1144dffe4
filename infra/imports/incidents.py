"""The audit log of an incident system, as tickets: one row per change, in the source's own order.

Times are known to the minute and order nothing. What the file repeats on every row though it was
known only at the end (when and how it was resolved and closed) is noted with the closing row.
Counters and verdicts of the source are noted as attributes; nothing is derived from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import cast

from commands.command import History
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.event import Event, Precision
from domain.outside import outside_id
from domain.terms import Channel, CollectionSource, CustomerKind, WaitingFor
from domain.ticket.events import InquiryReceived, TicketEvent
from domain.ticket.evolve import evolve
from domain.ticket.foreign import Phase, SourceRow, follow
from domain.ticket.ticket import Ticket, receive
from infra.imports.case import (
    Case,
    Fields,
    LeftOut,
    Person,
    Source,
    Standing,
    Verdict,
    came_late,
    late_rows,
    recorded_refs,
)
from infra.imports.reading import Row
from infra.imports.spool import Placed
from infra.imports.values import integer, number_of, optional, required, short, utc

SOURCE = "incidents"
CHANNELS = {
    "Phone": Channel.PHONE,
    "IVR": Channel.PHONE,
    "Email": Channel.EMAIL,
    "Self service": Channel.SELF_SERVICE,
}
PHASES: Mapping[str, tuple[Phase, WaitingFor | None]] = {
    "New": (Phase.NEW, None),
    "Active": (Phase.WORKING, None),
    "Awaiting User Info": (Phase.WAITING, WaitingFor.CUSTOMER),
    "Awaiting Vendor": (Phase.WAITING, WaitingFor.VENDOR),
    "Awaiting Problem": (Phase.WAITING, WaitingFor.PROBLEM),
    "Awaiting Evidence": (Phase.WAITING, WaitingFor.EVIDENCE),
    "Awaiting Change": (Phase.WAITING, WaitingFor.CHANGE),
    "Resolved": (Phase.RESOLVED, None),
    "Closed": (Phase.CLOSED, None),
}
ROW = (
    "number",
    "event_seq",
    "incident_state",
    "caller_id",
    "opened_at",
    "sys_updated_at",
    "contact_type",
    "category",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
)
ATTRIBUTES = (
    "active",
    "reassignment_count",
    "reopen_count",
    "sys_mod_count",
    "made_sla",
    "opened_by",
    "sys_created_by",
    "sys_created_at",
    "sys_updated_by",
    "location",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "knowledge",
    "u_priority_confirmation",
    "notify",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
)
FINAL = ("closed_code", "resolved_by", "resolved_at", "closed_at")
_ATTRIBUTES = slice(len(ROW), len(ROW) + len(ATTRIBUTES))
_FINAL = slice(_ATTRIBUTES.stop, _ATTRIBUTES.stop + len(FINAL))


def place_row(fields: Fields) -> Placed:
    number, sequence, state, caller, opened_at, updated_at, *_ = fields
    number_of("number", number)
    optional("caller_id", caller)
    required("incident_state", state)
    for column, value in zip(COLUMNS, fields, strict=True):
        short(column, value)
    began = utc("opened_at", opened_at)
    return Placed(number, integer("event_seq", sequence), began, utc("sys_updated_at", updated_at))


def case_of(number: str, rows: Sequence[Row], notes: Counter[str]) -> Case | LeftOut:
    first = rows[0].fields
    caller = first[3]
    callers = {row.fields[3] for row in rows}
    if len(callers) > 1:
        notes["tickets whose caller changed, the first taken"] += 1
    for row in rows:
        if row.fields[2] not in PHASES:
            notes["rows in a state nobody knows"] += 1
    opened_at = utc("opened_at", first[4])

    def decide(standing: Standing, history: History | None) -> Verdict:
        opened = InquiryReceived(
            customer=standing.customer,
            channel=CHANNELS.get(first[6], Channel.OTHER),
            market=standing.market,
            tier=standing.tier,
            category=first[7] or None,
            impact=first[8] or None,
            urgency=first[9] or None,
            priority=first[10] or None,
            source=SOURCE,
            number=number,
            at=opened_at,
            at_precision=Precision.MINUTE,
        )
        return followed(number, rows, opened, history)

    registered = CustomerRegistered(
        kind=CustomerKind.PERSON if caller else CustomerKind.ANONYMOUS,
        collection_source=CollectionSource.SERVICE_CONVERSATION,
        source=SOURCE,
        profile=Profile(),
        at=opened_at,
        at_precision=Precision.MINUTE,
    )
    return Case(
        number=number,
        kind="ticket",
        stream=outside_id("ticket", SOURCE, number),
        person=Person(caller or None, registered),
        rows=rows,
        decide=decide,
    )


def followed(
    number: str, rows: Sequence[Row], opened: InquiryReceived, history: History | None
) -> Verdict:
    """The facts of the rows that are not on record yet, in the source's order."""
    ticket: Ticket | None = None
    if history is not None:
        ticket = reduce(evolve, cast("list[TicketEvent]", history.facts), ticket)
    known = recorded_refs(history)
    facts: list[Event] = [*receive(ticket, opened)]
    refs = [f"{SOURCE}:{number}"] * len(facts)
    if history is not None:
        opened = cast("InquiryReceived", history.facts[0])
    ticket = ticket or evolve(None, opened)
    names = [f"{SOURCE}:{number}:{integer('event_seq', row.fields[1])}" for row in rows]
    late = late_rows(names, known)
    refused = []
    noted: dict[str, str] = {"category": opened.category or ""}
    for row, ref in zip(rows, names, strict=True):
        if ref in late:
            refused.append((row, came_late()))
            continue
        changed = _changes(noted, row.fields)
        noted |= changed
        if ref in known:
            continue
        at = utc("sys_updated_at", row.fields[5])
        for event in follow(
            ticket, source_row(row.fields, changed), at=at, at_precision=Precision.MINUTE
        ):
            facts.append(event)
            refs.append(ref)
            ticket = evolve(ticket, event)
    return Verdict(facts, refs, refused)


def source_row(fields: Fields, changed: Mapping[str, str]) -> SourceRow:
    phase, waiting_for = PHASES.get(fields[2], (Phase.UNKNOWN, None))
    return SourceRow(
        state=fields[2],
        phase=phase,
        waiting_for=waiting_for,
        impact=fields[8] or None,
        urgency=fields[9] or None,
        priority=fields[10] or None,
        group=fields[11] or None,
        owner=fields[12] or None,
        attributes=changed,
    )


def _changes(noted: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """The attributes this row has and the ones before had not; the final ones when it closes."""
    row = {"category": fields[7], **dict(zip(ATTRIBUTES, fields[_ATTRIBUTES], strict=True))}
    if fields[2] == "Closed":
        row |= zip(FINAL, fields[_FINAL], strict=True)
    return {name: value for name, value in row.items() if value != noted.get(name, "")}


COLUMNS = ROW + ATTRIBUTES + FINAL
INCIDENTS = Source(
    name=SOURCE,
    columns=COLUMNS,
    assumptions="the zone is not known: times are taken as UTC, known to the minute; rows are"
    " ordered by event_seq; resolved_at, closed_at, resolved_by and closed_code are final values"
    " and noted with the closing row",
    purpose="dpv:CustomerCare",
    place=place_row,
    case=case_of,
)
