"""A legal hold that is placed while a request is carried out, on the real record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commands.privacy.place_legal_hold import PlaceLegalHold
from domain.personal import Category
from domain.privacy.next_step import Step
from domain.privacy.refusals import DestructionHasBegun, UnderLegalHold
from infra.erasure.carrying_out import Erasures
from infra.product import Product, now
from tests.erasure.asking import NAME, OFFICER, ask, customer_of, request_of, tokens_of
from tests.erasure.test_erasure_saga import opened


@pytest.mark.case("KY-17")
def test_placed_just_before_the_point_of_no_return_it_defers(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    tokens = tokens_of(running, customer)
    hold = PlaceLegalHold(
        customer_id=customer,
        categories=tuple(Category),
        basis="court:17",
        review_on=(now() + timedelta(days=90)).date(),
    )

    def placed(step: Step) -> None:
        if step is Step.BEGIN:
            ask(running, hold, OFFICER)

    with pytest.raises(UnderLegalHold):
        Erasures(running, acted=placed).carry_out(customer, request)
    steps = [Step.EVALUATE, Step.RESTRICT, Step.EXECUTE]
    assert Erasures(running).carry_out(customer, request) == steps
    assert opened(running, customer, tokens)[0] == NAME


@pytest.mark.case("KY-17")
def test_placed_after_it_the_hold_is_refused_by_name_and_not_the_erasure(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    tokens = tokens_of(running, customer)
    hold = PlaceLegalHold(
        customer_id=customer,
        categories=(Category.IDENTITY,),
        basis="court:17",
        review_on=(now() + timedelta(days=90)).date(),
    )
    refused: list[Step] = []

    def placed(step: Step) -> None:
        if step is Step.EXECUTE:
            with pytest.raises(DestructionHasBegun):
                ask(running, hold, OFFICER)
            refused.append(step)

    done = Erasures(running, acted=placed).carry_out(customer, request)
    assert (done[-1], refused) == (Step.EXECUTE, [Step.EXECUTE])
    assert opened(running, customer, tokens) == [None, None]
