"""Which consents of a customer hold, since when and until when, as their stream adds up to it.

A consent holds by the clock of whoever asks: nothing needs to have noted that it ran out. Times
are half-open: it holds from `since` up to, not including, `until`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.customer import refusals
from domain.customer.events import (
    ConsentExpired,
    ConsentGranted,
    ConsentWithdrawn,
    PersonalDataErased,
)
from domain.event import Frozen
from domain.personal import Category
from domain.refusal import Refused
from domain.terms import ConsentForm, ConsentPurpose, ConsentScope

ConsentEvent = ConsentGranted | ConsentWithdrawn | ConsentExpired | PersonalDataErased
ConsentKey = tuple[ConsentPurpose, ConsentScope, frozenset[str]]

SEPARATE = frozenset(ConsentScope) - {ConsentScope.OWN_USE}
NAMES_RECIPIENTS = frozenset({ConsentScope.SHARING, ConsentScope.CROSS_BORDER})
EXPLICIT = frozenset({ConsentForm.WRITTEN, ConsentForm.ONLINE, ConsentForm.ORAL_RECORDED})
"""Expressed by the customer in a way that can be shown (OS-3.6-2b)."""

MARKETING: frozenset[ConsentPurpose] = frozenset(
    {
        ConsentPurpose.MARKETING,
        ConsentPurpose.DIRECT_MARKETING,
        ConsentPurpose.SOCIAL_MEDIA_MARKETING,
        ConsentPurpose.PERSONALISED_ADVERTISING,
        ConsentPurpose.PRODUCT_RECOMMENDATIONS,
    }
)


class End(StrEnum):
    """What made a consent hold no longer."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ERASED = "erased"


class Held(Frozen):
    """One consent. `end` None: it holds, or has run out without anybody noting it."""

    consent: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    categories: frozenset[Category]
    recipients: frozenset[str]
    since: datetime
    until: datetime | None
    end: End | None = None

    @property
    def key(self) -> ConsentKey:
        return self.purpose, self.scope, self.recipients

    @property
    def standing(self) -> bool:
        """Whether it can still be withdrawn: also after it ran out."""
        return self.end in (None, End.EXPIRED)

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def ended(self, at: datetime, end: End | None) -> Held:
        return replace(self, until=at if self.until is None else min(at, self.until), end=end)


class Needed(NamedTuple):
    """One of the consents a use needs."""

    scope: ConsentScope
    categories: frozenset[Category]
    recipient: str | None


