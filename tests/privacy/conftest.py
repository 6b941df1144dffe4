"""The product over a database of its own, and a person in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from uuid import UUID, uuid4

import pytest

from commands.command import Command
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.terms import CollectionSource
from infra.dispatch import Caller, Result
from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses

CRM = Caller("staff:ann", "crm_admin")
_numbers = count(1)


@pytest.fixture
def running(database: str, home: Home) -> Iterator[Product]:
    addresses = Addresses(database_url=database, redis_url="redis://127.0.0.1:1/0", owner=False)
    with assembled(home, addresses) as product:
        yield product


def ask(product: Product, command: Command, caller: Caller = CRM, **more: object) -> Result:
    return product.dispatcher.dispatch(command, caller, uuid4(), **more)  # type: ignore[arg-type]


def registration(name: str = "Erika Mustermann", **more: object) -> RegisterCustomer:
    values: dict[str, object] = {
        "collection_source": CollectionSource.CUSTOMER_SUBMITTED,
        "market": "DE",
        "profile": ProfileFields(name=name, email="erika@example.org"),
    }
    return RegisterCustomer(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def erika(running: Product) -> UUID:
    return ask(running, registration()).ids["customer"]
