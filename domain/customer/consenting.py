"""What a customer is told and agrees to: decisions about notices and consents.

Each refuses an erased customer and a guest, like every decision about a customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Unpack
from uuid import UUID

from domain.customer import refusals
from domain.customer.consent import (
    EXPLICIT,
    MARKETING,
    NAMES_RECIPIENTS,
    SEPARATE,
)
from domain.customer.customer import Customer
from domain.customer.events import (
    CollectionNoticeGiven,
    ConsentExpired,
    ConsentGranted,
    ConsentWithdrawn,
    CustomerEvent,
    InteractionRecorded,
    MarketingContactReleased,
)
from domain.personal import Category, Content
from domain.terms import Channel, ConsentPurpose, ConsentScope, Direction, Language
from domain.when import When, surely_before


def give_notice(customer: Customer, notice: CollectionNoticeGiven) -> list[CustomerEvent]:
    """CB-7.2b. Refused in a language that is not the customer's, where that is known."""
    customer.must_be_known()
    _must_be_theirs(customer, notice.language)
    return [notice]


def grant_consent(customer: Customer, grant: ConsentGranted) -> list[CustomerEvent]:
    """The grant, resting on the notice it names and taking the place of the one before."""
    customer.must_be_known()
    if grant.expires_at is not None and grant.expires_at <= grant.at:
        raise refusals.ConsentEndsBeforeItBegins(at=grant.at, expires_at=grant.expires_at)
    _must_be_separate(grant)
    _must_be_theirs(customer, grant.notice_language)
    notice = _notice_of(customer, grant)
    when: When = {"at": grant.at, "at_precision": grant.at_precision}
    key = (grant.purpose, grant.scope, frozenset(grant.recipients))
    latest = customer.consents.said.get(key)
    if latest is not None and surely_before(when, latest):
        raise refusals.ConsentOvertaken(at=grant.at, latest=latest)
    earlier = [h.consent for h in customer.consents.held if h.key == key and h.standing]
    return [
        replace(
            grant,
            notice=notice.notice,
            retention=grant.retention or notice.retention,
            replaces=earlier[-1] if earlier else None,
        )
    ]


def withdraw_consent(
    customer: Customer,
    purpose: ConsentPurpose,
    scope: ConsentScope,
    *,
    recipient: str | None = None,
    channel: Channel,
    now: datetime,
    **when: Unpack[When],
) -> list[CustomerEvent]:
    """One event per consent ended: all of this purpose (and narrower ones) and scope, or those
    that name `recipient`. One that has run out can still be withdrawn: the wish is worth recording.
    A withdrawal is not put off: one dated after `now` counts from now.
    """
    customer.must_be_known()
    given = [
        held
        for held in customer.consents.standing(purpose, scope)
        if not surely_before(when, min(held.since, now))
        and (recipient is None or recipient in held.recipients)
    ]
    if not given:
        raise refusals.ConsentNotGiven(purpose=purpose, scope=scope)
    if when["at"] > now:
        when = {**when, "at": now}
    return [
        ConsentWithdrawn(
            consent=held.consent,
            purpose=held.purpose,
            scope=held.scope,
            recipients=tuple(sorted(held.recipients)),
            channel=channel,
            **when,
        )
        for held in given
    ]


def note_expired(customer: Customer, now: datetime) -> list[CustomerEvent]:
    """One event per consent that has run out by `now` (aware), at the moment it did (CB-15.2a)."""
    customer.must_be_known()
    return [
        ConsentExpired(
            consent=held.consent,
            purpose=held.purpose,
            scope=held.scope,
            recipients=tuple(sorted(held.recipients)),
            at=held.until,
        )
        for held in customer.consents.run_out(now)
        if held.until is not None
    ]


def record_contact(
    customer: Customer, contact: InteractionRecorded, *, purpose: str
) -> list[CustomerEvent]:
    """Refused if it went from us to the customer for a marketing purpose without a consent that
    held then: what may not be released is not let in by another door."""
    customer.must_be_known()
    if contact.direction is Direction.OUTBOUND and purpose in MARKETING:
        term = ConsentPurpose(purpose)
        customer.consents.must_hold(term, {Category.CONTACT}, None, contact.at)
    return customer.record_interaction(contact)


def release_marketing(
    customer: Customer,
    purpose: ConsentPurpose,
    *,
    contact: UUID,
    channel: Channel,
    content: Content,
    language: Language | None,
    campaign: str | None,
    **when: Unpack[When],
) -> list[CustomerEvent]:
    """Refused without a consent to this very purpose that covers contact data (CB-14.3a)."""
    customer.must_be_known()
    if purpose not in MARKETING:
        raise refusals.NotMarketing(purpose=purpose)
    consent = customer.consents.must_allow(purpose, {Category.CONTACT}, None, when["at"])
    return [
        MarketingContactReleased(
            contact=contact,
            purpose=purpose,
            consent=consent,
            channel=channel,
            content=content,
            language=language,
            campaign=campaign,
            **when,
        )
    ]


def _must_be_separate(grant: ConsentGranted) -> None:
    alone = grant.categories == (Category.SENSITIVE,)
    if grant.scope is ConsentScope.SENSITIVE_DATA and not alone:
        raise refusals.SeparateConsentNeeded(scope=grant.scope)
    if grant.scope is ConsentScope.OWN_USE and Category.SENSITIVE in grant.categories:
        raise refusals.SeparateConsentNeeded(scope=ConsentScope.SENSITIVE_DATA)
    if grant.scope in SEPARATE and grant.form not in EXPLICIT:
        raise refusals.ConsentNotExplicit(form=grant.form, scope=grant.scope)
    if grant.scope in NAMES_RECIPIENTS and not grant.recipients:
        raise refusals.RecipientsMissing(scope=grant.scope)
    if grant.scope not in NAMES_RECIPIENTS and grant.recipients:
        raise refusals.RecipientsWithoutSharing(scope=grant.scope)


def _must_be_theirs(customer: Customer, language: Language) -> None:
    if customer.language is not None and _spoken(language) != _spoken(customer.language):
        raise refusals.NoticeInAnotherLanguage(language=customer.language, notice_language=language)


def _notice_of(customer: Customer, grant: ConsentGranted) -> CollectionNoticeGiven:
    """The latest notice of that version and language which names all that is agreed to."""
    when: When = {"at": grant.at, "at_precision": grant.at_precision}
    told = [
        notice
        for notice in reversed(customer.notices)
        if (notice.version, notice.language) == (grant.notice_version, grant.notice_language)
        and not surely_before(when, notice.at)
    ]
    if not told:
        raise refusals.NoticeNotGiven(version=grant.notice_version, language=grant.notice_language)
    for notice in told:
        if not list(_untold(notice, grant)):
            return notice
    raise refusals.NoticeDoesNotCover(
        version=grant.notice_version, what=next(_untold(told[0], grant))
    )


def _untold(notice: CollectionNoticeGiven, grant: ConsentGranted) -> Iterator[str]:
    yield from (p for p in (grant.purpose,) if p not in notice.purposes)
    yield from (c for c in grant.categories if c not in notice.categories)
    yield from (r for r in grant.recipients if r not in notice.recipients)


def _spoken(language: Language) -> str:
    return language.split("-")[0].lower()
