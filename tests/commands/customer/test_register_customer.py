"""A customer is put on record."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.customer.events import CustomerRegistered
from domain.customer.refusals import GuestIsUnknown
from domain.refusal import CustomerErased
from domain.terms import CollectionSource, CustomerKind
from infra.dispatch import RoleNotAllowed
from tests.commands.erasing import erase
from tests.commands.office import NOON, Office

ADA = RegisterCustomer(
    collection_source=CollectionSource.PLATFORM_BACKEND,
    market="GB",
    country="GB",
    profile=ProfileFields(name="Ada", email="ada@example.org"),
    source="shop",
    external_id="17850",
)


def test_accepted(office: Office) -> None:
    customer = office.ask(ADA).ids["customer"]
    assert office.types(customer)[-1] == "CustomerRegistered"
    [registered] = office.on_record(customer, CustomerRegistered)
    assert (registered.at, registered.country, registered.source) == (NOON, "GB", "shop")
    header = office.header(customer, "CustomerRegistered")
    assert (header.actor, header.market, header.subject) == ("ann", "GB", customer)
    assert registered.profile.name is not None
    assert registered.profile.name.recorded_in == header.event_id
    assert registered.profile.phone is None


def test_known_by_an_outside_id_is_the_answer(office: Office) -> None:
    first = office.ask(ADA)
    again = office.ask(ADA)
    assert again.ids == first.ids
    assert again.position is None


def test_erased_is_not_known_by_the_outside_id_again(office: Office) -> None:
    erase(office, office.ask(ADA).ids["customer"])
    with pytest.raises(CustomerErased):
        office.ask(ADA)
    in_person = ADA.model_copy(update={"external_id": None})
    assert office.ask(in_person).position is not None


def test_a_guest_has_no_key(office: Office) -> None:
    guest = RegisterCustomer(
        kind=CustomerKind.GUEST, collection_source=CollectionSource.PLATFORM_BACKEND
    )
    assert office.types(office.ask(guest).ids["customer"]) == ["CustomerRegistered"]
    with pytest.raises(GuestIsUnknown):
        office.ask(guest.model_copy(update={"profile": ProfileFields(name="Ada")}))


def test_a_role_that_may_not_is_refused(office: Office) -> None:
    with pytest.raises(RoleNotAllowed):
        office.ask(ADA, role="analyst")


@pytest.mark.clause("CB-7.2a")
@pytest.mark.parametrize(
    "wrong",
    [
        {"collection_source": "bought_list"},
        {"collection_source": None},
        {"country": "United Kingdom"},
        {"language": "english, mostly"},
        {"profile": {"name": ""}},
        {"profile": {"nickname": "A"}},
        {"profile": {"birthday": "soon"}},
        {"source": None},
        {"kind": "guest"},
        {"actor": "bob"},
    ],
)
def test_malformed_is_refused_on_arrival(wrong: dict[str, object]) -> None:
    sent = ADA.model_dump(mode="json") | wrong
    with pytest.raises(ValidationError):
        RegisterCustomer.model_validate(sent)


def test_what_is_personal_is_not_shown() -> None:
    assert "ada" not in repr(ADA).lower()
    assert "17850" not in repr(ADA)
