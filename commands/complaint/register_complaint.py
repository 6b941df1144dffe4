"""What the customer complains about and what they demand is put on record (CB-13.1b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field, model_validator

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.customer.standing import customer_guard
from commands.fields import Amount, Code, CurrencyCode, Text
from domain.personal import Personal


class RegisterComplaint(Command):
    """`claim_amount` is in `currency`."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    complaint_kind: Code
    cause: Code | None = None
    content: Text = Field(repr=False)
    demand: Text = Field(repr=False)
    claim_amount: Amount | None = Field(default=None, ge=0)
    currency: CurrencyCode | None = None

    @model_validator(mode="after")
    def _in_a_currency(self) -> RegisterComplaint:
        if (self.claim_amount is None) != (self.currency is None):
            raise ValueError("claim_amount and currency go together")
        return self


def register_complaint(command: RegisterComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    guard = customer_guard(desk, history.subject)
    events = complaint.register(
        complaint_kind=command.complaint_kind,
        cause=command.cause,
        content=Personal(command.content),
        demand=Personal(command.demand),
        claim_amount=command.claim_amount,
        currency=command.currency,
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
