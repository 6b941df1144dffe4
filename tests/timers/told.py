"""A case told to a store: asked, replied to, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.send_first_response import SendFirstResponse
from domain.terms import Channel, CollectionSource
from infra.sla_check.checking import EARLIER
from infra.sla_check.store import Store

MONDAY = datetime(2026, 6, 15, 8, tzinfo=UTC)
OPEN = [["08:00", "18:00"]]
HOURS: Mapping[str, Any] = {
    "timezone": "UTC",
    "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OPEN),
}


def row(minutes: int, id: str = "base", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "clause": "CB-10.1a",
        "says": "An answer is sent in time.",
        "zh": "按时答复。",
        "metric": "first_response",
        "trigger": "InquiryReceived",
        "fulfilled_by": "FirstResponseSent",
        "target": {"working_minutes": minutes},
        **more,
    }


def store_with(*rows: Mapping[str, Any]) -> Store:
    """Whose policy `case` and calendar `case` have been published some days before."""
    made = Store(MONDAY - EARLIER)
    made.serve("CN", "case", made.publish_calendar("case", HOURS))
    made.publish_policy("case", rows)
    return made


def asked(store: Store, at: datetime = MONDAY) -> UUID:
    customer = store.ask(
        RegisterCustomer(collection_source=CollectionSource.SERVICE_CONVERSATION, market="CN")
    ).ids["customer"]
    store.now = max(at, store.now)
    inquiry = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, text="Where?", at=at)
    return store.ask(inquiry).ids["ticket"]


def replied(store: Store, ticket: UUID, at: datetime, told_at: datetime | None = None) -> None:
    store.now = max(told_at or at, store.now)
    store.ask(SendFirstResponse(ticket_id=ticket, text="Here.", at=at))


def after(minutes: int) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def types(store: Store, ticket: UUID) -> Sequence[str]:
    return [type(event).__name__ for event in store.told(ticket)]
