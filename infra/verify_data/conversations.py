"""Tickets against the answers for the conversations: who said how much, and who answered when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from infra.imports.conversations import SOURCE
from infra.product import Product
from infra.verify_data.comparison import Comparison, compare
from infra.verify_data.reference import Reference

FIRST_RESPONSE = "conversation_first_response"
FILES = (FIRST_RESPONSE,)


def comparisons(product: Product, reference: Reference) -> Iterator[Comparison]:
    expected = reference.answers(FIRST_RESPONSE)
    if expected is not None:
        tickets = {row["number"]: row for row in _tickets(product)}

        def ours(key: tuple[str, ...]) -> Mapping[str, Any] | None:
            ticket = tickets.get(key[0])
            return None if ticket is None else _answer(ticket)

        yield compare("conversations first response", expected, ("issue_id",), ours)


def _answer(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Where the customer said nothing in public, there is nothing to respond to."""
    asked = ticket["first_customer_at"]
    public = ticket["messages_customer"] + ticket["messages_staff"] + ticket["auto_replies"]
    return {
        "comments": public + ticket["notes"],
        "private_comments": ticket["notes"],
        "public_reporter_comments": ticket["messages_customer"],
        "first_public_reporter_comment_utc": None if asked is None else _second(asked),
        "seconds_to_first_public_comment_by_anyone_else": _seconds(asked, ticket["first_reply_at"]),
        "seconds_to_first_public_comment_by_assignee": _seconds(
            asked, ticket["first_owner_reply_at"]
        ),
        "speaker_turns": ticket["turns"],
    }


def _tickets(product: Product) -> Sequence[Mapping[str, Any]]:
    with product.record.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        cursor.execute("SELECT * FROM read.tickets WHERE source = %s", (SOURCE,))
        return cursor.fetchall()


def _seconds(begun: datetime | None, ended: datetime | None) -> int | None:
    if begun is None or ended is None:
        return None
    return int((ended - begun).total_seconds())


def _second(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
