"""Fields of a profile are corrected or emptied; each keeps the origin of what it replaces."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import CountryCode, LanguageTag, ProfileFields
from domain.customer.profile import CorrectionReason, ProfileField
from domain.customer.provenance import written_in


class CorrectProfile(Command):
    """`remove` names the fields that are to be empty. `learned_at`: when we came to know of it;
    default: when the change was noted, or now."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "importer"}
    )

    customer_id: UUID
    why: CorrectionReason
    profile: ProfileFields = ProfileFields()
    country: CountryCode | None = None
    language: LanguageTag | None = None
    remove: tuple[ProfileField, ...] = ()
    learned_at: AwareDatetime | None = None


def correct_profile(command: CorrectProfile, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = customer.correct(
        command.profile.wrapped(),
        country=command.country,
        language=command.language,
        remove=command.remove,
        reason=command.why,
        learned_at=command.learned_at,
        entered_by=desk.actor,
        written_in=written_in(history.events),
        **desk.when(command),
    )
    return recorded(desk, history, events)
