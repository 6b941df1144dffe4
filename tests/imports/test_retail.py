"""What the lines of a shop come to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.order.events import LineKind, OrderCancelled, OrderPlaced
from tests.imports.office import Office

LINE = {
    "invoice_no": "489434",
    "line_no": "1",
    "kind": "sale",
    "invoice_ts": "2009-12-01T07:45:00",
    "customer_id": "13085",
    "country": "United Kingdom",
    "stock_code": "85048",
    "quantity": "12",
    "unit_price_gbp": "6.95",
}


def order(office: Office) -> OrderPlaced:
    (recorded,) = office.events("OrderPlaced")
    assert isinstance(recorded.event, OrderPlaced)
    return recorded.event


def test_an_invoice_is_one_order_however_its_lines_are_scattered(office: Office) -> None:
    other = LINE | {"invoice_no": "489435", "customer_id": "13086"}
    report = office.take("retail", [LINE, other, LINE | {"line_no": "2", "quantity": "1"}])
    first, second = office.events("OrderPlaced")
    assert isinstance(first.event, OrderPlaced)
    assert [line.quantity for line in first.event.lines] == [12, 1]
    assert (first.event.amount, first.event.number) == (Decimal("90.35"), "489434")
    assert (report.recorded, report.customers, report.rejected) == (2, 2, 0)
    assert second.header.source_ref == "retail:489435"


def test_exact_duplicates_are_lines_and_case_makes_another_stock_code(office: Office) -> None:
    office.take(
        "retail",
        [
            LINE,
            LINE | {"line_no": "2"},
            LINE | {"line_no": "3", "stock_code": "85048a"},
            LINE | {"line_no": "4", "stock_code": "85048A", "unit_price_gbp": "0.001"},
        ],
    )
    lines = order(office).lines
    assert [line.stock_code for line in lines] == ["85048", "85048", "85048a", "85048A"]
    assert order(office).amount == Decimal("250.212")


def test_the_earlier_of_two_times_counts_and_london_is_an_hour_ahead_in_summer(
    office: Office,
) -> None:
    report = office.take(
        "retail",
        [
            LINE | {"invoice_ts": "2010-07-01T10:01:00"},
            LINE | {"invoice_ts": "2010-07-01T10:00:00", "line_no": "2"},
        ],
    )
    assert order(office).at == datetime(2010, 7, 1, 9, tzinfo=UTC)
    assert report.notes["invoices with two times, the earlier taken"] == 1


@pytest.mark.parametrize(
    ("wall", "instant", "note"),
    [
        ("2010-10-31T01:30:00", datetime(2010, 10, 31, 0, 30, tzinfo=UTC), "shown twice"),
        ("2010-03-28T01:30:00", datetime(2010, 3, 28, 1, 0, tzinfo=UTC), "skipped"),
    ],
)
def test_a_wall_clock_that_is_no_one_instant_is_reported(
    office: Office, wall: str, instant: datetime, note: str
) -> None:
    report = office.take("retail", [LINE | {"invoice_ts": wall}])
    assert order(office).at == instant
    assert [note in said for said in report.notes] == [True]


def test_a_guest_is_another_customer_on_every_invoice_and_has_no_key(office: Office) -> None:
    guest = LINE | {"customer_id": ""}
    office.take("retail", [guest, guest | {"invoice_no": "489435"}])
    registered = office.events("CustomerRegistered")
    assert len({r.header.subject for r in registered}) == 2
    assert office.events("SubjectKeyCreated") == []
    assert [o.header.subject for o in office.events("OrderPlaced")] == [
        r.header.subject for r in registered
    ]


def test_a_customer_keeps_the_country_of_their_first_invoice(office: Office) -> None:
    office.take(
        "retail",
        [
            LINE | {"invoice_no": "2", "country": "EIRE", "invoice_ts": "2010-01-02T10:00:00"},
            LINE | {"invoice_no": "1", "country": "Belgium", "invoice_ts": "2010-01-01T10:00:00"},
        ],
    )
    (registered,) = office.events("CustomerRegistered")
    orders = [r.event for r in office.events("OrderPlaced")]
    assert registered.header.market == "BE"
    assert [o.country for o in orders if isinstance(o, OrderPlaced)] == ["BE", "IE"]


def test_bad_debt_and_stock_written_off_are_left_out_and_listed(office: Office) -> None:
    report = office.take(
        "retail",
        [
            LINE | {"kind": "adjust", "invoice_no": "A1", "unit_price_gbp": "-11062.06"},
            LINE | {"invoice_no": "2", "quantity": "-5", "unit_price_gbp": "0", "customer_id": ""},
        ],
    )
    assert office.events() == []
    assert dict(report.left_out) == {"adjustment": 1, "write_off": 1}
    assert report.left_out_file is not None
    assert len(report.left_out_file.read_text().splitlines()) == 3


def test_a_cancellation_takes_back_what_its_signs_say(office: Office) -> None:
    cancel = LINE | {"kind": "cancel", "invoice_no": "C1", "quantity": "-2"}
    odd = cancel | {"invoice_no": "C2", "quantity": "1", "unit_price_gbp": "373.57"}
    office.take("retail", [LINE, cancel, odd])
    amounts = [
        r.event.amount
        for r in office.events("OrderCancelled")
        if isinstance(r.event, OrderCancelled)
    ]
    assert amounts == [Decimal("13.90"), Decimal("-373.57")]


def test_a_line_without_a_price_is_free(office: Office) -> None:
    office.take("retail", [LINE, LINE | {"line_no": "2", "unit_price_gbp": "0"}])
    assert [line.kind for line in order(office).lines] == [LineKind.PURCHASE, LineKind.FREE]


def test_lines_that_disagree_about_the_customer_cost_the_whole_invoice(office: Office) -> None:
    report = office.take("retail", [LINE, LINE | {"line_no": "2", "customer_id": "13086"}])
    assert office.rejects(report) == [(2, "lines_disagree"), (3, "lines_disagree")]
    assert office.events() == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            [LINE | {"quantity": "13"}],
            "its line 1 says 13 of 85048 at 6.95, on record is 12 of 85048 at 6.95",
        ),
        ([LINE, LINE | {"line_no": "2"}], "it has 2 lines, on record are 1"),
        (
            [LINE | {"invoice_ts": "2009-12-01T07:46:00"}],
            "at is 2009-12-01 07:46:00+00:00, on record is 2009-12-01 07:45:00+00:00",
        ),
        ([LINE | {"kind": "cancel"}], "on record it is of another kind"),
    ],
)
def test_an_invoice_that_says_something_else_now_is_refused_with_the_difference(
    office: Office, lines: list[dict[str, str]], reason: str
) -> None:
    office.take("retail", [LINE])
    report = office.take("retail", [*lines, LINE | {"invoice_no": "2"}])
    assert {code for _, code in office.rejects(report)} == {"document_already_recorded"}
    assert office.reasons(report) == [reason] * len(lines)
    assert (report.recorded, len(office.events("OrderPlaced"))) == (1, 2)
