"""The customer is told what became of their request (CB-15.2b: the reply is due, too)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import LanguageTag
from commands.privacy.case import find, recorded
from domain.terms import Channel


class AnswerPrivacyRequest(Command):
    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "crm_admin", "compliance_officer"}
    )

    customer_id: UUID
    request: UUID
    channel: Channel
    language: LanguageTag | None = None


def answer_privacy_request(command: AnswerPrivacyRequest, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    events = case.fulfil(
        command.request,
        channel=command.channel,
        language=command.language,
        **desk.when(command),
    )
    return recorded(desk, history, events)
