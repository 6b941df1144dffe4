"""What an audit log comes to: in its own order, by its states, never by its last word."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.ticket.events import TicketAttributesNoted
from tests.imports.office import Office

ROW = {
    "number": "INC1",
    "event_seq": "1",
    "incident_state": "New",
    "caller_id": "Caller 1",
    "opened_at": "2016-02-29T01:16",
    "sys_updated_at": "2016-02-29T01:23",
    "contact_type": "Phone",
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "priority": "3 - Moderate",
    "resolved_at": "2016-02-29T11:29",
    "closed_at": "2016-03-05T12:00",
}


def row(sequence: int, state: str, time: str, **more: str) -> dict[str, str]:
    return ROW | {
        "event_seq": str(sequence),
        "incident_state": state,
        "sys_updated_at": f"2016-02-29T{time}",
        **more,
    }


def types(office: Office) -> list[str]:
    ignored = ("CustomerRegistered", "SubjectKeyCreated", "TicketAttributesNoted")
    return [
        r.header.type
        for r in office.events()
        if r.header.type not in ignored and not r.header.type.startswith("Sla")
    ]


def test_rows_are_followed_in_the_order_of_the_source_not_of_their_times(office: Office) -> None:
    office.take(
        "incidents",
        [row(3, "Closed", "02:00"), row(1, "New", "01:23"), row(2, "Resolved", "02:30")],
    )
    assert types(office) == [
        "InquiryReceived",
        "TicketStateNoted",
        "TicketResolved",
        "TicketClosed",
    ]


def test_all_rows_of_a_case_with_its_promises_are_one_append(office: Office) -> None:
    rows = [row(1, "New", "02:00"), row(2, "Active", "03:00"), row(3, "Closed", "04:00")]
    office.take("incidents", [*rows, *(ROW | r | {"number": "INC2"} for r in rows)])
    commands: dict[object, set[object]] = {}
    for recorded in office.events():
        if recorded.header.kind == "ticket":
            commands.setdefault(recorded.header.stream, set()).add(recorded.header.command_id)
    assert [len(ids) for ids in commands.values()] == [1, 1]
    assert len(set.union(*commands.values())) == 2


def test_leaving_resolved_reopens_whatever_the_counter_says(office: Office) -> None:
    office.take(
        "incidents",
        [row(1, "Resolved", "02:00"), row(2, "Active", "03:00"), row(3, "Resolved", "04:00")],
    )
    assert "TicketReopened" in types(office)


def test_what_was_known_at_the_end_is_not_noted_before(office: Office) -> None:
    office.take("incidents", [row(1, "New", "01:23"), row(2, "Closed", "02:00")])
    noted = {
        r.header.source_ref: r.event.attributes
        for r in office.events("TicketAttributesNoted")
        if isinstance(r.event, TicketAttributesNoted)
    }
    assert "closed_at" not in noted.get("incidents:INC1:1", {})
    assert noted["incidents:INC1:2"]["closed_at"] == "2016-03-05T12:00"


def test_an_unknown_state_neither_resolves_nor_reopens(office: Office) -> None:
    report = office.take("incidents", [row(1, "Resolved", "02:00"), row(2, "-100", "03:00")])
    assert types(office) == ["InquiryReceived", "TicketResolved", "TicketStateNoted"]
    assert report.notes["rows in a state nobody knows"] == 1


def test_times_are_known_to_the_minute_and_taken_as_utc(office: Office) -> None:
    office.take("incidents", [ROW])
    (opened,) = office.events("InquiryReceived")
    assert opened.header.at == datetime(2016, 2, 29, 1, 16, tzinfo=UTC)
    assert opened.header.at_precision == "minute"
    with office.product.record.connection() as connection:
        (assumed,) = connection.execute("SELECT assumptions FROM ref.import_run").fetchone() or (
            "",
        )
    assert "zone is not known" in assumed


def test_without_a_caller_the_ticket_belongs_to_somebody_anonymous(office: Office) -> None:
    office.take("incidents", [ROW | {"caller_id": ""}])
    (registered,) = office.events("CustomerRegistered")
    assert "anonymous" in str(registered.event.__dict__["kind"])