class Consents(Frozen):
    """Every consent there ever was, in the order recorded. `said`: when the customer last said
    something about a purpose, scope and recipients. `gone`: categories that were erased."""

    held: tuple[Held, ...] = ()
    said: Mapping[ConsentKey, datetime] = field(default_factory=dict)
    gone: frozenset[Category] = frozenset()

    def after(self, event: ConsentEvent) -> Consents:
        """With one more event. Refuses nothing."""
        match event:
            case ConsentGranted():
                return self._granted(event)
            case ConsentWithdrawn():
                return self._withdrawn(event)
            case ConsentExpired():
                return self._expired(event)
            case PersonalDataErased():
                return self._erased(event)

    def valid_for(
        self,
        purpose: str,
        categories: Collection[Category],
        recipient: str | None,
        at: datetime,
        *,
        cross_border: bool = False,
    ) -> UUID | None:
        """The consent that allows this use at `at` (aware), or None.

        `recipient` None: our own use. Sensitive data, another organisation and another country
        each need a consent of their own; the id is that of the widest.
        """
        return _or_none(self.must_hold, purpose, categories, recipient, at, cross_border)

    def usable(
        self,
        purpose: str,
        categories: Collection[Category],
        recipient: str | None,
        at: datetime,
        *,
        cross_border: bool = False,
    ) -> UUID | None:
        """The same for a use that is about to happen, by a clock that says `at`."""
        return _or_none(self.must_allow, purpose, categories, recipient, at, cross_border)

    def must_allow(
        self,
        purpose: ConsentPurpose,
        categories: Collection[Category],
        recipient: str | None,
        at: datetime,
        *,
        cross_border: bool = False,
    ) -> UUID:
        """`usable`, or ConsentMissing, ConsentEnded, CategoryNotConsented.

        What is on record has been said, even if the clock it was dated by runs ahead of ours or
        ours was read before: so the consent has to hold then, too.
        """
        latest = max(self.said.values(), default=at)
        for moment in (at, max(at, latest)):
            found = self.must_hold(
                purpose, categories, recipient, moment, cross_border=cross_border
            )
        return found

    def must_hold(
        self,
        purpose: ConsentPurpose,
        categories: Collection[Category],
        recipient: str | None,
        at: datetime,
        *,
        cross_border: bool = False,
    ) -> UUID:
        """`valid_for`, or ConsentMissing, ConsentEnded, CategoryNotConsented."""
        found = [
            self._found(purpose, needed, at)
            for needed in needed_for(frozenset(categories), recipient, cross_border)
        ]
        return found[0].consent

    def standing(self, purpose: ConsentPurpose, scope: ConsentScope) -> list[Held]:
        """What a withdrawal for this purpose ends: consents to narrower purposes, too."""
        purposes = {purpose, *NARROWER.get(purpose, ())}
        return [h for h in self.held if h.standing and h.purpose in purposes and h.scope is scope]

    def run_out(self, by: datetime) -> list[Held]:
        """Those that ran out by then and are not noted to have."""
        return [h for h in self.held if h.end is None and h.until is not None and h.until <= by]

    def _found(self, purpose: ConsentPurpose, needed: Needed, at: datetime) -> Held:
        meant = [
            h
            for h in self.held
            if h.purpose is purpose
            and h.scope is needed.scope
            and (needed.recipient is None or needed.recipient in h.recipients)
        ]
        holding = [h for h in meant if h.holds(at)]
        for held in holding:
            if needed.categories <= held.categories:
                return held
        if holding:
            missing = sorted(needed.categories - holding[-1].categories)
            raise refusals.CategoryNotConsented(category=missing[0], purpose=purpose)
        if not [h for h in meant if h.since <= at]:
            raise refusals.ConsentMissing(
                purpose=purpose, scope=needed.scope, recipient=needed.recipient
            )
        raise refusals.ConsentEnded(purpose=purpose, scope=needed.scope)

    def _granted(self, event: ConsentGranted) -> Consents:
        """It takes the place of the one before, and never reaches back past what was said."""
        recipients = frozenset(event.recipients)
        key = (event.purpose, event.scope, recipients)
        since = max(event.at, self.said.get(key, event.at))
        new = Held(
            consent=event.consent,
            purpose=event.purpose,
            scope=event.scope,
            categories=frozenset(event.categories),
            recipients=recipients,
            since=since,
            until=event.expires_at,
        )
        before = (
            h.ended(since, End.REPLACED) if h.key == key and h.standing else h for h in self.held
        )
        return replace(self, held=(*before, new), said={**self.said, key: since})

    def _withdrawn(self, event: ConsentWithdrawn) -> Consents:
        """It ends the consent it names, and whatever else of the kind still held then: one that
        was replaced by a grant dated ahead holds until that begins."""
        key = (event.purpose, event.scope, frozenset(event.recipients))
        ended = tuple(
            h.ended(event.at, End.WITHDRAWN if h.standing else h.end)
            if h.consent == event.consent or (h.key == key and h.since <= event.at)
            else h
            for h in self.held
        )
        said = {**self.said, key: max(event.at, self.said.get(key, event.at))}
        return replace(self, held=ended, said=said)

    def _erased(self, event: PersonalDataErased) -> Consents:
        """What is left after a partial erasure is still used as agreed."""
        gone = self.gone | {*event.categories}
        if not gone.issuperset(Category):
            return replace(self, gone=gone)
        ended = tuple(h.ended(event.at, h.end or End.ERASED) for h in self.held)
        return replace(self, held=ended, gone=gone)

    def _expired(self, event: ConsentExpired) -> Consents:
        ended = (
            h.ended(event.at, End.EXPIRED) if h.consent == event.consent and h.standing else h
            for h in self.held
        )
        return replace(self, held=tuple(ended))


NARROWER: Mapping[ConsentPurpose, Collection[ConsentPurpose]] = {
    ConsentPurpose.MARKETING: (
        ConsentPurpose.DIRECT_MARKETING,
        ConsentPurpose.SOCIAL_MEDIA_MARKETING,
        ConsentPurpose.PERSONALISED_ADVERTISING,
        ConsentPurpose.PUBLIC_RELATIONS,
    )
}
"""Whoever wants no marketing wants none of these (DPV 2). A consent never widens that way."""


def _or_none(
    must: Callable[..., UUID],
    purpose: str,
    categories: Collection[Category],
    recipient: str | None,
    at: datetime,
    cross_border: bool,
) -> UUID | None:
    if purpose not in frozenset(ConsentPurpose):
        return None
    try:
        return must(ConsentPurpose(purpose), categories, recipient, at, cross_border=cross_border)
    except Refused:
        return None


def needed_for(
    categories: frozenset[Category], recipient: str | None, cross_border: bool
) -> Iterator[Needed]:
    """The consents a use needs, the widest first."""
    sensitive = categories & {Category.SENSITIVE}
    if recipient is not None:
        yield Needed(ConsentScope.SHARING, categories, recipient)
        if cross_border:
            yield Needed(ConsentScope.CROSS_BORDER, categories, recipient)
    elif categories != sensitive or not sensitive:
        yield Needed(ConsentScope.OWN_USE, categories - sensitive, None)
    if sensitive:
        yield Needed(ConsentScope.SENSITIVE_DATA, sensitive, None)
