"""Orders against the answers for the retail file: per customer as of a day, by country, by month.

Quartiles are the reference's: NTILE(4) over (value, customer id as text), 4 the best. Our own tiers
are thresholds and never come from here.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from infra.imports.countries import COUNTRIES
from infra.imports.known import outside_names
from infra.imports.reading import Row, Table
from infra.imports.retail import COLUMNS, SOURCE, TWO_TIMES, ZONE
from infra.imports.run import Report
from infra.product import Product
from infra.verify_data.comparison import Comparison, compare, compare_measures
from infra.verify_data.reference import Answers, Reference
from infra.verify_data.retail_lines import Cancellation, Lines, lines_of, wall_clock_of

AS_OF, CANCELLATIONS, IMPORT_COUNTS = (
    "retail_customer_asof",
    "retail_cancellations",
    "retail_import_counts",
)
FILES = (AS_OF, "retail_by_country", "retail_by_month", CANCELLATIONS, IMPORT_COUNTS)
COUNTED = (
    "lines_kind_sale",
    "lines_kind_cancel",
    "lines_kind_adjust",
    "lines_without_customer",
    "sale_lines_price_zero",
    "lines_price_negative",
    "sale_lines_quantity_negative",
    "cancel_lines_quantity_positive",
    "purchase_lines_with_customer",
)
WINDOW = timedelta(days=365)
NOUGHT = Decimal(0)


class Spoken(NamedTuple):
    """What the record does not say in clear: whom the ids of the file stand for (it holds them as
    keyed hashes), countries without a code, by the number of the document, and rows left out as no
    order."""

    ids: Mapping[str, UUID]
    nameless: Mapping[str, str]
    left_out: Sequence[Mapping[str, str]]


class Document(NamedTuple):
    """A row of `read.orders`, with the day it has in London. `bought`: it has purchase lines.

    `country` is the shop's name for it. Names without a code of their own are not on record: the
    file tells those by the number of the document."""

    customer: UUID
    guest: bool
    number: str
    what: str
    day: date
    country: str
    amount: Decimal
    lines: int
    bought: bool


def comparisons(
    product: Product, file: Path, report: Report, reference: Reference
) -> Iterator[Comparison]:
    spoken = _file(product, file, _lines_left_out(report))
    documents, left_out = list(_documents(product, spoken)), spoken.left_out
    as_of = reference.answers(AS_OF)
    if as_of is not None:
        yield as_of_days(documents, spoken.ids, as_of)
    for name, column, group in (
        ("retail by country", "country", _country_of),
        ("retail by month", "month", _month_of),
    ):
        rows = reference.answers(f"retail_by_{column}")
        if rows is not None:
            yield by_group(name, column, rows, documents, left_out, group)
    matches, counts = reference.answers(CANCELLATIONS), reference.answers(IMPORT_COUNTS)
    if matches is None and counts is None:
        return
    lines = lines_of(product)
    if matches is not None:
        countries = {d.number: d.country for d in documents if d.what == "cancel"}
        named = {customer: name for name, customer in spoken.ids.items()}

        def ours(key: tuple[str, ...]) -> Mapping[str, Any] | None:
            found = lines.cancellations.get(key[0])
            if found is None:
                return None
            return _cancelled(found, named.get(found.customer, ""), countries[key[0]])

        yield compare("retail cancellations", matches, ("cancel_invoice",), ours)
    if counts is not None:
        measured = _import_counts(documents, left_out, lines, report)
        yield compare_measures("retail import counts", counts, measured)


def as_of_days(
    documents: Sequence[Document], ids: Mapping[str, UUID], reference: Answers
) -> Comparison:
    """Ranks are among all customers of the file, however few of them the reference holds."""
    named = {customer: name for name, customer in ids.items()}
    mine = [d for d in documents if d.customer in named]
    tables: dict[str, Mapping[str, Mapping[str, Any]]] = {}

    def ours(key: tuple[str, ...]) -> Mapping[str, Any] | None:
        text, customer = key
        if text not in tables:
            day = _date(text)
            tables[text] = {} if day is None else _as_of(day, mine, named)
        return tables[text].get(customer)

    return compare("retail as-of", reference, ("as_of", "customer_id"), ours)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_of(
    day: date, documents: Sequence[Document], named: Mapping[UUID, str]
) -> dict[str, dict[str, Any]]:
    known: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if document.day <= day:
            known[named[document.customer]].append(document)
    rows: dict[str, dict[str, Any]] = {}
    for name, theirs in known.items():
        sales = [d for d in theirs if d.what == "sale" and d.bought]
        if not sales:
            continue
        cancels = [d for d in theirs if d.what == "cancel"]
        last = max(d.day for d in sales)
        rows[name] = {
            **_money(sales, cancels, ""),
            "orders": len(sales),
            "cancels": len(cancels),
            "first_purchase": min(d.day for d in sales),
            "last_purchase": last,
            "recency_days": (day - last).days,
            **_money(
                [d for d in sales if d.day > day - WINDOW],
                [d for d in cancels if d.day > day - WINDOW],
                "365d_",
            ),
            "orders_365d": sum(d.day > day - WINDOW for d in sales),
        }
    for column, value in (
        ("r_quartile", "recency_days"),
        ("f_quartile", "orders"),
        ("m_quartile", "net_gbp"),
    ):
        sign = -1 if column == "r_quartile" else 1
        ranked = sorted(rows, key=lambda name: (sign * rows[name][value], name))
        for name, quartile in zip(ranked, ntile(len(ranked), 4), strict=True):
            rows[name][column] = quartile
    return rows


def ntile(rows: int, parts: int) -> Iterator[int]:
    """As in SQL: the first parts take what is over."""
    size, over = divmod(rows, parts)
    for part in range(parts):
        yield from [part + 1] * (size + (part < over))


def by_group(
    name: str,
    column: str,
    reference: Answers,
    documents: Sequence[Document],
    left_out: Sequence[Mapping[str, str]],
    group: Callable[[Any], str],
) -> Comparison:
    """What was left out as no order is counted by the list of it the import made."""
    documents_of: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        documents_of[group(document)].append(document)
    rows_of: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in left_out:
        rows_of[group(row)].append(row)
    return compare(
        name,
        reference,
        (column,),
        lambda key: _summary(documents_of[key[0]], rows_of[key[0]]),
    )


def _summary(
    documents: Sequence[Document], left_out: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    sales = [d for d in documents if d.what == "sale"]
    cancels = [d for d in documents if d.what == "cancel"]
    written_off = {row["invoice_no"] for row in left_out if row["kind"] == "sale"}
    return {
        **_money(sales, cancels, ""),
        "lines": sum(d.lines for d in documents) + len(left_out),
        "sale_invoices": len(sales) + len(written_off),
        "purchase_invoices_with_customer": sum(d.bought and not d.guest for d in sales),
        "cancel_invoices": len(cancels),
        "customers": len({d.customer for d in documents if not d.guest}),
    }


def _money(
    sales: Sequence[Document], cancels: Sequence[Document], window: str
) -> dict[str, Decimal]:
    gross = sum((d.amount for d in sales), NOUGHT)
    cancelled = sum((d.amount for d in cancels), NOUGHT)
    return {
        f"gross_{window}gbp": gross,
        f"cancelled_{window}gbp": cancelled,
        f"net_{window}gbp": gross - cancelled,
    }


def _cancelled(found: Cancellation, customer: str, country: str) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "cancel_ts": wall_clock_of(found.at),
        "country": country,
        "lines": found.lines,
        "matched_lines": found.matched_lines,
        "latest_matching_original_invoices": "|".join(found.originals),
        "cancelled_gbp": found.cancelled,
    }


def _import_counts(
    documents: Sequence[Document],
    left_out: Sequence[Mapping[str, str]],
    lines: Lines,
    report: Report,
) -> dict[str, int]:
    """Descriptions are not on record, so lines alike to the last word are not counted."""
    apart = [row for row in left_out if row["kind"] == "sale"]
    stock_codes = lines.stock_codes | {row["stock_code"] for row in left_out}
    seen_in: dict[UUID, set[str]] = defaultdict(set)
    for document in documents:
        if not document.guest:
            seen_in[document.customer].add(document.country)
    ours = Counter(lines.counts)
    ours["lines_kind_sale"] += len(apart)
    ours["lines_kind_adjust"] += len(left_out) - len(apart)
    ours["lines_without_customer"] += sum(not row["customer_id"] for row in left_out)
    ours["lines_price_negative"] += sum(Decimal(row["unit_price_gbp"]) < 0 for row in left_out)
    ours["sale_lines_price_zero"] += sum(not Decimal(row["unit_price_gbp"]) for row in apart)
    ours["sale_lines_quantity_negative"] += sum(int(row["quantity"]) < 0 for row in apart)
    numbers = {d.number for d in documents} | {row["invoice_no"] for row in left_out}
    countries = {d.country for d in documents} | {row["country"] for row in left_out}
    matched = [c for c in lines.cancellations.values() if c.matched_lines == c.lines]
    return {
        **{name: ours[name] for name in COUNTED},
        "lines": sum(d.lines for d in documents) + len(left_out),
        "distinct_invoices": len(numbers),
        "distinct_customers": len(seen_in),
        "distinct_stock_codes": len(stock_codes),
        "countries": len(countries),
        "invoices_with_two_timestamps": report.notes[TWO_TIMES],
        "customers_with_more_than_one_country": sum(len(names) > 1 for names in seen_in.values()),
        "cancel_invoices": sum(d.what == "cancel" for d in documents),
        "cancel_invoices_fully_matched": len(matched),
        "stock_codes_differing_only_in_case": len(stock_codes)
        - len({code.upper() for code in stock_codes}),
    }


def _country_of(item: Document | Mapping[str, str]) -> str:
    return item.country if isinstance(item, Document) else item["country"]


def _month_of(item: Document | Mapping[str, str]) -> str:
    if isinstance(item, Document):
        return item.day.isoformat()[:7]
    return item["invoice_ts"][:7]


def _documents(product: Product, spoken: Spoken) -> Iterator[Document]:
    names = {code: name for name, code in COUNTRIES.items() if code is not None}
    with product.record.connection() as connection:
        rows = connection.execute(
            "SELECT o.customer, c.kind = 'guest', o.number, o.what, o.at, o.country, o.amount,"
            " o.lines, o.purchase_lines > 0 FROM read.orders o"
            " JOIN read.customers c USING (customer) WHERE o.source = %s",
            (SOURCE,),
        )
        for customer, guest, number, what, at, code, *rest in rows:
            country = names[code] if code else spoken.nameless.get(number, "")
            yield Document(customer, guest, number, what, _day(at), country, *rest)


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _file(product: Product, file: Path, left_out: Collection[int]) -> Spoken:
    ids: set[str] = set()
    nameless: dict[str, str] = {}
    apart: list[Mapping[str, str]] = []
    with closing(Table(file, COLUMNS)) as table:
        pick = itemgetter(
            *(table.header.index(n) for n in ("invoice_no", "customer_id", "country"))
        )
        for row in table.rows():
            if isinstance(row, Row):
                number, customer, country = pick(row.fields)
                ids.add(customer)
                if COUNTRIES.get(country) is None:
                    nameless[number] = country
                if row.line in left_out:
                    apart.append(dict(zip(table.header, row.fields, strict=True)))
    hashes = {product.dispatcher.view.outside_name(SOURCE, name): name for name in ids if name}
    found = outside_names(product.record, SOURCE, hashes)
    return Spoken({hashes[h]: subject for h, subject in found.items() if subject}, nameless, apart)


def _lines_left_out(report: Report) -> frozenset[int]:
    """The list of them names lines only, for it outlives the people they are about."""
    if report.left_out_file is None:
        return frozenset()
    with report.left_out_file.open(encoding="utf-8", newline="") as file:
        return frozenset(int(row["line"]) for row in csv.DictReader(file))
