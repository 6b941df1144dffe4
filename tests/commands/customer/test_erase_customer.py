"""An erasure is the end of a request, and final: for every other request and for the keys."""

from __future__ import annotations

from datetime import date
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
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.place_legal_hold import PlaceLegalHold
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.refuse_privacy_request import RefusePrivacyRequest
from commands.privacy.restrict_processing import RestrictProcessing
from domain.customer.events import PersonalDataErased
from domain.personal import Category
from domain.privacy import refusals
from domain.privacy.case import case_of
from domain.privacy.events import PrivacyRequestExecuted, RequestType
from domain.refusal import Conflict, CustomerErased, NotFound, Refused
from domain.staff.refusals import SelfApproval
from domain.terms import Channel, CollectionSource
from infra.dispatch import RoleNotAllowed
from infra.policies import shipped_rulebook
from tests.commands.erasing import erase
from tests.commands.office import NOON, Office


@pytest.fixture
def office() -> Office:
    return Office(shipped_rulebook())


@pytest.fixture
def customer(office: Office) -> UUID:
    return office.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            profile=ProfileFields(name="Ada", phone="1"),
        )
    ).ids["customer"]


def received(office: Office, customer: UUID, asked: RequestType = RequestType.ERASURE) -> UUID:
    """By ann."""
    command = ReceivePrivacyRequest(customer_id=customer, request_type=asked, channel=Channel.EMAIL)
    return office.ask(command).ids["request"]


def identified(office: Office, customer: UUID, request: UUID) -> None:
    """By cleo."""
    command = IdentifyRequester(customer_id=customer, request=request, method="callback")
    office.ask(command, actor="cleo")


def evaluated(office: Office, customer: UUID, request: UUID, ordered: date | None = None) -> None:
    for step in (
        EvaluateRetention(
            customer_id=customer, request=request, last_order_on=ordered, open_cases=0, position=1
        ),
        RestrictProcessing(customer_id=customer, request=request),
    ):
        office.ask(step, role="system")


def begun(office: Office, customer: UUID, request: UUID) -> None:
    office.ask(BeginDestruction(customer_id=customer, request=request), role="system")


def refused(office: Office, customer: UUID, why: type[Refused], actor: str = "cleo") -> Refused:
    """Of everybody who may ask it; nothing is recorded and the keys are as they were."""
    before = office.types(customer), office.types(case_of(customer))
    for role in EraseCustomer.ROLES:
        with pytest.raises(why) as caught:
            office.ask(EraseCustomer(customer_id=customer), role=role, actor=actor)
    assert (office.types(customer), office.types(case_of(customer))) == before
    assert len(opens(office, customer)) == 2
    assert caught.value.clause is not None
    return caught.value


def opens(office: Office, customer: UUID) -> set[Category]:
    wanted = [(customer, Category.IDENTITY, 1), (customer, Category.CONTACT, 1)]
    return {category for _, category, _ in office.keyring.for_opening(wanted)}


@pytest.mark.clause("CB-15.2b")
def test_destroys_the_keys_and_ends_the_stream(office: Office, customer: UUID) -> None:
    erase(office, customer)
    [erased] = office.on_record(customer, PersonalDataErased)
    assert sorted(key.category for key in erased.keys) == ["contact", "identity"]
    assert opens(office, customer) == set()
    assert office.types(customer)[-1] == "PersonalDataErased"
    [executed] = office.on_record(case_of(customer), PrivacyRequestExecuted)
    assert executed.destroyed == erased.keys


def test_again_is_answered_and_records_nothing(office: Office, customer: UUID) -> None:
    erase(office, customer)
    again = office.ask(EraseCustomer(customer_id=customer))
    assert (again.ids, again.position) == ({"customer": customer}, None)


@pytest.mark.clause("CB-15.2b")
def test_on_nobodys_word_alone(office: Office, customer: UUID) -> None:
    refused(office, customer, refusals.ErasureNotRequested)
    request = received(office, customer, RequestType.STOP_USE)
    identified(office, customer, request)
    refused(office, customer, refusals.ErasureNotRequested)


@pytest.mark.clause("CB-15.2b")
def test_not_of_a_request_that_was_turned_down(office: Office, customer: UUID) -> None:
    request = received(office, customer)
    turned_down = RefusePrivacyRequest(customer_id=customer, request=request, ground="unfounded")
    office.ask(turned_down, role="compliance_officer")
    refused(office, customer, refusals.ErasureNotRequested)


@pytest.mark.clause("CB-15.2b")
def test_only_after_every_step_before_it(office: Office, customer: UUID) -> None:
    request = received(office, customer)
    refused(office, customer, refusals.RequesterNotIdentified)
    identified(office, customer, request)
    refused(office, customer, refusals.StepOutOfOrder)
    evaluated(office, customer, request)
    refused(office, customer, refusals.StepOutOfOrder)
    begun(office, customer, request)
    office.ask(EraseCustomer(customer_id=customer), actor="cleo")
    assert opens(office, customer) == set()


@pytest.mark.case("AC-06")
@pytest.mark.clause("CB-14.1b")
def test_not_by_whoever_took_the_request(office: Office, customer: UUID) -> None:
    request = received(office, customer)
    identified(office, customer, request)
    evaluated(office, customer, request)
    begun(office, customer, request)
    refused(office, customer, SelfApproval, actor="ann")
    assert office.ask(EraseCustomer(customer_id=customer), actor="cleo").position is not None


@pytest.mark.clause("CB-15.2b")
def test_what_a_law_keeps_is_told_with_its_ground(office: Office, customer: UUID) -> None:
    request = received(office, customer)
    identified(office, customer, request)
    evaluated(office, customer, request, ordered=date(2026, 1, 5))
    begun(office, customer, request)
    kept = refused(office, customer, refusals.KeptForNow)
    assert kept.parameters["category"] == "identity"
    assert kept.parameters["basis"]


@pytest.mark.case("KY-17")
def test_a_hold_stands_in_the_way_with_a_request_and_without(
    office: Office, customer: UUID
) -> None:
    hold = PlaceLegalHold(
        customer_id=customer,
        categories=(Category.SENSITIVE,),
        basis="court:17",
        review_on=date(2027, 6, 1),
    )
    office.ask(hold, role="compliance_officer")
    refused(office, customer, refusals.UnderLegalHold)
    request = received(office, customer)
    identified(office, customer, request)
    evaluated(office, customer, request)
    refused(office, customer, refusals.UnderLegalHold)


def test_is_no_agents_to_decide(office: Office, customer: UUID) -> None:
    for role in ("agent", "supervisor", "system", "auditor"):
        with pytest.raises(RoleNotAllowed):
            office.ask(EraseCustomer(customer_id=customer), role=role)


def test_everything_else_is_refused_afterwards(office: Office, customer: UUID) -> None:
    erase(office, customer)
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
        with pytest.raises(CustomerErased) as caught:
            office.ask(command)
        assert caught.value.parameters == {"customer": str(customer)}
    assert len(office.types(customer)) == recorded


def test_refused_destroys_nothing(office: Office, customer: UUID) -> None:
    with pytest.raises(Conflict):
        office.ask(EraseCustomer(customer_id=customer), expected=99)
    with pytest.raises(NotFound):
        office.ask(EraseCustomer(customer_id=UUID(int=99)))
    assert len(opens(office, customer)) == 2


def test_happens_when_it_is_asked_for() -> None:
    with pytest.raises(ValidationError):
        EraseCustomer.model_validate({"customer_id": UUID(int=1), "at": NOON})
