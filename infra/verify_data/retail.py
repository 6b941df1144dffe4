"""Orders against the answers for the retail file: per customer as of a day, by country, by month.

Quartiles are the reference's: NTILE(4) over (value, customer id as text), 4 the best. Our own tiers
are thresholds and never come from here.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from infra.imports.countries import COUNTRIES
from infra.imports.known import outside_names
from infra.imports.reading import Row, Table, fields_of
from infra.imports.retail import COLUMNS, SOURCE
from infra.imports.run import Report
from infra.product import Product
from infra.verify_data.comparison import Comparison, Rows, answers, compare

LONDON = ZoneInfo("Europe/London")
WINDOW = timedelta(days=365)
NOUGHT = Decimal(0)


class Document(NamedTuple):
    """A row of `read.orders`, with the day it has in London. `bought`: it has purchase lines."""

    customer: UUID
    guest: bool
    number: str
    what: str
    day: date
    country: str | None
    amount: Decimal
    lines: int
    bought: bool


def comparisons(
    product: Product, file: Path, report: Report, reference: Path
) -> Iterator[Comparison]:
    documents = list(_documents(product))
    as_of = answers(reference / "retail_customer_asof.csv")
    if as_of is not None:
        yield as_of_days(documents, _customers(product, file), as_of)
    left_out = list(_left_out(report))
    for name, key, group in (
        ("country", "country", _country_of),
        ("month", "month", _month_of),
    ):
        rows = answers(reference / f"retail_by_{name}.csv")
        if rows is not None:
            yield by_group(f"retail by {name}", key, rows, documents, left_out, group)


def as_of_days(
    documents: Sequence[Document], ids: Mapping[str, UUID | None], reference: Rows
) -> Comparison:
    named = {customer: name for name, customer in ids.items() if customer is not None}
    mine = [d for d in documents if d.customer in named]
    tables = {
        day: _as_of(date.fromisoformat(day), mine, named)
        for day in {row["as_of"] for row in reference}
    }
    return compare(
        "retail as-of",
        reference,
        ("as_of", "customer_id"),
        lambda key: tables[key[0]].get(key[1]),
    )


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
    reference: Rows,
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
    merged = _merged(reference, column)
    return compare(
        name,
        merged,
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


def _merged(reference: Rows, column: str) -> Rows:
    """Countries without one code of their own are one row, their numbers added up."""
    if column != "country":
        return reference
    rows: dict[str, dict[str, str]] = {}
    for row in reference:
        code = COUNTRIES.get(row[column]) or "none"
        held = rows.get(code)
        if held is None:
            rows[code] = {**row, column: code}
            continue
        for name, value in row.items():
            if name != column:
                held[name] = str(Decimal(held[name]) + Decimal(value))
    return list(rows.values())


def _country_of(item: Document | Mapping[str, str]) -> str:
    code = item.country if isinstance(item, Document) else COUNTRIES.get(item["country"])
    return code or "none"


def _month_of(item: Document | Mapping[str, str]) -> str:
    if isinstance(item, Document):
        return item.day.isoformat()[:7]
    return item["invoice_ts"][:7]


def _documents(product: Product) -> Iterator[Document]:
    with product.record.connection() as connection:
        rows = connection.execute(
            "SELECT o.customer, c.kind = 'guest', o.number, o.what, o.at, o.country, o.amount,"
            " o.lines, o.purchase_lines > 0 FROM read.orders o"
            " JOIN read.customers c USING (customer) WHERE o.source = %s",
            (SOURCE,),
        )
        for customer, guest, number, what, at, *rest in rows:
            yield Document(customer, guest, number, what, _day(at), *rest)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _customers(product: Product, file: Path) -> Mapping[str, UUID | None]:
    """Whom the ids of the file stand for. The record holds them as keyed hashes only."""
    table = Table(file, COLUMNS)
    index = table.header.index("customer_id")
    ids = {row.fields[index] for row in table.rows() if isinstance(row, Row)} - {""}
    table.close()
    hashes = {product.dispatcher.view.outside_name(SOURCE, name): name for name in ids}
    found = outside_names(product.record, SOURCE, hashes)
    return {name: found.get(hashed) for hashed, name in hashes.items()}


def _left_out(report: Report) -> Iterator[Mapping[str, str]]:
    if report.left_out_file is None:
        return
    with report.left_out_file.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            fields = fields_of(row["row"].encode(), len(COLUMNS))
            yield dict(zip(COLUMNS, fields, strict=True))
