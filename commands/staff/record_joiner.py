"""Somebody joins the staff in a post, or comes back to one (RR-A-3.1)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Command, Desk
from commands.fields import Code, MarketCode, StaffId
from commands.staff.record import KIND, find, recorded
from domain.staff.access import staff_stream
from domain.staff.events import StaffJoined


class RecordJoiner(Command):
    """`staff_id` is what they log in as. `market`: whose working days count for promises."""

    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head"})

    staff_id: StaffId
    post: Code
    market: MarketCode | None = None


def record_joiner(command: RecordJoiner, desk: Desk) -> Append:
    stream = staff_stream(command.staff_id)
    when = desk.when(command)
    if desk.record.history(stream) is not None:
        history, access = find(desk, command.staff_id)
        return recorded(desk, history, access.join(command.post, **when))
    joined = StaffJoined(staff=command.staff_id, post=command.post, **when)
    write = desk.begin(KIND, stream, stream, [joined], market=command.market)
    return Append(writes=[write], ids={KIND: stream})
