"""One step of a privacy request after the other, each safe to be killed in and repeated.

What comes next is read from the record every time. A step that acts outside the record (destroying
keys, purging copies, searching) acts first and is recorded after; acting again changes nothing. Its
command id is made of the request, the step and the case's version, so two processes at one request
record a step once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from commands.command import Command, History
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.case import folded
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest
from commands.privacy.note_erasure_step import (
    BackupsGone,
    Certified,
    Done,
    NoteErasureStep,
    Purged,
    Told,
)
from commands.privacy.restrict_processing import RestrictProcessing
from domain.customer.events import DataShared
from domain.personal import MARKS
from domain.privacy.case import Request, case_of
from domain.privacy.events import PrivacyRequestExecuted
from domain.privacy.next_step import Step, next_step
from domain.refusal import CommandReused, Conflict, NotFound
from infra.blind_index import forget
from infra.dispatch import Caller
from infra.erasure.certificate import signed, statement
from infra.erasure.circumstances import circumstances, read_up_to, tokens_left
from infra.erasure.searching import Search
from infra.erasure.waiting import Waiting
from infra.vault.signing import Signer
from infra.vault.watch import LEASE
from projections.catalogue import PROJECTIONS

if TYPE_CHECKING:
    from infra.product import Product

SYSTEM = Caller("system:erasure", "system")
Seam = Callable[[Step], None]


def nothing(step: Step) -> None:
    """Where a test stops the work: after a step has acted and before it is recorded."""


class Erasures:
    """Carries out requests of one installation. `acted` is called between deed and record.
    `settled`: so many seconds after an execution every process has heard of it or stopped opening.
    `remembers`: so long whoever destroyed the keys, and alone knows what to search for, is waited
    for with the search.
    """

    def __init__(
        self, product: Product, *, acted: Seam = nothing, settled: float = LEASE + 1,
        remembers: float = 120.0,
    ) -> None:  # fmt: skip
        self._product = product
        self._acted = acted
        self._settled = timedelta(seconds=settled)
        self._search = Search(product, remembers)
        self._signer = Signer(product.home.keys)

    def carry_out(self, customer: UUID, request: UUID, *, searching: bool = True) -> list[Step]:
        """The steps that could be done, in order. Ends where a person, a day or a key's end is
        waited for; if it is not `searching`, also before a search that `search_for_all` has not
        done. Raises NotFound,
        TrailUnavailable, psycopg's errors; KeysUnavailable where the values to search for cannot be
        opened: use has been stopped then, and nothing is destroyed before the key is back."""
        done: list[Step] = []
        while (step := self._one(customer, request, searching)) is not None:
            done.append(step)
        return done

    def search_for_all(self, requests: Sequence[tuple[UUID, UUID]]) -> int:
        """Searches the stores once for every one of these (customer, request) whose search is
        next; how many these are. `carry_out` then records what it came to for each."""
        due = [
            request
            for customer, request in requests
            if self.waits_for(customer, request) is Step.SCAN
            and self._search.values.of(request) is not None
        ]
        if due:
            self._search.look(due)
        return len(due)

    def waits_for(self, customer: UUID, request: UUID) -> Step | None:
        """What comes next, whether or not it can be done now."""
        return self._next(self._history(customer), request)

    def certificate(self, customer: UUID, request: UUID) -> bytes:
        """The signed certificate, made from the record. NotFound before it was certified."""
        history = self._history(customer)
        known = folded(history).known(request)
        if known.backups_until_epoch is None:
            raise NotFound(kind="certificate", id=str(request))
        document = statement(history.events, request, known.backups_until_epoch)
        return signed(document, self._signer.sign(document), self._signer.public)

    @property
    def signing_key(self) -> str:
        return self._signer.public

    def _one(self, customer: UUID, request: UUID, searching: bool) -> Step | None:
        history = self._history(customer)
        step = self._next(history, request)
        if step in (Step.CERTIFY, Step.BACKUPS, None):
            self._search.values.forget(request)  # searched for, by this process or another
        if step is None:
            return None
        if step is Step.SCAN and not searching and self._search.is_needed(request):
            return None
        try:
            command = self._ready(step, history, folded(history).known(request))
        except Waiting:
            return None
        self._acted(step)
        command_id = uuid5(request, f"{step}@{history.version}")
        try:
            result = self._product.dispatcher.dispatch(command, SYSTEM, command_id)
        except (CommandReused, Conflict):
            return None  # another process is at this request and came first
        return None if result.position is None else step

    def _next(self, history: History, request: UUID) -> Step | None:
        case = folded(history)
        return next_step(case, case.known(request), datetime.now(UTC).date())

    def _history(self, customer: UUID) -> History:
        history = self._product.dispatcher.view.history(case_of(customer))
        if history is None:
            raise NotFound(kind="privacy", id=str(customer))
        return history

    def _ready(self, step: Step, history: History, request: Request) -> Command:
        """The command that records a step, what it needs having been done or looked up."""
        customer = history.subject
        match step:
            case Step.EVALUATE:
                with self._product.record.connection() as connection:
                    known = circumstances(connection, customer)
                return EvaluateRetention(
                    customer_id=customer, request=request.id, **known._asdict()
                )
            case Step.RESTRICT:
                return RestrictProcessing(customer_id=customer, request=request.id)
            case Step.BEGIN:
                self._search.values.keep(customer, request.id, request.identified_by)
                return BeginDestruction(customer_id=customer, request=request.id)
            case Step.EXECUTE:
                if request.begun:
                    self._search.values.keep(customer, request.id, request.identified_by)
                return ExecutePrivacyRequest(customer_id=customer, request=request.id)
            case Step.PURGE:
                done: Done = self._purged(history, request)
            case Step.TELL:
                done = Told(recipients=self._recipients(customer))
            case Step.SCAN:
                done = self._search.of(request.id, _gone_at(history))
            case Step.CERTIFY:
                done = self._certified(history, request)
            case Step.BACKUPS:
                done = self._backups_gone(request)
        return NoteErasureStep(customer_id=customer, request=request.id, done=done)

    def _purged(self, history: History, request: Request) -> Purged:
        """Waits until every read model has passed the erasure; only counts what is left in them."""
        customer = history.subject
        latest = max(
            r.header.position for r in history.events if isinstance(r.event, PrivacyRequestExecuted)
        )
        marks = [MARKS[category] for category in request.begun]
        with self._product.record.connection() as connection:
            if read_up_to(connection) < latest:
                raise Waiting("read_models_behind")
            names = connection.execute(
                "SELECT count(*) FROM ref.external WHERE subject = %s", (customer,)
            ).fetchone()
            left = {
                f"left_in_{name}": tokens_left(connection, name, customer, marks)
                for name, projection in PROJECTIONS.items()
                if projection.table.tokens
            }
            entries = {
                "blind_index": forget(connection, customer),
                "outside_names_left": int(names[0]) if names else 0,
                **left,
            }
        return Purged(entries=entries)

    def _recipients(self, customer: UUID) -> tuple[str, ...]:
        history = self._product.dispatcher.view.history(customer)
        assert history is not None, "a case is about a customer on record"
        shared = (e for e in history.facts if isinstance(e, DataShared))
        return tuple(sorted({event.recipient for event in shared}))

    def _certified(self, history: History, request: Request) -> Certified:
        """Not before every process that may have kept a key has either heard or stopped opening."""
        if datetime.now(UTC) < _gone_at(history) + self._settled:
            raise Waiting("keys_may_be_kept")
        epoch = self._epoch()
        document = statement(history.events, request.id, epoch)
        return Certified(
            digest=sha256(document).hexdigest(),
            signature=self._signer.sign(document),
            signing_key=self._signer.public,
            backups_until_epoch=epoch,
        )

    def _epoch(self) -> int:
        """The epoch that wrapped the keys last: with it, and all before it, every copy is gone."""
        if self._product.epochs is None:
            raise Waiting("keys_missing")
        return max(e.number for e in self._product.epochs.listed() if e.state == "current")

    def _backups_gone(self, request: Request) -> BackupsGone:
        wanted = request.backups_until_epoch
        assert wanted is not None, "certified before the backups' turn"
        if self._product.epochs is None:
            raise Waiting("keys_missing")
        states = {e.number: e.state for e in self._product.epochs.listed()}
        if any(number <= wanted and state != "destroyed" for number, state in states.items()):
            raise Waiting("backups_hold_keys")
        return BackupsGone(epoch=wanted)


def _gone_at(history: History) -> datetime:
    """When the last keys were destroyed."""
    return max(
        r.header.recorded_at for r in history.events if isinstance(r.event, PrivacyRequestExecuted)
    )
