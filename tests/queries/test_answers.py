"""Questions, and what is answered from the tables of one customer's life."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.send_first_response import SendFirstResponse
from domain.terms import Channel, CollectionSource, CustomerKind
from queries.before_and_after import MASKED, Change, before_and_after
from queries.breaches_as_of import breaches_as_of
from queries.complaints_found import complaints_found
from queries.customer_shown import customer_shown
from queries.customers_found import customers_found
from queries.history_as_of import history_as_of
from queries.tickets_found import tickets_found
from queries.tier_indicators import tier_indicators
from queries.tiers_held import tiers_held
from tests.projections.life import Life, after, erase, lived
from tests.projections.shop import EIGHT, Shop

DAY = timedelta(days=1)


@pytest.fixture
def ada(shop: Shop) -> Life:
    life = lived(shop)
    shop.catch_up()
    return life


class TestCustomers:
    def test_are_listed_without_guests_unless_asked(self, shop: Shop, ada: Life) -> None:
        guest = shop.ask(
            RegisterCustomer(
                kind=CustomerKind.GUEST,
                collection_source=CollectionSource.PLATFORM_BACKEND,
                at=EIGHT,
            )
        ).ids["customer"]
        shop.catch_up()
        with shop.reading() as db:
            assert [c.customer for c in customers_found(db)] == [ada.customer]
            assert {c.customer for c in customers_found(db, guests=True)} == {ada.customer, guest}
            assert customers_found(db, country="GB") == []
            assert [c.tier for c in customers_found(db, tier="important")] == ["important"]

    def test_are_shown_with_the_origin_of_each_field(self, shop: Shop, ada: Life) -> None:
        with shop.reading() as db:
            shown = customer_shown(db, ada.customer)
            nobody = customer_shown(db, ada.ticket)
        assert nobody is None
        assert shown is not None
        assert sorted(shown.sealed) == ["email", "name"]
        assert (shown.written["email"].by, shown.written["email"].reason) == (
            "ann",
            "customer_reported",
        )
        assert shown.country == "IE"

    def test_that_are_erased_show_no_sealed_value(self, shop: Shop, ada: Life) -> None:
        erase(shop, ada.customer)
        shop.catch_up()
        with shop.reading() as db:
            shown = customer_shown(db, ada.customer)
        assert shown is not None
        assert shown.sealed == {}
        assert shown.erased_at is not None


class TestCases:
    def test_are_found_by_customer_and_state(self, shop: Shop, ada: Life) -> None:
        with shop.reading() as db:
            (ticket,) = tickets_found(db, customer=ada.customer)
            (complaint,) = complaints_found(db, state="registered")
            assert tickets_found(db, state="closed") == []
            assert complaints_found(db, customer=ada.order) == []
        assert (ticket.ticket, ticket.waited) == (ada.ticket, {"customer": 900})
        assert (complaint.complaint, complaint.claim_amount) == (ada.complaint, Decimal("24.69"))


class TestHistory:
    def test_tells_what_stood_before_and_masks_what_is_sealed(self, shop: Shop, ada: Life) -> None:
        with shop.reading() as db:
            changes = {
                fact.type: change
                for fact, change in before_and_after(history_as_of(db, ada.customer))
            }
        assert changes["TicketAssigned"] == [Change("owner", "bob", "cid")]
        assert changes["CustomerProfileUpdated"] == [
            Change("country", "GB", "IE"),
            Change("profile.email", MASKED, MASKED),
        ]
        assert changes["TicketReopened"] == []

    def test_at_a_moment_ends_with_what_had_happened(self, shop: Shop, ada: Life) -> None:
        with shop.reading() as db:
            then = history_as_of(db, ada.customer, at=after(19))
            never = history_as_of(db, ada.customer, as_of=after(19))
        assert {fact.kind for fact in then} == {"customer", "order"}
        assert never == []


class TestBreaches:
    def test_are_those_late_by_then_noted_or_not(self, shop: Shop, ada: Life) -> None:
        ticket = shop.ask(
            ReceiveInquiry(customer_id=ada.customer, channel=Channel.CHAT, at=EIGHT)
        ).ids["ticket"]
        shop.catch_up()
        due = {row["due_at"] for row in shop.rows("sla_timers", stream=ticket)}
        last = max(due)
        with shop.reading() as db:
            on_time = breaches_as_of(db, last, kind="ticket")
            running = breaches_as_of(db, last + DAY, kind="ticket")
        assert [b.stream for b in on_time if b.due_at == last] == []
        assert {b.stream for b in running} == {ticket}
        assert running[-1].late_seconds == DAY.total_seconds()
        shop.ask(SendFirstResponse(ticket_id=ticket, text="Here", at=last + timedelta(minutes=5)))
        shop.catch_up()
        with shop.reading() as db:
            answered = breaches_as_of(db, last + DAY, kind="ticket")
        assert [(b.fulfilled_at, b.late_seconds) for b in answered if b.due_at == last] == [
            (last + timedelta(minutes=5), 300)
        ]


class TestTiers:
    def test_indicators_come_from_the_orders_of_the_window(self, shop: Shop, ada: Life) -> None:
        with shop.reading() as db:
            (found,) = tier_indicators(db, EIGHT - DAY, EIGHT + DAY)
            assert tier_indicators(db, EIGHT - DAY, EIGHT) == []
            (held,) = tiers_held(db)
        assert (found.customer, found.orders_365d) == (ada.customer, 1)
        assert found.net_365d == Decimal("12.345")
        assert (held.tier, held.customers, held.least_net) == ("important", 1, Decimal("1000.5"))
