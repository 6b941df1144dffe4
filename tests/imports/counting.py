"""Answers for the shipped samples, counted from their rows alone; uses nothing of the product."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

Rows = Sequence[Mapping[str, str]]
ANSWER, CONSENT = "company_response_to_consumer", "consumer_consent_provided"


def write_answers(folder: Path, retail: Rows, incidents: Rows, complaints: Rows) -> None:
    for column, key in (
        ("country", lambda r: r["country"]),
        ("month", lambda r: r["invoice_ts"][:7]),
    ):
        _write(folder / f"retail_by_{column}.csv", retail, (column,), key, sold)
    for name, columns, key in (
        ("company_top200", ("company",), lambda r: r["company"]),
        ("month", ("month",), lambda r: r["date_received"][:7]),
        ("product", ("product",), lambda r: r["product"]),
        ("product_issue", ("product", "issue"), lambda r: (r["product"], r["issue"])),
    ):
        _write(folder / f"cfpb_by_{name}.csv", complaints, columns, key, complained)
    _write_table(
        folder / "cfpb_import_counts.csv",
        [{"measure": name, "value": value} for name, value in routed(complaints).items()],
    )
    reopened: dict[str, int] = defaultdict(int)
    for row in incidents:
        reopened[row["number"]] = max(reopened[row["number"]], int(row["reopen_count"]))
    counts = sorted(set(reopened.values()))
    _write_table(
        folder / "incident_reopens.csv",
        [{"reopen_count_max": n, "cases": list(reopened.values()).count(n)} for n in counts],
    )


def sold(rows: Rows) -> dict[str, object]:
    def invoices(kind: str) -> set[str]:
        return {r["invoice_no"] for r in rows if r["kind"] == kind}

    bought = [r for r in rows if r["kind"] == "sale" and quantity(r) > 0 and price(r) > 0]
    gross = sum((quantity(r) * price(r) for r in bought), Decimal(0))
    cancelled = -sum((quantity(r) * price(r) for r in rows if r["kind"] == "cancel"), Decimal(0))
    return {
        "lines": len(rows),
        "sale_invoices": len(invoices("sale")),
        "purchase_invoices_with_customer": len(
            {r["invoice_no"] for r in bought if r["customer_id"]}
        ),
        "cancel_invoices": len(invoices("cancel")),
        "customers": len({r["customer_id"] for r in rows} - {""}),
        "gross_gbp": gross,
        "cancelled_gbp": cancelled,
        "net_gbp": gross - cancelled,
    }


def quantity(row: Mapping[str, str]) -> int:
    return int(row["quantity"])


def price(row: Mapping[str, str]) -> Decimal:
    return Decimal(row["unit_price_gbp"])


def complained(rows: Rows) -> dict[str, object]:
    def having(column: str, value: str) -> int:
        return sum(row[column] == value for row in rows)

    return {
        "complaints": len(rows),
        "timely_yes": having("timely_response", "Yes"),
        "timely_no": having("timely_response", "No"),
        "disputed_yes": having("consumer_disputed", "Yes"),
        "disputed_no": having("consumer_disputed", "No"),
        "relief_monetary": having(ANSWER, "Closed with monetary relief"),
        "in_progress": having(ANSWER, "In progress"),
        "untimely_response": having(ANSWER, "Untimely response"),
        "consent_provided": having(CONSENT, "Consent provided"),
        "consent_withdrawn": having(CONSENT, "Consent withdrawn"),
        "with_narrative": len(rows) - having("consumer_complaint_narrative", ""),
    }


def routed(rows: Rows) -> dict[str, int]:
    return {
        "complaints": len(rows),
        "sent_before_received": sum(r["date_sent_to_company"] < r["date_received"] for r in rows),
        "routing_days_zero": sum(r["date_sent_to_company"] == r["date_received"] for r in rows),
        "masked_zip_with_X": sum("X" in r["zip_code"] for r in rows),
        "missing_zip": sum(not r["zip_code"] for r in rows),
        "missing_sub_issue": sum(not r["sub_issue"] for r in rows),
    }


def _write(
    path: Path,
    rows: Rows,
    columns: Sequence[str],
    key: Callable[[Mapping[str, str]], object],
    count: Callable[[Rows], dict[str, object]],
) -> None:
    groups: dict[object, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    _write_table(
        path,
        [
            {**dict(zip(columns, name if isinstance(name, tuple) else (name,), strict=True))}
            | count(group)
            for name, group in groups.items()
        ],
    )


def _write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
