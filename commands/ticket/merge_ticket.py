"""A customer asked the same twice: one ticket goes on, what is owed in the other is owed there."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find
from domain.ticket import refusals


class MergeTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset({"agent", "sales", "supervisor", "crm_admin"})

    ticket_id: UUID
    into: UUID


def merge_ticket(command: MergeTicket, desk: Desk) -> Append:
    """Writes both streams in one append."""
    if command.into == command.ticket_id:
        raise refusals.TicketMergedIntoItself
    history, ticket = find(desk, command.ticket_id)
    target, other = find(desk, command.into)
    when = desk.when(command)
    merged = desk.change(history, ticket.merge_into(other, command.into, **when), status="closed")
    taken = other.take_in(command.ticket_id, ticket, **when)
    return Append(
        writes=[merged, desk.further(target, taken)],
        ids={"ticket": command.into, "merged": command.ticket_id, "customer": history.subject},
    )
