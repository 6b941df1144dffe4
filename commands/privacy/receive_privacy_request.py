"""A customer asks to have their data erased, or not used any more (CB-15.2b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk, Guard
from commands.customer.standing import find as find_customer
from commands.fields import Categories, LanguageTag
from commands.privacy.case import find_or_none, written
from domain.personal import Category
from domain.privacy.events import RequestType
from domain.terms import Channel


class ReceivePrivacyRequest(Command):
    """Without categories: all of them."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "crm_admin", "compliance_officer"}
    )

    customer_id: UUID
    request_type: RequestType
    categories: Categories = tuple(Category)
    channel: Channel
    language: LanguageTag | None = None


def receive_privacy_request(command: ReceivePrivacyRequest, desk: Desk) -> Append:
    customer, known = find_customer(desk, command.customer_id)
    known.must_be_known()
    history, case = find_or_none(desk, command.customer_id)
    request = desk.new_id()
    events = case.receive(
        request=request,
        asked=command.request_type,
        categories=command.categories,
        by=desk.actor,
        channel=command.channel,
        language=command.language,
        **desk.when(command),
    )
    write = written(desk, history, customer, events)
    return Append(
        writes=[write],
        guards=[Guard(stream=customer.stream, status="open")],
        ids={"privacy": write.stream, "customer": customer.stream, "request": request},
    )
