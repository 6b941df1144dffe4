"""An answer names a customer where there is one: an agreement and a staff member are none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from commands.command import Command
from commands.staff.record_joiner import RecordJoiner
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.agreement.agreement import recipient_id
from domain.staff.access import staff_stream
from domain.terms import Channel
from infra.dispatch import Caller
from infra.product import Product, now
from tests.commands.consenting import agreement
from tests.domain.agreed import PARTNER
from tests.privacy.conftest import ask

HEAD = Caller("staff:cid", "department_head")


@pytest.mark.parametrize(
    ("command", "kind", "stream"),
    [
        (RecordJoiner(staff_id="staff:new", post="service"), "staff", staff_stream("staff:new")),
        (agreement(now(), now() + timedelta(days=30)), "agreement", recipient_id(PARTNER)),
    ],
    ids=["staff", "agreement"],
)
def test_who_is_no_customer_is_not_called_one(
    running: Product, command: Command, kind: str, stream: UUID
) -> None:
    said = ask(running, command, HEAD)
    assert "customer" not in said.ids
    (written,) = {r.header.stream for r in running.record.read_positions([said.position or 0])}
    assert written == stream
    assert kind in said.ids


def test_a_customer_and_whose_ticket_it_is_are_named(running: Product, erika: UUID) -> None:
    inquiry = ReceiveInquiry(customer_id=erika, channel=Channel.EMAIL, text="again")
    said = ask(running, inquiry)
    assert said.ids["customer"] == erika
    assert said.ids["ticket"] != erika
