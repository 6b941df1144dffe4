"""Whose customers a reader sees: those of their markets, teams and own cases. Others are nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.ticket.assign_ticket import AssignTicket
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.refusal import NotFound
from domain.terms import Channel
from infra.dispatch import Caller
from infra.gate import PostgresSubjects, SealedValue
from infra.gate.subjects import Facts
from infra.product import Product
from tests.privacy.at_the_gate import CARE, reader, trail, value
from tests.privacy.conftest import ask, registration

SUPERVISOR = Caller("staff:sue", "supervisor")


@pytest.fixture
def lei(running: Product) -> UUID:
    return ask(running, registration("Li Lei", market="CN")).ids["customer"]


def ticket(running: Product, customer: UUID, *, owner: str, group: str) -> UUID:
    inquiry = ReceiveInquiry(
        customer_id=customer, channel=Channel.EMAIL, text="Where is it?", subject="Parcel"
    )
    made = ask(running, inquiry, Caller("staff:ann", "agent")).ids["ticket"]
    ask(running, AssignTicket(ticket_id=made, owner=owner, group=group), SUPERVISOR)
    return made


@pytest.mark.case("AC-08")
@pytest.mark.clause("CB-14.1d")
def test_a_customer_of_another_market_does_not_exist(
    running: Product, erika: UUID, lei: UUID
) -> None:
    chinese = reader(markets=frozenset({"CN"}))
    assert running.gate.open([value(running, lei)], chinese, CARE) == ["Li Lei"]
    nobody = uuid4()
    told = []
    for values in (
        [value(running, erika)],
        [value(running, lei), value(running, erika)],
        [value(running, erika)._replace(subject=nobody)],
    ):
        with pytest.raises(NotFound) as absent:
            running.gate.open(values, chinese, CARE)
        told.append(absent.value.parameters)
    assert told == [{"kind": "customer", "id": str(one)} for one in (erika, erika, nobody)]
    denials = [row for row in trail(running) if row.decision == "deny"]
    assert [row.rule for row in denials] == ["out-of-scope"] * 3
    assert denials[1].subjects == sorted([erika, lei])


@pytest.mark.case("AC-08")
def test_a_token_of_another_market_under_a_known_name_does_not_open(
    running: Product, erika: UUID, lei: UUID
) -> None:
    smuggled = SealedValue(value(running, erika).token, lei)
    with pytest.raises(Exception, match="tampered") as refused:
        running.gate.open([smuggled], reader(markets=frozenset({"CN"})), CARE)
    assert refused.type.__name__ == "Tampered"
    assert [row.rule for row in trail(running)] == ["agent-serves", "tampered"]


def test_no_market_in_scope_is_nobody(running: Product, erika: UUID) -> None:
    with pytest.raises(NotFound):
        running.gate.open([value(running, erika)], reader(markets=frozenset()), CARE)


@pytest.mark.case("AC-08")
@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        ({"teams": frozenset({"returns"})}, True),
        ({"teams": frozenset({"billing"})}, False),
        ({"teams": frozenset()}, False),
        ({"own": True}, True),
        ({"own": True, "actor": "staff:eve"}, False),
        ({"own": True, "actor": "staff:eve", "teams": frozenset({"returns"})}, True),
        ({"own": True, "markets": frozenset({"CN"})}, False),
        ({"teams": frozenset({"returns"}), "markets": frozenset({"DE", "AT"})}, True),
    ],
)
def test_a_bounded_reader_sees_the_customers_of_their_cases(
    running: Product, erika: UUID, scope: dict[str, Any], sees: bool
) -> None:
    ticket(running, erika, owner="staff:bob", group="returns")
    asked = [value(running, erika)]
    if sees:
        assert running.gate.open(asked, reader(**scope), CARE) == ["Erika Mustermann"]
    else:
        with pytest.raises(NotFound):
            running.gate.open(asked, reader(**scope), CARE)


def test_a_case_that_changed_hands_counts_for_whom_has_it_now(
    running: Product, erika: UUID
) -> None:
    made = ticket(running, erika, owner="staff:bob", group="returns")
    subjects = PostgresSubjects(running.record.connection)
    held = Facts("DE", frozenset({"staff:bob"}), frozenset({"returns"}))
    assert subjects.facts([erika], cases=True) == {erika: held}
    ask(running, AssignTicket(ticket_id=made, owner="staff:eve", group="billing"), SUPERVISOR)
    fresh = PostgresSubjects(running.record.connection)
    moved = Facts("DE", frozenset({"staff:eve"}), frozenset({"billing"}))
    assert fresh.facts([erika, uuid4()], cases=True) == {erika: moved}
    assert fresh.facts([erika], cases=False) == {erika: Facts("DE")}
