"""An erasure is final, for every request and for the keys."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.complete_profile import CompleteProfile
from commands.customer.erase_customer import EraseCustomer
from commands.customer.mark_dormant import MarkDormant
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.order.lines import Line
from commands.order.place_order import PlaceOrder
from domain.customer.events import PersonalDataErased
from domain.personal import Category
from domain.refusal import Conflict, CustomerErased, NotFound
from domain.terms import CollectionSource
from tests.commands.office import NOON, Office


@pytest.fixture
def customer(office: Office) -> UUID:
    return office.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            profile=ProfileFields(name="Ada", phone="1"),
        )
    ).ids["customer"]


@pytest.mark.clause("CB-15.2b")
def test_destroys_the_keys_and_ends_the_stream(office: Office, customer: UUID) -> None:
    office.ask(EraseCustomer(customer_id=customer))
    [erased] = office.on_record(customer, PersonalDataErased)
    assert sorted(key.category for key in erased.keys) == ["contact", "identity"]
    references = [(customer, Category.IDENTITY, 1), (customer, Category.CONTACT, 1)]
    assert office.keyring.for_opening(references) == {}
    assert office.types(customer)[-1] == "PersonalDataErased"


def test_again_is_answered_and_records_nothing(office: Office, customer: UUID) -> None:
    office.ask(EraseCustomer(customer_id=customer))
    again = office.ask(EraseCustomer(customer_id=customer))
    assert (again.ids, again.position) == ({"customer": customer}, None)


def test_everything_else_is_refused_afterwards(office: Office, customer: UUID) -> None:
    office.ask(EraseCustomer(customer_id=customer))
    recorded = len(office.types(customer))
    for command in (
        CompleteProfile(customer_id=customer, country="GB"),
        MarkDormant(customer_id=customer),
        PlaceOrder(
            customer_id=customer,
            source="shop",
            number="1",
            currency="GBP",
            lines=(Line(stock_code="X", quantity=1, unit_price=Decimal(1)),),
        ),
    ):
        with pytest.raises(CustomerErased) as refused:
            office.ask(command)
        assert refused.value.parameters == {"customer": str(customer)}
    assert len(office.types(customer)) == recorded


def test_refused_destroys_nothing(office: Office, customer: UUID) -> None:
    with pytest.raises(Conflict):
        office.ask(EraseCustomer(customer_id=customer), expected=99)
    with pytest.raises(NotFound):
        office.ask(EraseCustomer(customer_id=UUID(int=99)))
    assert len(office.keyring.for_opening([(customer, Category.IDENTITY, 1)])) == 1


def test_happens_when_it_is_asked_for() -> None:
    with pytest.raises(ValidationError):
        EraseCustomer.model_validate({"customer_id": UUID(int=1), "at": NOON})
