"""Whoever seems to be somebody else is flagged for a person to look at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.customer.record_interaction import RecordInteraction
from domain.terms import Channel, Direction
from infra.blind_index.finding import open_reviews, rows_of_subject, settle_review
from infra.product import Product
from tests.commands.erasing import erase
from tests.privacy.conftest import ask
from tests.privacy.searching import register, reviews


class TestReviews:
    def test_a_duplicate_is_a_flag_and_no_merge(self, running: Product) -> None:
        first = register(running, email="jane@example.com", phone="+493090182077", name="Jane Doe")
        second = register(running, email="JANE@example.com", phone="030 90182077", name="Jane Doe")
        assert reviews(running) == {
            ("same_email", second, first),
            ("same_phone", second, first),
        }
        abroad = register(running, "FR", email="jane@example.com")
        assert {customer for _, customer, _ in reviews(running)} == {second}
        assert abroad not in (first, second)
        with running.record.connection() as connection:
            number = open_reviews(connection)[0].id
            assert settle_review(connection, number, "staff:ann")
            assert not settle_review(connection, number, "staff:ann")
        assert len(reviews(running)) == 1

    def test_of_two_entered_at_once_one_is_flagged(self, running: Product) -> None:
        for round_ in range(5):
            mail = f"twin{round_}@example.com"
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda _, m=mail: register(running, email=m), range(4)))
        pairs = {frozenset(pair) for _, *pair in reviews(running)}
        assert len(pairs) == 5 * 6

    @pytest.mark.case("AC-20")
    def test_a_name_that_looks_like_anothers_is_flagged_and_an_accented_one_is_not(
        self, running: Product
    ) -> None:
        jane = register(running, name="Jane Doe")
        rene = register(running, name="Rene Dupont")
        cyrillic = register(running, name="J\u0430ne Doe")
        assert reviews(running) == {("look_alike_name", cyrillic, jane)}
        register(running, name="René Dupont")
        register(running, name="jane doe")  # the same name is no disguise
        register(running, name="Анна Иванова")
        assert {r for r in reviews(running) if r[2] == rene} == set()
        assert {reason for reason, *_ in reviews(running)} == {"look_alike_name"}
        assert {other for _, _, other in reviews(running)} <= {jane, cyrillic}

    @pytest.mark.case("PL-13")
    def test_a_text_that_speaks_of_another_customer_is_flagged_and_outlives_their_erasure(
        self, running: Product
    ) -> None:
        jane = register(running, phone="+49 30 90182077", email="jane@example.com")
        max_ = register(running, email="max@example.com")
        note = RecordInteraction(
            customer_id=max_,
            channel=Channel.EMAIL,
            direction=Direction.INBOUND,
            content="My neighbour's number is 030/9018-2077; mine is max@example.com.",
        )
        ask(running, note)
        assert reviews(running) == {("mentioned", max_, jane)}
        erase(running, jane)
        assert reviews(running) == {("mentioned", max_, jane)}
        with running.record.connection() as connection:
            assert rows_of_subject(connection, jane) == 0
