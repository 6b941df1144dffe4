"""The rulebook as the record has it: what ships, who publishes, and who learns of it when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from commands.command import Command
from commands.customer.register_customer import RegisterCustomer
from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy_row import DraftPolicyRow
from commands.policy.drop_policy_row import DropPolicyRow
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from commands.policy.revise_policy import RevisePolicy
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.publication.events import RowKind
from domain.terms import Channel, CollectionSource
from infra.dispatch import Caller, Result
from infra.home import Home
from infra.policies import PACKS, POLICIES, shipped_rulebook
from infra.product import Product, assembled, now
from infra.publication.rules import with_policies
from infra.publication.shipping import ship, ship_missing
from infra.servers.owner import Addresses

FIRST = "cb-10.1a"
COMMANDS = count(1)
MONDAY_NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""Noon in China, whose hours serve markets that have none."""
FAST: dict[str, Any] = {
    "id": FIRST,
    "clause": "CB-10.1a",
    "says": "An inquiry is answered within ten minutes.",
    "zh": "10分钟内响应。",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "when": {"hours": "inside"},
    "target": {"working_minutes": 10},
}


@pytest.fixture
def two(home: Home, database: str, redis_url: str) -> Iterator[tuple[Product, Product]]:
    """Two processes over one record, as far as that matters here."""
    addresses = Addresses(database, redis_url, owner=False)
    with ExitStack() as held:
        one = held.enter_context(assembled(home, addresses))
        other = held.enter_context(assembled(home, addresses))
        yield one, other


def ask(product: Product, command: Command, actor: str, role: str) -> Result:
    return product.dispatcher.dispatch(command, Caller(actor, role), UUID(int=next(COMMANDS)))


def publish(product: Product, day: date, *rows: dict[str, Any], drop: str | None = None) -> None:
    """A revision of cross_border_crm in the hands of three people."""
    policy: dict[str, Any] = {"policy_id": "cross_border_crm"}
    ask(product, RevisePolicy(**policy), "ann", "crm_admin")
    for row in rows:
        command = DraftPolicyRow(**policy, kind=RowKind.DEADLINE, row=row)
        ask(product, command, "ann", "crm_admin")
    if drop is not None:
        ask(product, DropPolicyRow(**policy, row_id=drop), "ann", "crm_admin")
    ask(product, ReviewPolicy(**policy), "cora", "compliance_officer")
    ask(product, ApprovePolicy(**policy), "maya", "management")
    published = PublishPolicy(**policy, effective_day=day, change_record="Faster")
    ask(product, published, "ann", "crm_admin")


def inquiry(product: Product, at: datetime | None = None) -> dict[str, tuple[str, timedelta]]:
    """The first response promised: by rule, the policy and how long after the inquiry."""
    market = "CN"
    customer = ask(
        product,
        RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market=market, at=at),
        "ann",
        "crm_admin",
    ).ids["customer"]
    command = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, market=market, at=at)
    ticket = ask(product, command, "ann", "agent").ids["ticket"]
    return {
        timer.rule: (timer.policy, timer.due_at - timer.started_at)
        for recorded in product.record.read_stream(ticket)
        if recorded.header.type == "SlaTimersStarted"
        for timer in recorded.event.timers  # type: ignore[attr-defined]
    }


def test_what_ships_is_on_record_once_however_many_begin(two: tuple[Product, Product]) -> None:
    one, other = two
    before = len(one.record.read_kind("policy"))
    for product in two:
        ship_missing(product.dispatcher)
        ship(product.dispatcher)
    assert len(other.record.read_kind("policy")) == before
    published = [
        r.header for r in one.record.read_kind("policy") if r.header.type == "PolicyPublished"
    ]
    assert len(published) == len(POLICIES)
    assert {(h.actor, h.role) for h in published} == {("dossier", "system")}


def test_rules_from_the_record_are_those_of_the_files(two: tuple[Product, Product]) -> None:
    on_record, shipped = two[0].rules, shipped_rulebook()
    by_id = {(rule.pack.name, rule.id): rule for rule in on_record.rules}
    assert by_id == {
        (rule.pack.name, rule.id): replace(rule, pack=by_id[rule.pack.name, rule.id].pack)
        for rule in shipped.rules
    }
    assert {rule.pack.approved_by for rule in on_record.rules} == {()}
    assert on_record.versions_on(date(2026, 3, 2)) == " ".join(f"{id}@1" for id in sorted(PACKS))
    assert on_record.tier_scheme("retail", date(2010, 1, 1)) == shipped.tiers["retail"]


@pytest.mark.clause("CB-10.1a")
def test_what_one_process_publishes_the_other_decides_by_at_once(
    two: tuple[Product, Product],
) -> None:
    one, other = two
    today = now().date()
    assert inquiry(other, MONDAY_NOON) == {FIRST: ("cross_border_crm@1", timedelta(hours=1))}
    publish(one, today, FAST)
    for product in two:
        names = product.rules.versions_on(today).split()
        assert "cross_border_crm@2" in names
        assert "cross_border_crm@1" not in names
    assert other.rules.rule("cross_border_crm@1", FIRST) is not None


def test_a_fact_falls_under_the_version_of_its_day_among_those_published(
    two: tuple[Product, Product],
) -> None:
    """Late facts fall under the old version although the new one is in force when they are told."""
    one, other = two
    publish(one, now().date(), FAST)
    assert inquiry(other, MONDAY_NOON) == {FIRST: ("cross_border_crm@1", timedelta(hours=1))}
    policies = {policy for policy, _ in inquiry(other).values()}
    assert policies == {"cross_border_crm@2"}


def test_what_takes_effect_later_changes_nothing_before(two: tuple[Product, Product]) -> None:
    one, other = two
    publish(one, now().date() + timedelta(days=30), FAST)
    assert {policy for policy, _ in inquiry(other).values()} == {"cross_border_crm@1"}
    later = other.rules.rule("cross_border_crm@2", FIRST)
    assert later is not None
    assert later.in_force == now().date() + timedelta(days=30)
    ended = other.rules.rule("cross_border_crm@1", FIRST)
    assert ended is not None
    assert (ended.in_force, ended.lapsed) == (None, later.in_force)


def test_a_promise_made_stays_what_it_was(two: tuple[Product, Product]) -> None:
    one, other = two
    customer = ask(
        other,
        RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market="CN"),
        "ann",
        "crm_admin",
    ).ids["customer"]
    command = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, market="CN")
    ticket = ask(other, command, "ann", "agent").ids["ticket"]
    before = [r.body for r in other.record.read_stream(ticket)]
    publish(one, now().date(), FAST, drop="cb-10.1b")
    assert [r.body for r in other.record.read_stream(ticket)] == before


def test_drafting_alone_changes_no_rule(two: tuple[Product, Product]) -> None:
    one, other = two
    before = other.rules
    policy: dict[str, Any] = {"policy_id": "cross_border_crm"}
    ask(one, RevisePolicy(**policy), "ann", "crm_admin")
    ask(one, DraftPolicyRow(**policy, kind=RowKind.DEADLINE, row=FAST), "ann", "crm_admin")
    assert other.rules.rules == before.rules
    assert with_policies(before, one.record).rules == before.rules
