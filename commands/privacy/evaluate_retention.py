"""What becomes of each category asked for is ruled, by the retention rules and the holds."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import folded as folded_customer
from commands.privacy.case import SYSTEM, find, recorded
from domain.privacy.retention import Circumstances, rulings


class EvaluateRetention(Command):
    """`last_order_on` and `open_cases` are what the read models say at `position`; holds and
    jurisdiction come from the record."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = SYSTEM

    customer_id: UUID
    request: UUID
    last_order_on: date | None
    open_cases: int
    position: int


def evaluate_retention(command: EvaluateRetention, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    customer = folded_customer(desk.load("customer", command.customer_id))
    asked = case.known(command.request)
    when = desk.when(command)
    known = Circumstances(
        jurisdiction=customer.jurisdiction or history.market,
        last_order_on=command.last_order_on,
        open_cases=command.open_cases,
        today=when["at"].date(),
    )
    policy = desk.rules.retention
    ruled = rulings(policy, asked.asked, asked.categories, list(case.holds.values()), known)
    return recorded(desk, history, case.evaluate(command.request, ruled, policy.name, **when))
