"""Answers for the shipped samples, counted from their rows alone; uses nothing of the product."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
Rows = Sequence[Row]
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
    for name, counts in (
        ("cfpb", routed(complaints)),
        ("retail", sold_counts(retail)),
        ("incident", logged(incidents)),
    ):
        _write_table(
            folder / f"{name}_import_counts.csv",
            [{"measure": measure, "value": value} for measure, value in counts.items()],
        )
    _write_table(folder / "retail_cancellations.csv", cancelled(retail))
    states = grouped(incidents, lambda r: r["incident_state"])
    _write_table(
        folder / "incident_events_by_state.csv",
        [{"incident_state": state, "events": len(rows)} for state, rows in states.items()],
    )
    reopened: dict[str, int] = defaultdict(int)
    for row in incidents:
        reopened[row["number"]] = max(reopened[row["number"]], int(row["reopen_count"]))
    numbers = sorted(set(reopened.values()))
    _write_table(
        folder / "incident_reopens.csv",
        [{"reopen_count_max": n, "cases": list(reopened.values()).count(n)} for n in numbers],
    )


def cancelled(rows: Rows) -> list[dict[str, object]]:
    """Each cancelling document of a customer: how many of its lines some earlier purchase line of
    theirs, of the same article at the same price and no smaller, may stand for, and the latest."""
    bought = [
        r
        for r in rows
        if r["kind"] == "sale" and r["customer_id"] and quantity(r) > 0 and price(r) > 0
    ]
    by_article = grouped(bought, article)
    table: list[dict[str, object]] = []
    for number, lines in grouped(rows, lambda r: r["invoice_no"]).items():
        if lines[0]["kind"] != "cancel" or not lines[0]["customer_id"]:
            continue
        latest = []
        for line in lines:
            may_be = [
                (r["invoice_ts"], r["invoice_no"])
                for r in by_article.get(article(line), ())
                if r["invoice_ts"] <= line["invoice_ts"] and quantity(r) >= -quantity(line)
            ]
            latest += [max(may_be)[1]] if may_be else []
        table.append(
            {
                "cancel_invoice": number,
                "customer_id": lines[0]["customer_id"],
                "cancel_ts": min(r["invoice_ts"] for r in lines),
                "country": lines[0]["country"],
                "lines": len(lines),
                "matched_lines": len(latest),
                "latest_matching_original_invoices": "|".join(sorted(set(latest))),
                "cancelled_gbp": -sum((quantity(r) * price(r) for r in lines), Decimal(0)),
            }
        )
    return table


def article(row: Mapping[str, str]) -> tuple[str, str, Decimal]:
    return row["customer_id"], row["stock_code"], price(row)


def sold_counts(rows: Rows) -> dict[str, int]:
    sales = [r for r in rows if r["kind"] == "sale"]
    cancels = [r for r in rows if r["kind"] == "cancel"]
    codes = {r["stock_code"] for r in rows}
    times = grouped(rows, lambda r: r["invoice_no"])
    countries = grouped([r for r in rows if r["customer_id"]], lambda r: r["customer_id"])
    return {
        "lines": len(rows),
        "lines_kind_sale": len(sales),
        "lines_kind_cancel": len(cancels),
        "lines_kind_adjust": len(rows) - len(sales) - len(cancels),
        "lines_without_customer": sum(not r["customer_id"] for r in rows),
        "sale_lines_price_zero": sum(not price(r) for r in sales),
        "lines_price_negative": sum(price(r) < 0 for r in rows),
        "sale_lines_quantity_negative": sum(quantity(r) < 0 for r in sales),
        "cancel_lines_quantity_positive": sum(quantity(r) > 0 for r in cancels),
        "purchase_lines_with_customer": sum(
            quantity(r) > 0 and price(r) > 0 and bool(r["customer_id"]) for r in sales
        ),
        "distinct_invoices": len(times),
        "distinct_customers": len(countries),
        "distinct_stock_codes": len(codes),
        "countries": len({r["country"] for r in rows}),
        "invoices_with_two_timestamps": sum(
            len({r["invoice_ts"] for r in lines}) > 1 for lines in times.values()
        ),
        "customers_with_more_than_one_country": sum(
            len({r["country"] for r in lines}) > 1 for lines in countries.values()
        ),
        "cancel_invoices": len({r["invoice_no"] for r in cancels}),
        "stock_codes_differing_only_in_case": len(codes) - len({code.upper() for code in codes}),
    }


def logged(rows: Rows) -> dict[str, int]:
    cases = grouped(sorted(rows, key=lambda r: int(r["event_seq"])), lambda r: r["number"])
    steps = [
        (before["sys_updated_at"], after["sys_updated_at"])
        for case in cases.values()
        for before, after in pairwise(case)
    ]
    touched = {(r["number"], r["sys_mod_count"]) for r in rows}
    return {
        "events": len(rows),
        "incidents": len(cases),
        "events_same_minute_as_previous": sum(before == after for before, after in steps),
        "events_going_back_in_time": sum(before > after for before, after in steps),
        "events_before_opened_at": sum(r["sys_updated_at"] < r["opened_at"] for r in rows),
        "incidents_whose_first_event_is_not_New": sum(
            case[0]["incident_state"] != "New" for case in cases.values()
        ),
        "incidents_without_resolved_at": sum(
            not case[-1]["resolved_at"] for case in cases.values()
        ),
        "events_with_state_-100": sum(r["incident_state"] == "-100" for r in rows),
        "incidents_with_priority_change": sum(
            len({r["priority"] for r in case}) > 1 for case in cases.values()
        ),
        "duplicate_number_sys_mod_count": len(rows) - len(touched),
    }


def grouped(rows: Rows, key: Callable[[Mapping[str, str]], Hashable]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


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
    key: Callable[[Row], Hashable],
    count: Callable[[Rows], dict[str, object]],
) -> None:
    _write_table(
        path,
        [
            {**dict(zip(columns, name if isinstance(name, tuple) else (name,), strict=True))}
            | count(group)
            for name, group in grouped(rows, key).items()
        ],
    )


def _write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Without rows a file with nothing in it, which no comparison takes for an answer."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
