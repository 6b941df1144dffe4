"""A tier scheme is applied to a customer; a tier that is another one now is changed with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import Amount, Code, IndicatorName
from domain.customer import tier_review
from domain.refusal import Refused


class TierSchemeUnknown(Refused):
    """No scheme of this name is in force. Parameters: scheme."""

    clause = "CB-9.1c"


class EvaluateTier(Command):
    """`as_of` is the last day that counts, in the scheme's zone; `position` that of the record the
    indicators were read at."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "importer", "system"})

    customer_id: UUID
    scheme: Code
    as_of: date
    position: int = Field(ge=0, lt=2**53)
    indicators: Mapping[IndicatorName, Amount]


def evaluate_tier(command: EvaluateTier, desk: Desk) -> Append:
    scheme = desk.rules.tier_scheme(command.scheme, command.as_of)
    if scheme is None:
        raise TierSchemeUnknown(scheme=command.scheme)
    history, customer = find(desk, command.customer_id)
    events = tier_review.evaluate_tier(
        customer,
        scheme,
        as_of=command.as_of,
        position=command.position,
        indicators=command.indicators,
        **desk.when(command),
    )
    return recorded(desk, history, events)
