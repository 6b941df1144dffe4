"""A customer's state and the decisions about it. How events add up to it is in `evolve.py`;
what an evaluation of its tier leads to, in `tier_review.py`; what they were told and agreed to, in
`consenting.py`; what goes to others, in `sharing.py`.

Decisions return events and change nothing; every one of them refuses an erased customer. A
decision that would change nothing returns no event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Unpack
from uuid import UUID

from domain.customer import refusals
from domain.customer.consent import Consents
from domain.customer.events import (
    CollectionNoticeGiven,
    Correction,
    CustomerEvent,
    CustomerMarkedDormant,
    CustomerProfileChangeNoted,
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerReactivated,
    CustomerRegistered,
    CustomerTierEvaluated,
    InteractionRecorded,
    PersonalDataErased,
    ReactivationCause,
    Retained,
)
from domain.customer.profile import CorrectionReason, Profile, ProfileField, fields_given
from domain.event import Frozen
from domain.keys import DestroyedKey
from domain.personal import Category, Content
from domain.refusal import CustomerErased
from domain.terms import Country, CustomerKind, Jurisdiction, Language, Tier
from domain.when import When, surely_before


class Customer(Frozen):
    """`noted`: fields known to be out of date, and since when. `evaluations`: the one with the
    latest `as_of` per scheme. `tiers`: what is held, per scheme. `notices`: those given, in the
    order recorded."""

    kind: CustomerKind
    held: frozenset[ProfileField] = frozenset()
    noted: Mapping[ProfileField, datetime] = field(default_factory=dict)
    jurisdiction: Jurisdiction | None = None
    country: Country | None = None
    language: Language | None = None
    notices: tuple[CollectionNoticeGiven, ...] = ()
    consents: Consents = Consents()
    evaluations: Mapping[str, CustomerTierEvaluated] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    dormant_since: datetime | None = None
    erased: bool = False
    gone: frozenset[Category] = frozenset()

    def complete(
        self,
        profile: Profile,
        *,
        country: Country | None = None,
        language: Language | None = None,
        kind: CustomerKind | None = None,
        completed_by: str,
        **when: Unpack[When],
    ) -> list[CustomerEvent]:
        self.must_be_known()
        given = fields_given(profile, country, language)
        became = None if kind is self.kind else kind
        if became and self.kind is not CustomerKind.ANONYMOUS:
            raise refusals.KindAlreadyKnown(kind=self.kind)
        if became is CustomerKind.GUEST:
            raise refusals.GuestIsUnknown
        if not given and became is None:
            raise refusals.NothingGiven
        for name in given:
            if name in self.held:
                raise refusals.FieldAlreadyHeld(field=name)
        return [
            CustomerProfileCompleted(
                fields=given,
                profile=profile,
                country=country,
                language=language,
                kind=became,
                completed_by=completed_by,
                **when,
            )
        ]

    def note_change(
        self,
        fields: Sequence[ProfileField],
        *,
        detail: Content | None = None,
        learned_by: str,
        **when: Unpack[When],
    ) -> list[CustomerEvent]:
        """`when` is the moment of learning: the clock of CB-8.1a runs from it."""
        self.must_be_known()
        self._must_hold(fields)
        return [
            CustomerProfileChangeNoted(
                fields=tuple(dict.fromkeys(fields)),
                detail=detail,
                learned_at=when["at"],
                learned_by=learned_by,
                **when,
            )
        ]

    def correct(
        self,
        profile: Profile,
        *,
        country: Country | None = None,
        language: Language | None = None,
        remove: Sequence[ProfileField] = (),
        reason: CorrectionReason,
        learned_at: datetime | None = None,
        entered_by: str,
        written_in: Mapping[ProfileField, UUID],
        **when: Unpack[When],
    ) -> list[CustomerEvent]:
        """Learned when the change was noted, unless `learned_at` says otherwise; else just now."""
        self.must_be_known()
        fields = (*fields_given(profile, country, language), *remove)
        self._must_hold(fields)
        for name in fields:
            if fields.count(name) > 1:
                raise refusals.FieldGivenTwice(field=name)
        learned = {name: learned_at or self.noted.get(name, when["at"]) for name in fields}
        if surely_before(when, latest := max(learned.values())):
            raise refusals.LearnedAfterwards(learned_at=latest, at=when["at"])
        corrections = tuple(
            Correction(
                field=name,
                previous_event=written_in[name],
                removed=name in remove,
                learned_at=learned[name],
                entered_by=entered_by,
                reason=reason,
            )
            for name in fields
        )
        return [
            CustomerProfileUpdated(
                corrections=corrections,
                profile=profile,
                country=country,
                language=language,
                **when,
            )
        ]

    def record_interaction(self, contact: InteractionRecorded) -> list[CustomerEvent]:
        self.must_be_known()
        when: When = {"at": contact.at, "at_precision": contact.at_precision}
        return [contact, *self.reactivate(ReactivationCause.INTERACTION, **when)]

    def reactivate(self, cause: ReactivationCause, **when: Unpack[When]) -> list[CustomerEvent]:
        """Nothing, if the customer is not dormant or it happened before they were marked so."""
        self._must_not_be_erased()
        if self.dormant_since is None or surely_before(when, self.dormant_since):
            return []
        return [CustomerReactivated(cause=cause, **when)]

    def mark_dormant(
        self, last_activity: datetime | None, **when: Unpack[When]
    ) -> list[CustomerEvent]:
        """CB-8.3a. What is held stays held (CB-8.3b)."""
        self.must_be_known()
        if self.dormant_since is not None:
            return []
        return [CustomerMarkedDormant(last_activity=last_activity, **when)]

    def erase(
        self,
        keys: Sequence[DestroyedKey],
        categories: Sequence[Category] = tuple(Category),
        **when: Unpack[When],
    ) -> list[CustomerEvent]:
        """`keys` are those just destroyed: from here on nothing sealed under them can be read
        (CB-15.2b). With all categories gone the customer is erased."""
        if self.erased or self.gone.issuperset(categories):
            return []
        return [
            PersonalDataErased(
                categories=tuple(categories), keys=tuple(keys), retained=tuple(Retained), **when
            )
        ]

    def _must_not_be_erased(self) -> None:
        if self.erased:
            raise CustomerErased

    def must_be_known(self) -> None:
        self._must_not_be_erased()
        if self.kind is CustomerKind.GUEST:
            raise refusals.GuestIsUnknown

    def _must_hold(self, fields: Sequence[ProfileField]) -> None:
        if not fields:
            raise refusals.NothingGiven
        for name in fields:
            if name not in self.held:
                raise refusals.FieldNotHeld(field=name)


def register(registered: CustomerRegistered) -> list[CustomerEvent]:
    """A guest is registered without anything that names them."""
    sealed = fields_given(registered.profile, None, None)
    if registered.kind is CustomerKind.GUEST and sealed:
        raise refusals.GuestIsUnknown
    return [registered]
