"""Importing again: after the end, after a kill, after an erasure, next to another import."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.imports.run import Progress, import_file
from tests.commands.erasing import erase
from tests.imports.office import DEMO, Office, demo
from tests.imports.test_conversations import ASKED, comment
from tests.imports.test_incidents import row
from tests.imports.test_retail import LINE

PROGRAM = Path(__file__).with_name("other_import.py")


@pytest.mark.parametrize("kind", DEMO)
def test_a_second_import_adds_nothing(office: Office, kind: str) -> None:
    path = office.sample(kind, 300)
    first = import_file(office.product, kind, path)
    before = office.events()[-1].header.position
    second = import_file(office.product, kind, path)
    assert office.events()[-1].header.position == before
    assert (second.recorded, second.extended, second.events) == (0, 0, 0)
    assert (second.unchanged, second.rejected) == (first.recorded, first.rejected)


def test_later_rows_of_a_case_are_added_to_it(office: Office) -> None:
    rows = [row(1, "New", "01:23"), row(2, "Active", "02:00"), row(3, "Closed", "03:00")]
    office.take("incidents", rows[:1])
    report = office.take("incidents", rows)
    assert (report.recorded, report.extended, report.customers) == (0, 1, 0)
    refs = [r.header.source_ref for r in office.events() if r.header.kind == "ticket"]
    assert list(dict.fromkeys(refs)) == [f"incidents:INC1{n}" for n in ("", ":1", ":2", ":3")]


def test_later_comments_are_added_and_earlier_ones_not_repeated(office: Office) -> None:
    office.take("conversations", [ASKED])
    report = office.take("conversations", [ASKED, comment(1, "06:00:00", "assignee", "a")])
    assert report.extended == 1
    assert len(office.events("InquiryReceived", "FirstResponseSent")) == 2


def test_what_was_closed_elsewhere_may_be_opened_there_again(office: Office) -> None:
    rows = [row(1, "New", "01:23"), row(2, "Closed", "02:00"), row(3, "Active", "03:00")]
    office.take("incidents", rows[:2])
    assert office.take("incidents", rows).extended == 1
    assert office.events()[-1].header.type == "TicketWorkStarted"
    assert len(office.events("TicketReopened")) == 1


def test_a_row_that_comes_when_later_ones_are_on_record_is_refused(office: Office) -> None:
    rows = [row(1, "New", "01:23"), row(2, "Resolved", "02:00"), row(3, "Closed", "03:00")]
    office.take("incidents", [rows[0], rows[2]])
    report = office.take("incidents", [*rows, row(4, "Active", "04:00")])
    assert office.rejects(report) == [(3, "row_out_of_order")]
    assert (report.extended, len(office.events("TicketReopened"))) == (1, 1)


def test_a_comment_that_comes_when_later_ones_are_on_record_is_refused(office: Office) -> None:
    rows = [ASKED, comment(1, "06:00:00", "assignee", "a"), comment(2, "07:00:00", "others", "b")]
    office.take("conversations", [rows[0], rows[2]])
    assert office.rejects(office.take("conversations", rows)) == [(3, "row_out_of_order")]


def test_an_enquiry_that_was_only_noted_first_is_heard_later(office: Office) -> None:
    noted = comment(0, "05:00:00", "assignee", "a", private=True)
    asked = ASKED | {"comment_id": "71", "comment_seq": "1"}
    office.take("conversations", [noted | {"author": "r1"}])
    office.take("conversations", [noted | {"author": "r1"}, asked | {"author": "r1"}])
    assert office.events()[-1].header.source_ref == "conversations:7:71"


@pytest.mark.clause("CB-15.2b")
def test_rows_about_somebody_erased_are_refused_and_the_rest_goes_in(office: Office) -> None:
    office.take("retail", [LINE])
    (registered,) = office.events("CustomerRegistered")
    erase(office.product, registered.header.subject)
    other = LINE | {"invoice_no": "3", "customer_id": "13086"}
    report = office.take("retail", [LINE, LINE | {"invoice_no": "2"}, other])
    assert sorted(office.rejects(report)) == [(2, "customer_erased"), (3, "customer_erased")]
    assert report.recorded == 1


def test_facts_carry_the_run_the_importer_and_their_source_row(office: Office) -> None:
    report = office.take("retail", [LINE])
    headers = [r.header for r in office.events()]
    assert {h.correlation for h in headers} == {report.run}
    assert {h.role for h in headers} == {"importer"}
    assert headers[-1].source_ref == "retail:489434"
    assert headers[-1].actor.startswith("cli:")


def test_progress_tells_both_stages_with_rate_and_time_left(office: Office) -> None:
    told: list[Progress] = []
    import_file(office.product, "complaints", demo("complaints"), told.append)
    assert {progress.stage for progress in told} <= {"reading", "recording"}
    last = told[-1]
    assert last.stage == "recording"
    assert 0 < last.done <= last.total
    assert last.rate > 0 and last.seconds_left is not None and last.seconds_left >= 0
