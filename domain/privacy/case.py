"""One customer's privacy case: what is asked, what is held, what has been done about it.

Decisions only; how events add up is in `evolve.py`. A request goes received, identified, evaluated,
restricted, begun, executed, purged, told, scanned, certified, fulfilled; each is recorded once, and
asking for it again records nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Unpack
from uuid import UUID, uuid5

from domain.event import Frozen
from domain.keys import DestroyedKey
from domain.personal import Category
from domain.privacy import refusals
from domain.privacy.events import (
    DestructionBegun,
    Disposition,
    LegalHoldPlaced,
    LegalHoldReleased,
    PrivacyEvent,
    PrivacyRequestExecuted,
    PrivacyRequestFulfilled,
    PrivacyRequestReceived,
    PrivacyRequestRefused,
    ProcessingRestricted,
    RequesterIdentified,
    RequestType,
    RetentionEvaluated,
    Ruling,
)
from domain.privacy.retention import Hold
from domain.staff.refusals import SelfApproval
from domain.terms import Channel, Language
from domain.when import When


def case_of(customer: UUID) -> UUID:
    """The stream of a customer's privacy case."""
    return uuid5(customer, "privacy")


class Request(Frozen):
    """A request as it stands. `steps` are the names of what has been recorded of it."""

    id: UUID
    asked: RequestType
    categories: tuple[Category, ...]
    received_by: str
    identified_by: str | None = None
    refused: bool = False
    rulings: tuple[Ruling, ...] = ()
    steps: frozenset[str] = frozenset()
    begun: tuple[Category, ...] = ()
    destroyed: tuple[DestroyedKey, ...] = ()
    gone: frozenset[Category] = frozenset()
    backups_until_epoch: int | None = None

    def ruled(self, disposition: Disposition) -> tuple[Category, ...]:
        return tuple(r.category for r in self.rulings if r.disposition is disposition)

    @property
    def deferred(self) -> tuple[Ruling, ...]:
        """What is kept for now although erasure was asked for."""
        if self.asked is RequestType.STOP_USE:
            return ()
        return tuple(r for r in self.rulings if r.disposition is Disposition.RESTRICT)

    @property
    def settled(self) -> bool:
        """The customer has the answer, and nothing is left of the work."""
        return self.refused or "fulfilled" in self.steps

    def did(self, step: str) -> bool:
        return step in self.steps


