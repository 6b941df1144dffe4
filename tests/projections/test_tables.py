"""Events in, rows out: what each table shows of one customer's life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.customer.record_interaction import RecordInteraction
from commands.ticket.close_ticket import CloseTicket
from commands.ticket.record_auto_reply import RecordAutoReply
from commands.ticket.resolve_ticket import ResolveTicket
from domain.personal import MARKS, Category
from domain.terms import Channel, Direction
from infra.gate import Reader, SealedValue
from tests.projections.life import Life, after, erase, erased_in_part, lived
from tests.projections.shop import Shop, contents

READER = Reader("ann", "crm_admin", uuid4())


@pytest.fixture
def ada(shop: Shop) -> Life:
    return lived(shop)


def opened(shop: Shop, life: Life, token: str, path: str) -> str | None:
    (text,) = shop.gate.open([SealedValue(token, life.customer, path)], READER, "dpv:CustomerCare")
    return text


class TestCustomers:
    def test_show_what_is_held_and_who_wrote_it(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        row = shop.row("customers", customer=ada.customer)
        assert (row["kind"], row["market"], row["country"]) == ("person", "CN", "IE")
        assert (row["tier"], row["registered_at"]) == ("important", after(0))
        assert opened(shop, ada, row["name_token"], "profile.name") == "Ada"
        assert opened(shop, ada, row["email_token"], "profile.email") == "Ada@example.com"
        assert row["phone_token"] is None
        assert row["written"]["name"]["by"] == "ann"
        assert row["written"]["email"]["reason"] == "customer_reported"
        assert row["written"]["email"]["learned_at"] == after(95).isoformat()
        assert row["outdated"] == {}

    def test_count_orders_and_contacts_as_activity(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        assert shop.row("customers")["last_activity"] == after(80)
        shop.ask(
            RecordInteraction(
                customer_id=ada.customer,
                channel=Channel.PHONE,
                direction=Direction.OUTBOUND,
                content="called back",
                at=after(120),
            )
        )
        shop.catch_up()
        assert shop.row("customers")["last_activity"] == after(120)


class TestOrders:
    def test_hold_exact_amounts_of_sales_and_cancellations(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        rows = {row["number"]: row for row in shop.rows("orders")}
        sale, cancel = rows["A1"], rows["C1"]
        assert (sale["what"], sale["amount"], sale["lines"]) == ("sale", Decimal("24.690"), 2)
        assert (sale["purchase_lines"], sale["country"], sale["at"]) == (1, "GB", after(5))
        assert (cancel["what"], cancel["amount"]) == ("cancel", Decimal("12.345"))
        assert sale["customer"] == cancel["customer"] == ada.customer


class TestTickets:
    def test_show_where_it_stands_and_how_long_it_waited(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        row = shop.row("tickets", ticket=ada.ticket)
        assert (row["state"], row["owner"], row["team"]) == ("in_progress", "cid", "one")
        assert (row["reopened"], row["waited"]) == (1, {"customer": 15 * 60})
        assert (row["first_owner_at"], row["first_response_at"]) == (after(25), after(30))
        assert (row["first_resolved_at"], row["closed_at"]) == (after(50), None)
        assert opened(shop, ada, row["subject_token"], "subject") == "Where is it?"

    def test_count_who_spoke(self, shop: Shop, ada: Life) -> None:
        shop.ask(RecordAutoReply(ticket_id=ada.ticket, text="We are closed", at=after(76)))
        shop.ask(ResolveTicket(ticket_id=ada.ticket, at=after(77)))
        shop.ask(CloseTicket(ticket_id=ada.ticket, at=after(78)))
        shop.catch_up()
        row = shop.row("tickets", ticket=ada.ticket)
        assert (row["messages_customer"], row["messages_staff"], row["auto_replies"]) == (2, 1, 1)
        assert (row["turns"], row["last_speaker"]) == (4, "other")
        assert (row["first_auto_reply_at"], row["first_reply_at"]) == (after(76), after(30))
        assert (row["state"], row["closed_at"]) == ("closed", after(78))


class TestComplaints:
    def test_show_what_it_is_about_and_where_it_stands(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        row = shop.row("complaints", complaint=ada.complaint)
        assert (row["state"], row["complaint_kind"]) == ("registered", "delivery")
        assert (row["claim_amount"], row["currency"]) == (Decimal("24.69"), "GBP")
        assert (row["product"], row["vulnerability"]) == ("pads", ["older_person"])
        assert (row["has_text"], row["acknowledged_at"]) == (True, after(81))


class TestTierView:
    def test_shows_the_tier_and_its_evidence(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        row = shop.row("tier_view", customer=ada.customer)
        assert (row["scheme"], row["tier"], row["since"]) == ("retail", "important", after(90))
        assert (row["as_of"], row["position_read"]) == (date(2026, 3, 2), 1)
        assert row["indicators"] == {"net_365d": "1000.500", "orders_365d": "3"}


class TestSlaTimers:
    def test_show_each_promise_with_its_rule(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        (first,) = shop.rows("sla_timers", stream=ada.ticket, metric="first_response")
        assert (first["rule"], first["clause"], first["state"]) == (
            "cb-10.1a",
            "CB-10.1a",
            "fulfilled",
        )
        assert (first["started_at"], first["fulfilled_at"]) == (after(20), after(30))
        assert (first["due_at"], first["market"]) == (after(80), "CN")


class TestHistory:
    def test_holds_every_event_with_sealed_values_apart(self, shop: Shop, ada: Life) -> None:
        shop.catch_up()
        rows = shop.rows("history", customer=ada.customer)
        assert [row["position"] for row in rows] == sorted(row["position"] for row in rows)
        assert len(rows) == events_on_record(shop, ada.customer)
        registered = one(rows, "CustomerRegistered")
        assert registered["facts"]["country"] == "GB"
        assert registered["facts"]["profile"] == {}
        assert sorted(registered["sealed_token"]) == ["profile.email", "profile.name"]
        token = registered["sealed_token"]["profile.name"]
        assert opened(shop, ada, token, "profile.name") == "Ada"
        assert (registered["actor"], registered["role"]) == ("ann", "crm_admin")
        assert registered["purpose"] == "dpv:CustomerRelationshipManagement"

    def test_of_an_erased_customer_keeps_what_happened(self, shop: Shop, ada: Life) -> None:
        erase(shop, ada.customer)
        shop.catch_up()
        rows = shop.rows("history", customer=ada.customer)
        assert all(row["sealed_token"] is None for row in rows)
        assert one(rows, "TicketReopened")["facts"]["reason"] == "not_there"
        customer = shop.row("customers", customer=ada.customer)
        assert customer["erased_at"] is not None
        assert customer["name_token"] is None
        assert customer["written"]["name"]["by"] == "ann"
        assert shop.row("tickets", ticket=ada.ticket)["subject_token"] is None


def one(rows: list[dict[str, Any]], event: str) -> dict[str, Any]:
    return [row for row in rows if row["type"] == event][-1]


def events_on_record(shop: Shop, subject: UUID) -> int:
    with shop.reading() as connection:
        row = connection.execute(
            "SELECT count(*) FROM es.events WHERE subject = %s", (subject,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_erased_in_part_leaves_the_rest_of_the_tokens(shop: Shop) -> None:
    customer = lived(shop).customer
    shop.catch_up()
    marks = {category: MARKS[category] for category in Category}

    def held() -> set[Category]:
        text = b"".join(contents(shop.dsn).values()).decode()
        return {category for category, mark in marks.items() if f"{mark}A" in text}

    assert held() == {Category.IDENTITY, Category.CONTACT, Category.CONTENT}
    erased_in_part(shop, customer, Category.CONTENT)
    shop.catch_up()
    assert held() == {Category.IDENTITY, Category.CONTACT}
    [row] = shop.rows("customers", customer=customer)
    assert (row["gone"], row["erased_at"]) == (["content"], None)
