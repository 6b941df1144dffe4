"""The customers: who there is, what we hold of them (sealed), and how each field came to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.complaint.events import ComplaintReceived
from domain.customer.events import (
    Correction,
    CustomerMarkedDormant,
    CustomerProfileChangeNoted,
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerReactivated,
    CustomerRegistered,
    CustomerTierChanged,
    InteractionRecorded,
    PersonalDataErased,
)
from domain.customer.profile import Profile, ProfileField
from domain.order.events import OrderPlaced
from domain.personal import Category
from domain.ticket.events import CustomerMessageReceived, CustomerReplied, InquiryReceived
from projections.projection import Entry, Heading, Projection, Rows, by_customer, token_of
from projections.table import Table

CLEAR_FIELDS = frozenset({ProfileField.COUNTRY, ProfileField.LANGUAGE})


@dataclass(slots=True)
class CustomerRow:
    customer: UUID
    kind: str
    registered_at: datetime
    market: str | None = None
    jurisdiction: str | None = None
    country: str | None = None
    language: str | None = None
    source: str | None = None
    tier: str | None = None
    last_activity: datetime | None = None
    dormant_since: datetime | None = None
    erased_at: datetime | None = None
    name_token: str | None = None
    company_token: str | None = None
    email_token: str | None = None
    phone_token: str | None = None
    address_token: str | None = None
    birthday_token: str | None = None
    note_token: str | None = None
    written: dict[str, dict[str, str]] = field(default_factory=dict)
    outdated: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def fold(rows: Rows[CustomerRow], entry: Entry) -> None:
    """Orders and cases count as activity; a customer's own stream comes before them."""
    header, event = entry.header, entry.event
    if isinstance(event, CustomerRegistered):
        row = _registered(header, event)
        rows[row.customer] = row
        return
    row = rows[header.subject]
    match event:
        case CustomerProfileCompleted():
            row.kind = event.kind or row.kind
            _give(row, event.profile, event.country, event.language, header, event.completed_by)
        case CustomerProfileUpdated():
            _correct(row, event, header)
        case CustomerProfileChangeNoted():
            for name in event.fields:
                row.outdated.setdefault(name.value, event.learned_at.isoformat())
        case CustomerTierChanged():
            row.tier = event.to_tier
        case CustomerMarkedDormant():
            row.dormant_since = event.at
        case CustomerReactivated():
            row.dormant_since = None
        case PersonalDataErased():
            row.gone = sorted({*row.gone, *(category.value for category in event.categories)})
            if len(row.gone) == len(Category):
                row.erased_at = event.at
        case OrderPlaced() if not event.amount:
            pass
        case _:
            row.last_activity = max(row.last_activity or event.at, event.at)


def _registered(header: Heading, event: CustomerRegistered) -> CustomerRow:
    row = CustomerRow(
        customer=header.subject,
        kind=event.kind,
        registered_at=event.at,
        market=event.market,
        jurisdiction=event.jurisdiction,
        source=event.source,
    )
    by = event.collected_by or header.actor
    _give(row, event.profile, event.country, event.language, header, by)
    return row


def _give(
    row: CustomerRow,
    profile: Profile,
    country: str | None,
    language: str | None,
    header: Heading,
    by: str,
) -> None:
    clear = {ProfileField.COUNTRY: country, ProfileField.LANGUAGE: language}
    for name in ProfileField:
        value = clear[name] if name in clear else getattr(profile, name)
        if value is not None:
            _set(row, name, value)
            row.written[name.value] = _origin(header, by)


def _correct(row: CustomerRow, event: CustomerProfileUpdated, header: Heading) -> None:
    clear = {ProfileField.COUNTRY: event.country, ProfileField.LANGUAGE: event.language}
    for correction in event.corrections:
        name = correction.field
        _set(row, name, clear[name] if name in clear else getattr(event.profile, name))
        row.outdated.pop(name.value, None)
        if correction.removed:
            row.written.pop(name.value, None)
        else:
            row.written[name.value] = _origin(header, correction.entered_by, correction)


def _set(row: CustomerRow, name: ProfileField, value: Any) -> None:
    if name in CLEAR_FIELDS:
        setattr(row, name.value, value)
    else:
        setattr(row, f"{name.value}_token", token_of(value))


def _origin(header: Heading, by: str, correction: Correction | None = None) -> dict[str, str]:
    origin = {"by": by, "at": header.at.isoformat(), "event": str(header.event_id)}
    if correction is not None:
        origin["learned_at"] = correction.learned_at.isoformat()
        origin["reason"] = correction.reason.value
        origin["previous_event"] = str(correction.previous_event)
    return origin


CUSTOMERS = Projection(
    name="customers",
    version=2,
    table=Table(
        name="customers",
        says="One row per customer, guests and unknown persons included",
        row=CustomerRow,
        key=("customer",),
        indexes=("(country)", "(registered_at)", "(last_activity)"),
    ),
    on=(
        CustomerRegistered,
        CustomerProfileCompleted,
        CustomerProfileUpdated,
        CustomerProfileChangeNoted,
        CustomerTierChanged,
        CustomerMarkedDormant,
        CustomerReactivated,
        PersonalDataErased,
        InteractionRecorded,
        OrderPlaced,
        InquiryReceived,
        CustomerMessageReceived,
        CustomerReplied,
        ComplaintReceived,
    ),
    keys=by_customer,
    fold=fold,
    parks_by="subject",
)