class PrivacyCase(Frozen):
    """`requests` in the order received; at most the last one is still worked on."""

    requests: Mapping[UUID, Request] = field(default_factory=dict)
    holds: Mapping[UUID, Hold] = field(default_factory=dict)

    @property
    def current(self) -> Request | None:
        """The latest request, over or not."""
        return list(self.requests.values())[-1] if self.requests else None

    @property
    def gone(self) -> frozenset[Category]:
        return frozenset().union(*(r.gone for r in self.requests.values()))

    def receive(
        self,
        *,
        request: UUID,
        asked: RequestType,
        categories: Sequence[Category],
        by: str,
        channel: Channel,
        language: Language | None = None,
        **when: Unpack[When],
    ) -> list[PrivacyEvent]:
        """CB-15.2b: two things fall due, the execution and the reply."""
        current = self.current
        if current is not None and not current.settled:
            raise refusals.RequestRunning(request=str(current.id))
        wanted = tuple(dict.fromkeys(categories))
        if current is not None and self.gone.issuperset(wanted):
            raise refusals.NothingLeftToErase(request=str(current.id))
        return [
            PrivacyRequestReceived(
                request=request,
                request_type=asked,
                categories=wanted,
                received_by=by,
                channel=channel,
                language=language,
                **when,
            )
        ]

    def identify(
        self, request: UUID, *, method: str, by: str, **when: Unpack[When]
    ) -> list[PrivacyEvent]:
        running = self.running(request)
        if running.identified_by is not None:
            return []
        if running.received_by == by:
            raise SelfApproval(by=by)
        return [RequesterIdentified(request=request, method=method, identified_by=by, **when)]

    def refuse(self, request: UUID, *, ground: str, **when: Unpack[When]) -> list[PrivacyEvent]:
        running = self.running(request)
        if running.begun or running.did("executed"):
            raise refusals.ExecutionHasBegun(request=str(request))
        return [
            PrivacyRequestRefused(request=request, ground=ground, **when),
            PrivacyRequestExecuted(
                request=request,
                destroyed=(),
                restricted=(),
                refused=running.categories,
                **when,
            ),
        ]

    def evaluate(
        self, request: UUID, rulings: Sequence[Ruling], policy: str, **when: Unpack[When]
    ) -> list[PrivacyEvent]:
        """May be done again: when a hold came in between, or what deferred a category is over."""
        known = self.known(request)
        if known.identified_by is None:
            raise refusals.RequesterNotIdentified(request=str(request))
        if tuple(rulings) == known.rulings:
            return []
        return [RetentionEvaluated(request=request, rulings=tuple(rulings), policy=policy, **when)]

    def restrict(self, request: UUID, **when: Unpack[When]) -> list[PrivacyEvent]:
        running = self.known(request)
        self._after(running, "evaluated", "restrict")
        if running.did("restricted"):
            return []
        kept = set(running.ruled(Disposition.REFUSE))
        return [
            ProcessingRestricted(
                request=request,
                categories=tuple(c for c in running.categories if c not in kept),
                **when,
            )
        ]

    def begin(self, request: UUID, **when: Unpack[When]) -> list[PrivacyEvent]:
        """The point of no return. Raises UnderLegalHold if one was placed since it was ruled."""
        running = self.known(request)
        self._after(running, "restricted", "begin")
        wanted = running.ruled(Disposition.DESTROY)
        if not wanted or set(wanted) <= set(running.begun):
            return []
        self.must_not_be_held(wanted)
        return [DestructionBegun(request=request, categories=wanted, **when)]

    def to_erase(self, customer: UUID, *, by: str) -> Request:
        """The request that lets `by` say: erase all that was asked for. Raises UnderLegalHold,
        ErasureNotRequested, RequesterNotIdentified, SelfApproval, KeptForNow."""
        current = self.current
        asked = current is not None and not current.refused
        if current is None or not asked or current.asked is not RequestType.ERASURE:
            self.must_not_be_held(tuple(Category))
            raise refusals.ErasureNotRequested(customer=str(customer))
        self.must_not_be_held(current.categories)
        if current.identified_by is None:
            raise refusals.RequesterNotIdentified(request=str(current.id))
        if current.received_by == by:
            raise SelfApproval(by=by)
        for ruling in current.deferred:
            raise refusals.KeptForNow(category=ruling.category.value, basis=ruling.basis)
        return current

    def execute(
        self, request: UUID, destroyed: Sequence[DestroyedKey], **when: Unpack[When]
    ) -> list[PrivacyEvent]:
        running = self.known(request)
        self._after(running, "restricted", "execute")
        if running.did("executed"):
            return []
        if not {*running.ruled(Disposition.DESTROY)} <= {*running.begun}:
            raise refusals.StepOutOfOrder(request=str(request), step="execute")
        return [
            PrivacyRequestExecuted(
                request=request,
                destroyed=tuple(key for key in destroyed if key not in running.destroyed),
                restricted=running.ruled(Disposition.RESTRICT),
                refused=running.ruled(Disposition.REFUSE),
                **when,
            )
        ]

    def fulfil(
        self,
        request: UUID,
        *,
        channel: Channel,
        language: Language | None = None,
        **when: Unpack[When],
    ) -> list[PrivacyEvent]:
        """The reply: after the certificate where something was destroyed. A refusal is answered,
        too."""
        known = self.known(request)
        if known.did("fulfilled"):
            return []
        if not known.refused:
            self._after(known, "certified" if known.begun else "executed", "fulfil")
        return [
            PrivacyRequestFulfilled(request=request, channel=channel, language=language, **when)
        ]

    def place_hold(
        self,
        hold: UUID,
        *,
        categories: Sequence[Category],
        basis: str,
        owner: str,
        review_on: date,
        **when: Unpack[When],
    ) -> list[PrivacyEvent]:
        """Raises DestructionHasBegun where it comes too late for what it is to keep."""
        if review_on <= when["at"].date():
            raise refusals.HoldReviewPast(review_on=review_on.isoformat())
        for request in self.requests.values():
            if (set(request.begun) - request.gone) & set(categories):
                raise refusals.DestructionHasBegun(request=str(request.id))
        return [
            LegalHoldPlaced(
                hold=hold,
                categories=tuple(dict.fromkeys(categories)),
                basis=basis,
                owner=owner,
                review_on=review_on,
                **when,
            )
        ]

    def release_hold(
        self, hold: UUID, *, by: str, ground: str, **when: Unpack[When]
    ) -> list[PrivacyEvent]:
        held = self.holds.get(hold)
        if held is None:
            raise refusals.NoSuchHold(hold=str(hold))
        if held.owner == by:
            raise refusals.OwnHold(hold=str(hold))
        return [LegalHoldReleased(hold=hold, ground=ground, **when)]

    def must_not_be_held(self, categories: Sequence[Category]) -> None:
        for hold in self.holds.values():
            for category in categories:
                if category in hold.categories:
                    raise refusals.UnderLegalHold(hold=str(hold.id), category=category.value)

    def known(self, request: UUID) -> Request:
        found = self.requests.get(request)
        if found is None:
            raise refusals.PrivacyRequestUnknown(request=str(request))
        return found

    def running(self, request: UUID) -> Request:
        found = self.known(request)
        if found.settled:
            raise refusals.PrivacyRequestUnknown(request=str(request))
        return found

    def _after(self, request: Request, step: str, wanted: str) -> None:
        if request.identified_by is None:
            raise refusals.RequesterNotIdentified(request=str(request.id))
        if not request.did(step):
            raise refusals.StepOutOfOrder(request=str(request.id), step=wanted)
