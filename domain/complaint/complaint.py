"""A complaint's state and the decisions about it. How events add up to it is in `evolve.py`.

Decisions bind our own staff: complaints an outside system handled are in `foreign.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Unpack
from uuid import UUID

from domain.complaint import refusals
from domain.complaint.events import (
    CloseBasis,
    ComplaintAcknowledged,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintDeadlineExtended,
    ComplaintEvent,
    ComplaintFollowedUp,
    ComplaintInvestigationCompleted,
    ComplaintOutcomeCommunicated,
    ComplaintPublicationConsentRecorded,
    ComplaintReceived,
    ComplaintReferred,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    PublicationConsent,
)
from domain.complaint.plan import APPROVER, REVIEWER, Plan
from domain.event import Frozen
from domain.personal import Content
from domain.terms import Complexity, Currency, Severity, Tier
from domain.when import When


class Complaint(Frozen):
    """`plan` is the latest of this round; a reopened complaint has none. `satisfied`: what the
    customer said last about this round's result. `drafters`: whoever drafted any plan of it."""

    customer: UUID
    tier: Tier | None = None
    registered: bool = False
    classified: ComplaintClassified | None = None
    assigned: ComplaintAssigned | None = None
    investigated: bool = False
    plan: Plan | None = None
    plans: int = 0
    drafters: frozenset[str] = frozenset()
    resolved: bool = False
    satisfied: bool | None = None
    reopened: int = 0
    consent: PublicationConsent | None = None
    closed: bool = False

    @property
    def complexity(self) -> Complexity | None:
        return self.classified.complexity if self.classified else None

    @property
    def severity(self) -> Severity | None:
        return self.classified.severity if self.classified else None

    def acknowledge(
        self,
        *,
        apology: bool,
        process_told: bool,
        expected_time_told: bool,
        text: Content | None = None,
        **when: Unpack[When],
    ) -> list[ComplaintEvent]:
        """May be repeated: what OS-3.4-2c asks to tell is often known later than the apology."""
        self.must_be_unresolved()
        if not apology:
            raise refusals.ApologyMissing
        return [
            ComplaintAcknowledged(
                apology=apology,
                process_told=process_told,
                expected_time_told=expected_time_told,
                text=text,
                **when,
            )
        ]

    def register(
        self,
        *,
        complaint_kind: str,
        content: Content,
        demand: Content,
        cause: str | None = None,
        claim_amount: Decimal | None = None,
        currency: Currency | None = None,
        **when: Unpack[When],
    ) -> list[ComplaintEvent]:
        self.must_be_unresolved()
        if self.registered:
            raise refusals.ComplaintAlreadyRegistered
        return [
            ComplaintRegistered(
                complaint_kind=complaint_kind,
                cause=cause,
                content=content,
                demand=demand,
                claim_amount=claim_amount,
                currency=currency,
                **when,
            )
        ]

    def classify(self, verdict: ComplaintClassified) -> list[ComplaintEvent]:
        """May be done again when more is known."""
        self.must_be_registered()
        held = self.classified
        if held and replace(held, at=verdict.at, at_precision=verdict.at_precision) == verdict:
            return []
        return [verdict]

    def assign(
        self, *, owner: str, participants: tuple[str, ...] = (), **when: Unpack[When]
    ) -> list[ComplaintEvent]:
        self.must_be_unresolved()
        held = self.assigned
        if held is not None and (held.owner, held.participants) == (owner, participants):
            return []
        return [ComplaintAssigned(owner=owner, participants=participants, **when)]

    def refer(self, to: str, **when: Unpack[When]) -> list[ComplaintEvent]:
        self.must_be_unresolved()
        return [ComplaintReferred(to=to, **when)]

    def complete_investigation(
        self,
        *,
        facts: Content,
        responsible_party: str,
        root_cause: str,
        participants: tuple[str, ...] = (),
        **when: Unpack[When],
    ) -> list[ComplaintEvent]:
        """A later result takes the place of an earlier one."""
        self.must_be_registered()
        return [
            ComplaintInvestigationCompleted(
                facts=facts,
                responsible_party=responsible_party,
                root_cause=root_cause,
                participants=participants,
                **when,
            )
        ]

    def extend_investigation(
        self, *, reason: str, told_customer: bool, agreed_due: datetime, **when: Unpack[When]
    ) -> list[ComplaintEvent]:
        self.must_be_registered()
        if self.complexity is not Complexity.COMPLEX:
            raise refusals.ExtensionOnlyIfComplex
        if self.investigated:
            raise refusals.AlreadyInvestigated
        if not told_customer:
            raise refusals.CustomerNotTold
        if agreed_due <= when["at"]:
            raise refusals.NoLaterTimeAgreed(agreed_due=agreed_due, at=when["at"])
        return [
            ComplaintDeadlineExtended(
                reason=reason, told_customer=told_customer, agreed_due=agreed_due, **when
            )
        ]

    def resolve(self, result: str, **when: Unpack[When]) -> list[ComplaintEvent]:
        """A simple complaint is solved on the spot (CB-13.2b); a complex or major one once its
        remedy has been applied."""
        self.must_be_registered()
        if self.classified is None:
            raise refusals.ComplaintNotClassified
        on_the_spot = self.complexity is Complexity.SIMPLE and self.severity is Severity.NORMAL
        if not on_the_spot and not (self.plan and self.plan.applied):
            raise refusals.RemedyMissing
        return [ComplaintResolved(result=result, **when)]

    def communicate_outcome(
        self,
        *,
        outcome: str | None = None,
        satisfaction_asked: bool,
        **when: Unpack[When],
    ) -> list[ComplaintEvent]:
        self.must_be_resolved()
        return [
            ComplaintOutcomeCommunicated(
                outcome=outcome, satisfaction_asked=satisfaction_asked, **when
            )
        ]

    def record_publication_consent(
        self, given: PublicationConsent, **when: Unpack[When]
    ) -> list[ComplaintEvent]:
        self.must_be_open()
        if given is self.consent:
            return []
        return [ComplaintPublicationConsentRecorded(given=given, **when)]

    def follow_up(
        self, *, satisfied: bool, suggestions: Content | None = None, **when: Unpack[When]
    ) -> list[ComplaintEvent]:
        self.must_be_resolved()
        return [ComplaintFollowedUp(satisfied=satisfied, suggestions=suggestions, **when)]

    def reopen(self, reason: str, **when: Unpack[When]) -> list[ComplaintEvent]:
        """Another round begins: the plan is made anew (CB-13.3b)."""
        self.must_be_resolved()
        return [ComplaintReopened(reason=reason, **when)]

    def close(
        self, basis: CloseBasis, *, closer: str, role: str, **when: Unpack[When]
    ) -> list[ComplaintEvent]:
        """By exception, whoever closes is the one who approves: a department head or management,
        and nobody who handled the complaint."""
        self.must_be_resolved()
        if basis is CloseBasis.SATISFIED:
            if not self.satisfied:
                raise refusals.CustomerNotSatisfied
            return [ComplaintClosed(basis=basis, **when)]
        if role not in (REVIEWER, APPROVER):
            raise refusals.NeedsManagement(role=role)
        if closer in self.drafters or (self.assigned and closer == self.assigned.owner):
            raise refusals.OwnException(approver=closer)
        return [ComplaintClosed(basis=CloseBasis.APPROVED_EXCEPTION, approver=closer, **when)]

    def must_be_open(self) -> None:
        if self.closed:
            raise refusals.ComplaintIsClosed

    def must_be_unresolved(self) -> None:
        self.must_be_open()
        if self.resolved:
            raise refusals.ComplaintIsResolved

    def must_be_registered(self) -> None:
        self.must_be_unresolved()
        if not self.registered:
            raise refusals.ComplaintNotRegistered

    def must_be_resolved(self) -> None:
        self.must_be_open()
        if not self.resolved:
            raise refusals.ComplaintNotResolved


def receive(found: Complaint | None, received: ComplaintReceived) -> list[ComplaintEvent]:
    """`found` is what is already on record under the outside number: the same again is no event."""
    if found is None:
        return [received]
    if found.customer == received.customer:
        return []
    raise refusals.ComplaintAlreadyRecorded(source=received.source, number=received.number)
