"""Missing fields of a profile are filled in; an anonymous customer gets to be known."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import CountryCode, LanguageTag, ProfileFields
from domain.terms import CustomerKind


class CompleteProfile(Command):
    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "importer"}
    )

    customer_id: UUID
    profile: ProfileFields = ProfileFields()
    country: CountryCode | None = None
    language: LanguageTag | None = None
    kind: Literal[CustomerKind.PERSON, CustomerKind.COMPANY] | None = None


def complete_profile(command: CompleteProfile, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = customer.complete(
        command.profile.wrapped(),
        country=command.country,
        language=command.language,
        kind=command.kind,
        completed_by=desk.actor,
        **desk.when(command),
    )
    return recorded(desk, history, events)
