"""Invoice lines of a shop, as orders: one per invoice, or a cancellation where the number says so.

The file keeps wall-clock time in London and amounts in pounds. Lines of an invoice lie scattered,
some invoices carry two times; a line that repeats another is a line of its own. Bad debt and stock
written off are no orders.

A document on record is a fact. An invoice that a later file tells otherwise is refused, every line
of it, with the first difference; a shop that corrects an invoice issues another document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields as fields_of_class
from functools import partial
from zoneinfo import ZoneInfo

from commands.command import History
from commands.order.lines import folded
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.event import Precision
from domain.order.events import OrderEvent, OrderLine
from domain.order.order import DocumentAlreadyRecorded, cancel, order_id, place, sale_line
from domain.terms import CollectionSource, CustomerKind
from infra.imports.case import Case, Fields, LeftOut, Person, Source, Standing, Verdict
from infra.imports.countries import COUNTRIES
from infra.imports.problem import RowProblem
from infra.imports.reading import Row
from infra.imports.spool import Placed
from infra.imports.values import (
    integer,
    money,
    number_of,
    one_of,
    optional,
    required,
    short,
    wall_clock,
)

SOURCE, CURRENCY, ZONE = "retail", "GBP", ZoneInfo("Europe/London")
COLUMNS = (
    "invoice_no",
    "line_no",
    "kind",
    "invoice_ts",
    "customer_id",
    "country",
    "stock_code",
    "quantity",
    "unit_price_gbp",
)
KINDS = frozenset({"sale", "cancel", "adjust"})
TWO_TIMES = "invoices with two times, the earlier taken"


def place_row(fields: Fields) -> Placed:
    number, line, kind, time, customer, country, stock_code, quantity, price = fields
    number_of("invoice_no", number)
    one_of("kind", kind, KINDS)
    optional("customer_id", customer)
    short("country", country)
    required("stock_code", stock_code, 50)
    if abs(integer("quantity", quantity)) >= 10**7:
        raise RowProblem("bad_number", f"quantity is out of range: {quantity}")
    money("unit_price_gbp", price)
    at = wall_clock("invoice_ts", time, ZONE).at
    return Placed(number, integer("line_no", line), at, at)


def case_of(number: str, rows: Sequence[Row], notes: Counter[str]) -> Case | LeftOut:
    """RowProblem if the lines disagree about what an invoice has one of."""
    _, _, kind, _, customer, country, *_ = rows[0].fields
    for row in rows:
        if (row.fields[2], row.fields[4], row.fields[5]) != (kind, customer, country):
            raise RowProblem(
                "lines_disagree", f"lines of {number} differ in kind, customer or country"
            )
    lines = tuple(_line(row.fields) for row in rows)
    if kind == "adjust":
        return LeftOut("adjustment", "bad debt, not an order", rows)
    if kind == "sale" and all(line.quantity <= 0 for line in lines):
        return LeftOut("write_off", "stock written off, not an order", rows)
    moments = {wall_clock("invoice_ts", row.fields[3], ZONE) for row in rows}
    moment = min(moments)
    if len(moments) > 1:
        notes[TWO_TIMES] += 1
    if moment.oddity:
        notes[moment.oddity] += 1
    if country not in COUNTRIES:
        notes["countries not known, left empty"] += 1
    code = COUNTRIES.get(country)
    decide_document = place if kind == "sale" else cancel

    def decide(standing: Standing, history: History | None) -> Verdict:
        found = None if history is None else folded(history)
        document = partial(
            decide_document,
            lines=lines,
            customer=standing.customer,
            source=SOURCE,
            number=number,
            currency=CURRENCY,
            country=code,
            at=moment.at,
            at_precision=Precision.MINUTE,
        )
        try:
            facts = document(found)
        except DocumentAlreadyRecorded as refusal:
            assert found is not None, "only what is on record can be on record already"
            (now,) = document(None)
            raise RowProblem(refusal.code, difference(found.document, now)) from None
        return Verdict(facts, [f"{SOURCE}:{number}"] * len(facts))

    registered = CustomerRegistered(
        kind=CustomerKind.PERSON if customer else CustomerKind.GUEST,
        market=code,
        collection_source=CollectionSource.PLATFORM_BACKEND,
        source=SOURCE,
        country=code,
        profile=Profile(),
        at=moment.at,
        at_precision=Precision.MINUTE,
    )
    return Case(
        number=number,
        kind="order",
        stream=order_id(SOURCE, number),
        person=Person(customer or None, registered),
        rows=rows,
        decide=decide,
    )


def difference(held: OrderEvent, told: OrderEvent) -> str:
    """In words, what a document on record and the same document in the file disagree about."""
    if type(held) is not type(told):
        return "on record it is of another kind"
    for field in fields_of_class(held):
        before, now = getattr(held, field.name), getattr(told, field.name)
        if before == now:
            continue
        if field.name != "lines":
            return f"{field.name} is {now}, on record is {before}"
        if len(before) != len(now):
            return f"it has {len(now)} lines, on record are {len(before)}"
        place, pair = next(
            (n, pair)
            for n, pair in enumerate(zip(before, now, strict=True), 1)
            if pair[0] != pair[1]
        )
        was, says = (f"{one.quantity} of {one.stock_code} at {one.unit_price}" for one in pair)
        return f"its line {place} says {says}, on record is {was}"
    return "it says the same"


def _line(fields: Fields) -> OrderLine:
    *_, stock_code, quantity, price = fields
    return sale_line(stock_code, integer("quantity", quantity), money("unit_price_gbp", price))


RETAIL = Source(
    name=SOURCE,
    columns=COLUMNS,
    assumptions="times are wall-clock times in Europe/London, known to the minute; amounts are GBP",
    purpose="dpv:ServiceProvision",
    place=place_row,
    case=case_of,
)
