"""Lists over HTTP, page by page. Personal values stay sealed in all of them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from psycopg import Connection
from pydantic import AwareDatetime

from domain.terms import Channel, Severity, Tier
from infra.http.listing import Listing, Part
from infra.http.reading import question_router
from infra.product import now
from projections import complaints as complaint_rows
from projections import duties as duty_rows
from projections import policies as policy_rows
from projections import tickets as ticket_rows
from queries.breaches_as_of import Breach, breaches_as_of
from queries.complaints_found import ComplaintFound, complaints_found
from queries.customers_found import CustomerFound, customers_found
from queries.customers_of_tier import TierHolder, customers_of_tier
from queries.duties_found import DutyFound, duties_found
from queries.orders_of_customer import OrderFound, orders_of_customer
from queries.policies_found import PolicyFound, policies_found
from queries.tickets_found import TicketFound, tickets_found
from queries.tiers_held import TierHeld, tiers_held
from queries.timers_running import TimerRunning, timers_running
from queries.within import Within


class TicketState(StrEnum):
    RECEIVED = ticket_rows.RECEIVED
    IN_PROGRESS = ticket_rows.IN_PROGRESS
    WAITING = ticket_rows.WAITING
    RESOLVED = ticket_rows.RESOLVED
    CLOSED = ticket_rows.CLOSED


class ComplaintState(StrEnum):
    RECEIVED = complaint_rows.RECEIVED
    REGISTERED = complaint_rows.REGISTERED
    INVESTIGATED = complaint_rows.INVESTIGATED
    PLANNED = complaint_rows.PLANNED
    RESOLVED = complaint_rows.RESOLVED
    REOPENED = complaint_rows.REOPENED
    CLOSED = complaint_rows.CLOSED


class PolicyState(StrEnum):
    DRAFT = policy_rows.DRAFT
    REVIEWED = policy_rows.REVIEWED
    APPROVED = policy_rows.APPROVED
    WITHDRAWN = policy_rows.WITHDRAWN
    PUBLISHED = policy_rows.PUBLISHED
    SHIPPED = policy_rows.SHIPPED


class DutyState(StrEnum):
    OPEN = duty_rows.OPEN
    PERFORMED = duty_rows.PERFORMED
    MISSED = duty_rows.MISSED
    LATE = duty_rows.LATE


class CaseKind(StrEnum):
    TICKET = "ticket"
    COMPLAINT = "complaint"


Code = r"^[\w.:/#+ -]+$"


def _of(kind: Any, says: str, **more: Any) -> Part:
    """A filter that may be left out."""
    return Part(Annotated[kind | None, Query(description=says, **more)])


def _code(says: str) -> Part:
    return _of(str, says, max_length=100, pattern=Code)


COUNTRY = _of(str, "ISO 3166-1 alpha-2", pattern="^[A-Z]{2}$")
CHANNEL = _of(Channel, "How it came in")
OWNER = _code("Who works on it, by staff id")
NUMBER = _code("As the outside system counts it")
CUSTOMER = _of(UUID, "Those of one customer")
PROMISES = {
    "kind": _of(CaseKind, "Tickets or complaints only"),
    "customer": CUSTOMER,
    "market": COUNTRY,
    "channel": CHANNEL,
    "team": _code("The group's code, at receipt"),
    "tier": _of(Tier, "The tier held at receipt"),
    "metric": _code("What is promised, as in `first_response`"),
    "clause": _code("Of a regulation, as in `CB-10.1a`"),
    "policy": _of(
        str,
        "A pack, or one version of it: name@version",
        max_length=100,
        pattern=r"^[a-z][a-z0-9_-]*(@[1-9][0-9]*)?$",
    ),
}
"""What narrows a list of promises."""


def _orders(
    db: Connection[Any], *, customer: UUID, after: Any, limit: int, within: Within
) -> list[OrderFound]:
    """Whoever reaches the customer reaches the orders."""
    return orders_of_customer(db, customer, after=after, limit=limit)


def _tiers(
    db: Connection[Any], *, after: tuple[str, str] | None, limit: int, within: Within
) -> list[TierHeld]:
    rows = tiers_held(db, within)
    return [row for row in rows if after is None or _rank(row.scheme, row.tier) > _rank(*after)][
        :limit
    ]


def _rank(scheme: str, tier: str) -> tuple[str, int]:
    return scheme, list(Tier).index(Tier(tier))


LISTS = (
    Listing(
        "/customers",
        "customers",
        "customers",
        "Customers, the latest registered first; guests are left out unless asked for.",
        CustomerFound,
        customers_found,
        ("registered_at", "customer"),
        {
            "country": COUNTRY,
            "tier": _of(Tier, "The tier held"),
            "market": COUNTRY,
            "guests": Part(
                Annotated[bool, Query(description="Buyers of one invoice that nobody knows")], False
            ),
        },
    ),
    Listing(
        "/customers/{customer}/orders",
        "orders_of_customer",
        "orders",
        "The orders and cancellations of a customer, the latest first.",
        OrderFound,
        _orders,
        ("at", "order_id"),
        {"customer": Part(UUID, ...)},
        of_customer=True,
    ),
    Listing(
        "/tickets",
        "tickets",
        "tickets",
        "Tickets, the latest opened first.",
        TicketFound,
        tickets_found,
        ("opened_at", "ticket"),
        {
            "customer": CUSTOMER,
            "state": _of(TicketState, "Where it stands"),
            "owner": OWNER,
            "team": _code("The group's code"),
            "market": COUNTRY,
            "channel": CHANNEL,
            "number": NUMBER,
        },
    ),
    Listing(
        "/complaints",
        "complaints",
        "complaints",
        "Complaints, the latest received first.",
        ComplaintFound,
        complaints_found,
        ("received_at", "complaint"),
        {
            "customer": CUSTOMER,
            "state": _of(ComplaintState, "How far it has come"),
            "owner": OWNER,
            "market": COUNTRY,
            "channel": CHANNEL,
            "severity": _of(Severity, "Once it is classified"),
            "number": NUMBER,
        },
    ),
    Listing(
        "/breaches",
        "breaches",
        "breaches",
        "Promises that were broken at a moment, earliest first.",
        Breach,
        breaches_as_of,
        ("due_at", "timer"),
        {
            "as_of": _of(AwareDatetime, "By when things happened; default: now"),
            **PROMISES,
            "source": _code("An outside system's name"),
            "late_minutes": _of(int, "Late by so many minutes at least", ge=1, le=10_000_000),
        },
        at_first={"as_of": now},
    ),
    Listing(
        "/timers",
        "timers",
        "timers",
        "Promises by time that run, the earliest due first; those that are paused have no due"
        " time and are not among them.",
        TimerRunning,
        timers_running,
        ("due_at", "timer"),
        {
            **PROMISES,
            "due_before": _of(AwareDatetime, "Those that fall due before then"),
            "started_before": _of(AwareDatetime, "Those that were made before then"),
        },
    ),
    Listing(
        "/policies",
        "policies",
        "policies",
        "Versions of policies: who drafted, reviewed, approved and published them, and when.",
        PolicyFound,
        policies_found,
        ("policy_id", "policy_version"),
        {
            "policy_id": _code("Those of one policy"),
            "state": _of(PolicyState, "How far it has come; shipped: approved by no person"),
            "on": _of(date, "Those in force on this day"),
        },
    ),
    Listing(
        "/duties",
        "duties",
        "duties",
        "What has to be done by the calendar, due, done or missed; the earliest due first.",
        DutyFound,
        duties_found,
        ("due_at", "stream"),
        {
            "duty": _code("One duty, by its name"),
            "state": _of(DutyState, "late: done, but not in time"),
            "owed_by": _code("The role that has to do it"),
            "clause": _code("Of a regulation, as in `CB-5.3a`"),
            "whose": _code("The market or the staff member it is done for"),
            "begins": _of(AwareDatetime, "Due from then on"),
            "ends": _of(AwareDatetime, "Due before then"),
        },
    ),
    Listing(
        "/tiers",
        "tiers",
        "tiers",
        "How many customers hold each tier of each scheme, the highest tier first.",
        TierHeld,
        _tiers,
        ("scheme", "tier"),
        {},
    ),
    Listing(
        "/tiers/{scheme}/{tier}/customers",
        "customers_of_tier",
        "holders",
        "The customers who hold a tier, and the evidence it rests on.",
        TierHolder,
        customers_of_tier,
        ("customer",),
        {
            "scheme": Part(
                Annotated[str, Path(max_length=100, pattern=Code, description="A tier scheme")], ...
            ),
            "tier": Part(Annotated[Tier, Path(description="One of its tiers")], ...),
        },
    ),
)
router = question_router()
for listing in LISTS:
    listing.serve(router)
