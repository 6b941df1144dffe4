"""Complaints against the answers for the complaint file: counts by firm, month, product, issue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from psycopg.rows import dict_row

from infra.gate import Reader, SealedValue
from infra.imports.complaints import SOURCE
from infra.product import Product, new_id
from infra.verify_data.comparison import Comparison, compare, compare_measures
from infra.verify_data.reference import Reference

BY = {
    "by_company_top200": ("company",),
    "by_month": ("month",),
    "by_product": ("product",),
    "by_product_issue": ("product", "issue"),
}
IMPORT_COUNTS = "cfpb_import_counts"
FILES = (*(f"cfpb_{name}" for name in BY), IMPORT_COUNTS)
LONG_WAY = timedelta(days=15)


def comparisons(product: Product, reference: Reference) -> Iterator[Comparison]:
    rows = _complaints(product)
    for name, columns in BY.items():
        expected = reference.answers(f"cfpb_{name}")
        if expected is not None:
            groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
            for row in rows:
                groups[tuple(row[column] or "" for column in columns)].append(row)
            yield compare(
                f"complaints {name.replace('_', ' ')}",
                expected,
                columns,
                lambda key, groups=groups: _counts(groups[key]),  # type: ignore[misc]
            )
    counts = reference.answers(IMPORT_COUNTS)
    if counts is not None:
        ours = _import_counts(rows) | {"masked_zip_with_X": _masked(product, rows)}
        yield compare_measures("complaints import counts", counts, ours)


def _counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "complaints": len(rows),
        "timely_yes": sum(row["timely"] is True for row in rows),
        "timely_no": sum(row["timely"] is False for row in rows),
        "disputed_yes": sum(bool(row["disputed"]) for row in rows),
        "disputed_no": sum(bool(row["satisfaction_asked"]) and not row["disputed"] for row in rows),
        "relief_monetary": _told(rows, "Closed with monetary relief"),
        "in_progress": _told(rows, "In progress"),
        "untimely_response": _told(rows, "Untimely response"),
        "consent_provided": sum(row["consent"] == "granted" for row in rows),
        "consent_withdrawn": sum(row["consent"] == "withdrawn" for row in rows),
        "with_narrative": sum(bool(row["has_text"]) for row in rows),
    }


def _told(rows: Sequence[Mapping[str, Any]], outcome: str) -> int:
    return sum(row["outcome"] == outcome for row in rows)


def _import_counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    ways = [row["referred_at"] - row["received_at"] for row in rows if row["referred_at"]]
    return {
        "complaints": len(rows),
        "sent_before_received": sum(way < timedelta() for way in ways),
        "routing_days_zero": sum(way == timedelta() for way in ways),
        "routing_days_over_15": sum(way > LONG_WAY for way in ways),
        "missing_zip": sum(row["address_token"] is None for row in rows),
        "missing_sub_issue": sum(row["sub_issue"] is None for row in rows),
        "ids_not_numeric": sum(not row["number"].isdigit() for row in rows),
    }


def _masked(product: Product, rows: Sequence[Mapping[str, Any]]) -> int:
    """Postal codes are sealed, so they are opened through the gate, which records it."""
    sealed = [
        SealedValue(row["address_token"], row["customer"], "profile.address")
        for row in rows
        if row["address_token"] is not None
    ]
    reader = Reader("verify-data", "compliance_officer", new_id())
    texts = product.gate.open(sealed, reader, "dpv:LegalCompliance") if sealed else []
    return sum("X" in (text or "") for text in texts)


def _complaints(product: Product) -> Sequence[Mapping[str, Any]]:
    with product.record.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        cursor.execute(
            "SELECT c.*, c.respondent AS company, p.address_token"
            " FROM read.complaints c JOIN read.customers p USING (customer) WHERE c.source = %s",
            (SOURCE,),
        )
        rows = cursor.fetchall()
    return [{**row, "month": row["received_at"].astimezone(UTC).strftime("%Y-%m")} for row in rows]
