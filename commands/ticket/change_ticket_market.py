"""Another market's service takes a ticket over."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import MarketCode
from commands.ticket.case import find, recorded


class ChangeTicketMarket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset({"agent", "supervisor", "crm_admin"})

    ticket_id: UUID
    market: MarketCode


def change_ticket_market(command: ChangeTicketMarket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    return recorded(desk, history, ticket.change_market(command.market, **desk.when(command)))
