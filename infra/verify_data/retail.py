"""Orders against the answers for the retail file: by customer, country and month, what they took
back, and what the file holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.imports.retail import TWO_TIMES
from infra.imports.run import Report
from infra.product import Product
from infra.verify_data.comparison import Comparison, compare, compare_measures
from infra.verify_data.reference import Answers, Reference
from infra.verify_data.retail_as_of import as_of_days
from infra.verify_data.retail_documents import (
    Document,
    documents_of,
    lines_left_out,
    money,
    spoken_of,
)
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


def comparisons(
    product: Product, file: Path, report: Report, reference: Reference
) -> Iterator[Comparison]:
    spoken = spoken_of(product, file, lines_left_out(report))
    documents, left_out = list(documents_of(product, spoken)), spoken.left_out
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
        **money(sales, cancels, ""),
        "lines": sum(d.lines for d in documents) + len(left_out),
        "sale_invoices": len(sales) + len(written_off),
        "purchase_invoices_with_customer": sum(d.bought and not d.guest for d in sales),
        "cancel_invoices": len(cancels),
        "customers": len({d.customer for d in documents if not d.guest}),
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
