"""What a row of the complaint file comes to: days only, an anonymous complainant, no clocks."""

from __future__ import annotations

import pytest

from domain.complaint.events import (
    ComplaintAttributesNoted,
    ComplaintOutcomeCommunicated,
    ComplaintReceived,
)
from tests.imports.office import Office

ROW = {
    "complaint_id": "130785",
    "date_received": "2012-08-06",
    "date_sent_to_company": "2012-08-07",
    "product": "Credit card",
    "issue": "Other",
    "company": "CITIBANK, N.A.",
    "state": "MO",
    "zip_code": "63017",
    "submitted_via": "Phone",
    "tags": "Older American, Servicemember",
    "consumer_consent_provided": "Consent provided",
    "company_response_to_consumer": "Closed with monetary relief",
    "timely_response": "Yes",
    "consumer_disputed": "No",
    "consumer_complaint_narrative": "They never answered.",
}


def types(office: Office) -> list[str]:
    ignored = ("CustomerRegistered", "SubjectKeyCreated")
    return [r.header.type for r in office.events() if r.header.type not in ignored]


def test_a_complaint_goes_its_way_by_days_and_starts_no_clock(office: Office) -> None:
    office.take("complaints", [ROW])
    assert types(office) == [
        "ComplaintReceived",
        "ComplaintPublicationConsentRecorded",
        "ComplaintReferred",
        "ComplaintResolved",
        "ComplaintOutcomeCommunicated",
        "ComplaintClosed",
    ]
    assert {r.header.at_precision for r in office.events("ComplaintReceived")} == {"day"}


def test_a_disputed_answer_reopens_the_complaint(office: Office) -> None:
    office.take("complaints", [ROW | {"consumer_disputed": "Yes"}])
    assert types(office)[-1] == "ComplaintReopened"


def test_an_answer_still_to_come_solves_nothing(office: Office) -> None:
    office.take("complaints", [ROW | {"company_response_to_consumer": "In progress"}])
    assert types(office)[-1] == "ComplaintOutcomeCommunicated"


def test_what_a_person_wrote_and_where_they_live_is_sealed(office: Office) -> None:
    office.take("complaints", [ROW])
    bodies = b"".join(r.body or b"" for r in office.events())
    assert b"never answered" not in bodies
    assert b"63017" not in bodies
    (received,) = office.events("ComplaintReceived")
    assert isinstance(received.event, ComplaintReceived)
    assert received.event.vulnerability == ("older_american", "servicemember")


def test_a_dispute_told_later_reopens_what_was_closed(office: Office) -> None:
    office.take("complaints", [ROW])
    later = ROW | {"consumer_disputed": "Yes"}
    report = office.take("complaints", [later])
    assert (report.extended, report.events, report.rejected) == (1, 1, 0)
    assert types(office)[-2:] == ["ComplaintClosed", "ComplaintReopened"]
    assert office.take("complaints", [later]).unchanged == 1


def test_what_a_later_file_tells_otherwise_is_recorded_again(office: Office) -> None:
    office.take("complaints", [ROW | {"company_response_to_consumer": "In progress"}])
    office.take("complaints", [ROW | {"consumer_consent_provided": "Consent withdrawn"}])
    assert types(office)[-5:] == [
        "ComplaintOutcomeCommunicated",
        "ComplaintPublicationConsentRecorded",
        "ComplaintResolved",
        "ComplaintOutcomeCommunicated",
        "ComplaintClosed",
    ]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("product", "Mortgage", "product is Mortgage, on record is Credit card"),
        ("date_received", "2012-08-05", "date_received is 2012-08-05 00:00:00"),
        ("consumer_complaint_narrative", "", "consumer_complaint_narrative: there is one"),
    ],
)
def test_another_account_of_what_was_received_is_refused_with_the_difference(
    office: Office, column: str, value: str, reason: str
) -> None:
    office.take("complaints", [ROW])
    report = office.take("complaints", [ROW | {column: value}])
    assert office.rejects(report) == [(2, "complaint_already_recorded")]
    assert reason in office.reasons(report)[0]


def test_what_the_file_notes_beside_is_noted_once_and_again_where_it_changes(
    office: Office,
) -> None:
    row = ROW | {"company_public_response": "Company chooses not to", "source_copy": "a"}
    office.take("complaints", [row])
    assert office.take("complaints", [row]).unchanged == 1
    office.take("complaints", [row | {"source_copy": "b"}])
    notes = [
        dict(r.event.attributes)
        for r in office.events("ComplaintAttributesNoted")
        if isinstance(r.event, ComplaintAttributesNoted)
    ]
    assert notes == [
        {"company_public_response": "Company chooses not to", "source_copy": "a"},
        {"source_copy": "b"},
    ]


def test_a_verdict_without_an_answer_is_kept(office: Office) -> None:
    office.take("complaints", [ROW | {"company_response_to_consumer": "", "company": ""}])
    (told,) = office.events("ComplaintOutcomeCommunicated")
    assert isinstance(told.event, ComplaintOutcomeCommunicated)
    assert (told.event.outcome, told.event.timely) == (None, True)
    assert "ComplaintReferred" in types(office) and "ComplaintResolved" not in types(office)


def test_an_answer_told_later_is_added(office: Office) -> None:
    office.take("complaints", [ROW | {"company_response_to_consumer": "", "timely_response": ""}])
    report = office.take("complaints", [ROW])
    assert (report.extended, report.rejected) == (1, 0)
    assert types(office)[-1] == "ComplaintClosed"
