"""Requests that are refused are on the trail as fully as what was opened, and open nothing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.customer.erase_customer import EraseCustomer
from commands.customer.mark_dormant import MarkDormant
from commands.privacy.place_legal_hold import PlaceLegalHold
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from domain.personal import Category
from domain.privacy import refusals
from domain.privacy.events import RequestType
from domain.refusal import CustomerErased, NotFound, Refused
from domain.terms import Channel
from infra.dispatch import Caller, PurposeNotListed, RoleNotAllowed
from infra.product import Product
from tests.commands.erasing import erase
from tests.erasure.asking import CRM, OFFICER, ask, customer_of

CLERK = Caller("staff:tom", "agent")


def denials(product: Product) -> list[tuple[Any, ...]]:
    with product.record.connection() as db:
        return db.execute(
            "SELECT actor, role, operation, purpose, decision, rule, subjects FROM trail.access"
            " ORDER BY id"
        ).fetchall()


def twice(customer: UUID) -> ReceivePrivacyRequest:
    return ReceivePrivacyRequest(
        customer_id=customer, request_type=RequestType.ERASURE, channel=Channel.EMAIL
    )


def refused(product: Product, command: Any, caller: Caller, why: type[Refused]) -> None:
    with pytest.raises(why):
        ask(product, command, caller)


def test_an_erasure_asked_for_twice(running: Product) -> None:
    customer = customer_of(running)
    ask(running, twice(customer))
    refused(running, twice(customer), CRM, refusals.RequestRunning)
    [row] = denials(running)
    assert row == (
        "staff:ann",
        "crm_admin",
        "command:ReceivePrivacyRequest",
        "dpv:RightsFulfilment",
        "deny",
        "request_running",
        [customer],
    )


def test_an_erasure_under_hold_and_of_somebody_erased(running: Product) -> None:
    held, gone = customer_of(running), customer_of(running)
    hold = PlaceLegalHold(
        customer_id=held,
        categories=(Category.CONTENT,),
        basis="court:17",
        review_on=date(2099, 1, 1),
    )
    ask(running, hold, OFFICER)
    erase(running, gone)
    refused(running, EraseCustomer(customer_id=held), OFFICER, refusals.UnderLegalHold)
    refused(running, twice(gone), CRM, CustomerErased)
    assert [(row[5], row[6]) for row in denials(running)] == [
        ("under_legal_hold", [held]),
        ("customer_erased", [gone]),
    ]


def test_what_a_role_may_not_ask_and_a_purpose_that_is_none(running: Product) -> None:
    customer = customer_of(running)
    refused(running, EraseCustomer(customer_id=customer), CLERK, RoleNotAllowed)
    with pytest.raises(PurposeNotListed):
        running.dispatcher.dispatch(
            MarkDormant(customer_id=customer), CRM, uuid4(), purpose="Erika Mustermann"
        )
    assert [(row[3], row[5]) for row in denials(running)] == [
        ("dpv:RightsFulfilment", "role_not_allowed"),
        ("unlisted", "purpose_not_listed"),
    ]


def test_a_mistake_is_no_attempt(running: Product) -> None:
    refused(running, MarkDormant(customer_id=uuid4()), CRM, NotFound)
    assert denials(running) == []
