"""Interactions and dormancy, through the record."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.mark_dormant import MarkDormant
from commands.customer.reactivate_customer import ReactivateCustomer
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from domain.customer.events import InteractionRecorded
from domain.terms import (
    Channel,
    CollectionSource,
    CustomerKind,
    Direction,
)
from tests.commands.office import Office


@pytest.fixture
def customer(office: Office) -> UUID:
    return office.ask(
        RegisterCustomer(
            kind=CustomerKind.ANONYMOUS, collection_source=CollectionSource.SERVICE_CONVERSATION
        )
    ).ids["customer"]


def call(customer: UUID, content: str = "Where is my parcel?") -> RecordInteraction:
    return RecordInteraction(
        customer_id=customer,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        content=content,
    )


@pytest.mark.clause("CB-7.1d")
def test_an_interaction_is_kept_sealed(office: Office, customer: UUID) -> None:
    office.ask(call(customer))
    [contact] = office.on_record(customer, InteractionRecorded)
    assert contact.content.token is not None
    with pytest.raises(ValueError, match="sealed"):
        _ = contact.content.text


def test_an_interaction_without_content_is_malformed(customer: UUID) -> None:
    with pytest.raises(ValidationError):
        call(customer, "")


@pytest.mark.clause("CB-8.3a", "CB-8.3b")
def test_dormant_until_something_happens(office: Office, customer: UUID) -> None:
    mark = MarkDormant(customer_id=customer)
    office.ask(mark)
    assert office.ask(mark).position is None
    office.now += timedelta(days=1)
    office.ask(call(customer))
    assert office.types(customer)[-2:] == ["InteractionRecorded", "CustomerReactivated"]
    assert office.ask(ReactivateCustomer(customer_id=customer)).position is None
    office.ask(mark)
    office.ask(ReactivateCustomer(customer_id=customer))
    assert office.types(customer)[-1] == "CustomerReactivated"
