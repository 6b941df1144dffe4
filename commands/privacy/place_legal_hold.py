"""Data are needed for a proceeding: they must not be destroyed until the hold is released."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk, Guard
from commands.customer.standing import find as find_customer
from commands.fields import Categories, Code
from commands.privacy.case import find_or_none, written


class PlaceLegalHold(Command):
    """`basis`: the proceeding or law, as a code. Whoever places it owns it."""

    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset({"compliance_officer"})

    customer_id: UUID
    categories: Categories
    basis: Code
    review_on: date


def place_legal_hold(command: PlaceLegalHold, desk: Desk) -> Append:
    customer, known = find_customer(desk, command.customer_id)
    known.must_be_known()
    history, case = find_or_none(desk, command.customer_id)
    hold = desk.new_id()
    events = case.place_hold(
        hold,
        categories=command.categories,
        basis=command.basis,
        owner=desk.actor,
        review_on=command.review_on,
        **desk.when(command),
    )
    write = written(desk, history, customer, events)
    return Append(
        writes=[write],
        guards=[Guard(stream=customer.stream, status="open")],
        ids={"privacy": write.stream, "customer": customer.stream, "hold": hold},
    )
