"""Customers of the retail file as of a day.

Quartiles are the reference's: NTILE(4) over (value, customer id as text), 4 the best. Our own tiers
are thresholds and never come from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from infra.verify_data.comparison import Comparison, compare
from infra.verify_data.reference import Answers
from infra.verify_data.retail_documents import Document, money

WINDOW = timedelta(days=365)


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
            **money(sales, cancels, ""),
            "orders": len(sales),
            "cancels": len(cancels),
            "first_purchase": min(d.day for d in sales),
            "last_purchase": last,
            "recency_days": (day - last).days,
            **money(
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
