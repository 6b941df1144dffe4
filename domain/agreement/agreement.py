"""The confidentiality agreements with one recipient, and the decisions about them (CB-14.3d)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Unpack, assert_never
from uuid import UUID

from domain.agreement import refusals
from domain.agreement.events import (
    AgreementEvent,
    ConfidentialityAgreementEnded,
    ConfidentialityAgreementRegistered,
    ConfidentialityAgreementSigned,
    EndOfAgreement,
)
from domain.event import Frozen
from domain.outside import outside_id
from domain.personal import Category, Identity
from domain.terms import Country
from domain.when import When


class Terms(Frozen):
    """One agreement. Half-open: it is in force up to, not including, `valid_to`."""

    agreement: UUID
    country: Country
    number: str
    categories: frozenset[Category]
    valid_from: datetime
    valid_to: datetime
    document_digest: str
    signed_at: datetime | None = None
    ended_at: datetime | None = None

    def signed(self, at: datetime) -> bool:
        return self.signed_at is not None and self.signed_at <= at

    def in_force(self, at: datetime) -> bool:
        over = self.ended_at is not None and self.ended_at <= at
        return self.valid_from <= at < self.valid_to and not over


class Agreements(Frozen):
    """All agreements with one recipient, by id, in the order registered."""

    terms: Mapping[UUID, Terms] = field(default_factory=dict)

    def covering(self, recipient: str, categories: Collection[Category], at: datetime) -> Terms:
        """The agreement under which these may go to the recipient at `at` (aware).

        Raises AgreementMissing, AgreementNotSigned, AgreementNotInForce, CategoryNotAgreed.
        """
        if not self.terms:
            raise refusals.AgreementMissing(recipient=recipient)
        signed = [t for t in self.terms.values() if t.signed(at)]
        if not signed:
            raise refusals.AgreementNotSigned(recipient=recipient)
        in_force = [t for t in signed if t.in_force(at)]
        for terms in in_force:
            if terms.categories >= frozenset(categories):
                return terms
        if not in_force:
            raise refusals.AgreementNotInForce(recipient=recipient, at=at)
        missing = sorted(frozenset(categories) - in_force[-1].categories)
        raise refusals.CategoryNotAgreed(category=missing[0], recipient=recipient)

    def must_allow(self, recipient: str, categories: Collection[Category], at: datetime) -> Terms:
        """`covering` for something that is about to go out, by a clock that says `at`.

        An agreement that was ended on record is ended, even if the clock it was dated by runs
        ahead of ours or ours was read before.
        """
        ends = (t.ended_at for t in self.terms.values() if t.ended_at is not None)
        latest = max(ends, default=at)
        for moment in (at, max(at, latest)):
            found = self.covering(recipient, categories, moment)
        return found

    def register(self, registered: ConfidentialityAgreementRegistered) -> list[AgreementEvent]:
        """Nothing, if the same agreement is on record under this number."""
        if registered.valid_to <= registered.valid_from:
            raise refusals.AgreementEndsBeforeItBegins(
                valid_from=registered.valid_from, valid_to=registered.valid_to
            )
        for known in self.terms.values():
            if known.number == registered.number:
                again = terms_of(registered)
                if replace(again, agreement=known.agreement) == replace(
                    known, signed_at=None, ended_at=None
                ):
                    return []
                raise refusals.AgreementNumberTaken(number=registered.number)
        return [registered]

    def sign(
        self,
        recipient: str,
        agreement: UUID,
        *,
        signed_by: str,
        countersigned_by: Identity,
        document_digest: str,
        **when: Unpack[When],
    ) -> list[AgreementEvent]:
        terms = self._going_on(recipient, agreement)
        if terms.signed_at is not None:
            raise refusals.AgreementAlreadySigned(agreement=str(agreement))
        if document_digest != terms.document_digest:
            raise refusals.OtherDocumentSigned(agreement=str(agreement))
        return [
            ConfidentialityAgreementSigned(
                agreement=agreement,
                signed_by=signed_by,
                countersigned_by=countersigned_by,
                document_digest=document_digest,
                **when,
            )
        ]

    def end(
        self, recipient: str, agreement: UUID, why: EndOfAgreement, **when: Unpack[When]
    ) -> list[AgreementEvent]:
        self._going_on(recipient, agreement)
        return [ConfidentialityAgreementEnded(agreement=agreement, why=why, **when)]

    def _going_on(self, recipient: str, agreement: UUID) -> Terms:
        terms = self.terms.get(agreement)
        if terms is None:
            raise refusals.NoSuchAgreement(agreement=str(agreement), recipient=recipient)
        if terms.ended_at is not None:
            raise refusals.AgreementIsOver(agreement=str(agreement))
        return terms


def evolve(agreements: Agreements, event: AgreementEvent) -> Agreements:
    match event:
        case ConfidentialityAgreementRegistered():
            changed = terms_of(event)
        case ConfidentialityAgreementSigned():
            changed = replace(agreements.terms[event.agreement], signed_at=event.at)
        case ConfidentialityAgreementEnded():
            changed = replace(agreements.terms[event.agreement], ended_at=event.at)
        case _:
            assert_never(event)
    return Agreements(terms={**agreements.terms, changed.agreement: changed})


def terms_of(registered: ConfidentialityAgreementRegistered) -> Terms:
    return Terms(
        agreement=registered.agreement,
        country=registered.country,
        number=registered.number,
        categories=frozenset(registered.categories),
        valid_from=registered.valid_from,
        valid_to=registered.valid_to,
        document_digest=registered.document_digest,
    )


def recipient_id(recipient: str) -> UUID:
    """The stream of the agreements with the recipient of this code."""
    return outside_id("agreement", "recipient", recipient)
