"""The one door for commands: HTTP, queue, CLI and importers all come through here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson
import structlog
from pydantic import BaseModel

from commands.catalogue import HANDLERS
from commands.command import Append, Command, Desk
from domain.event import Event, Recorded
from domain.refusal import (
    CommandReused,
    Conflict,
    CustomerErased,
    FutureFact,
    NotFound,
    Refused,
    StreamClosed,
)
from domain.timers import Rulebook, SlaTimersStarted, is_fact
from infra.gate.permissions import PURPOSES
from infra.publication.rules import Rules, Unchanging
from infra.record.batch import ABSENT, Answer, Outcome
from infra.record.group import GroupCommit
from infra.record.memory import MemoryRecord
from infra.record.postgres import PostgresRecord
from infra.record.view import RecordView
from infra.vault.kek import InstallationKey
from infra.vault.keyring import Keyring
from infra.vault.sealing import (
    Decided,
    FindableOf,
    Provenance,
    Sealer,
    findable_by_nothing,
)

log = structlog.get_logger()
KeepRefusal = Callable[[Command, Provenance, Refused], None]
ATTEMPTS = 5


class Caller(NamedTuple):
    """Who asks and in which role: from the credential, never from a request."""

    actor: str
    role: str


def kept_nowhere(command: Command, provenance: Provenance, refusal: Refused) -> None:
    """Where there is no trail, as with a record in memory."""


class RoleNotAllowed(Refused):
    """This role may not ask for that. Parameters: role, command."""

    clause = "CB-14.1b"
    on_trail = True


class PurposeNotListed(Refused):
    """The purpose is not one of the listed terms. Parameters: purpose."""

    on_trail = True


class DueTime(BaseModel):
    """A promise that a command made: which rule, and when it falls due (UTC)."""

    timer: UUID
    metric: str
    rule: str
    clause: str
    due_at: datetime


class Result(BaseModel):
    """What a command came to. The same for a repeated command, through every door.

    `versions` are those of the last fact of each stream, which is what `expected` compares.
    """

    ids: dict[str, UUID]
    versions: dict[UUID, int]
    position: int | None
    timers: list[DueTime]
    replayed: bool = False


class Dispatcher:
    def __init__(
        self,
        record: MemoryRecord | PostgresRecord,
        keyring: Keyring,
        installation: InstallationKey,
        rules: Rulebook | Rules,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], UUID],
        findable: FindableOf = findable_by_nothing,
        kept: KeepRefusal = kept_nowhere,
    ) -> None:
        """`kept` is told of every refusal that says `on_trail`, before it is answered. `rules` of
        the record are those that have been published when a decision is made."""
        self.record = record
        self.view = RecordView(record, installation)
        self.sealer = Sealer(record.registry, keyring, installation, new_id, findable)
        self._rules = Unchanging(rules) if isinstance(rules, Rulebook) else rules
        self._keyring = keyring
        self._installation = installation
        self._writer = GroupCommit(record)
        self._kept = kept
        self._clock = clock
        self._new_id = new_id

    @property
    def rules(self) -> Rulebook:
        """As they are published by now."""
        return self._rules.current()

    def desk(
        self,
        caller: Caller,
        expected: int | None = None,
        purpose: str = "",
        rules: Rulebook | None = None,
    ) -> Desk:
        """`rules` None: those that are published by now."""
        return Desk(
            record=self.view,
            keys=self._keyring,
            rules=self.rules if rules is None else rules,
            now=self._clock(),
            actor=caller.actor,
            role=caller.role,
            new_id=self._new_id,
            expected=expected,
            purpose=purpose,
        )

    def dispatch(
        self,
        command: Command,
        caller: Caller,
        command_id: UUID,
        *,
        purpose: str | None = None,
        correlation: UUID | None = None,
        causation: UUID | None = None,
        expected: int | None = None,
    ) -> Result:
        """Handles a command once, however often it is sent under this id.

        `expected` is the version of the stream's last fact, if the caller insists (If-Match).
        Raises Refused by name; QueueFull; psycopg's errors if the database cannot be reached:
        then send the same command id again.
        """
        name = type(command).__name__
        provenance = Provenance(
            actor=caller.actor,
            role=caller.role,
            purpose=purpose or command.PURPOSE,
            correlation=correlation or command_id,
            causation=causation,
            reason=command.reason,
        )
        with structlog.contextvars.bound_contextvars(
            command=name, actor=caller.actor, correlation=str(provenance.correlation)
        ):
            try:
                result = self._dispatch(command, caller, command_id, provenance, expected)
            except Refused as refusal:
                log.info("command.refused", code=refusal.code)
                if refusal.on_trail:
                    self._kept(command, provenance, refusal)
                raise
            log.info("command.handled", position=result.position, replayed=result.replayed)
            return result

    def answered(self, command_id: UUID) -> tuple[str, Result] | None:
        """Who sent a command that was recorded and what it came to, while that is remembered."""
        known = self.record.processed(command_id)
        if known is None:
            return None
        actor = self.record.read_positions(known[1])[0].header.actor
        return actor, self._result({}, known[1], replayed=True)

    def _dispatch(
        self,
        command: Command,
        caller: Caller,
        command_id: UUID,
        provenance: Provenance,
        expected: int | None,
    ) -> Result:
        if caller.role not in command.ROLES:
            raise RoleNotAllowed(role=caller.role, command=type(command).__name__)
        if provenance.purpose not in PURPOSES:
            raise PurposeNotListed(purpose=provenance.purpose)
        fingerprint = self._installation.fingerprint(canonical(command))
        changes, known = self.record.before_deciding(command_id)
        if known is not None:
            if not compare_digest(known[0], fingerprint):
                raise CommandReused(command_id=str(command_id))
            return self._result({}, known[1], replayed=True)
        handler, rules = HANDLERS[type(command)], self._rules.at(changes)
        for _ in range(ATTEMPTS):
            append = handler(command, self.desk(caller, expected, provenance.purpose, rules))
            if not append.writes:
                return Result(ids=append.ids, versions={}, position=None, timers=[])
            decided = Decided(command_id, fingerprint, resting_on(provenance, append), append)
            (submission,) = self.sealer.seal([decided])
            answer = self._writer.append(submission)
            if answer.outcome in (Outcome.RECORDED, Outcome.ALREADY_PROCESSED):
                replayed = answer.outcome is Outcome.ALREADY_PROCESSED
                # Whoever was faster made the ids; those made here were recorded nowhere.
                ids = {} if replayed else append.ids
                return self._result(ids, answer.positions, replayed=replayed)
            if answer.outcome not in (Outcome.VERSION_CONFLICT, Outcome.GUARD_FAILED):
                raise refusal_of(answer, append, command_id)
            self.sealer.forget(decided)
        raise refusal_of(answer, append, command_id)

    def _result(self, ids: dict[str, UUID], positions: Sequence[int], *, replayed: bool) -> Result:
        recorded = self.record.read_positions(positions)
        return Result(
            ids=ids_of(recorded) | ids,
            versions={
                r.header.stream: r.header.version for r in recorded if is_fact(r.header.type)
            },
            position=max(positions),
            timers=list(due_times(recorded)),
            replayed=replayed,
        )


def resting_on(provenance: Provenance, append: Append) -> Provenance:
    """The header of what is recorded under a consent."""
    if append.consent is None:
        return provenance
    return provenance._replace(legal_basis="dpv:Consent", consent_id=append.consent)


def ids_of(recorded: Sequence[Recorded[Event]]) -> dict[str, UUID]:
    """The streams a command wrote, by kind, and the customer they are about. An agreement, a staff
    member's access, a policy are about nobody's data: they are their own subject."""
    ids = {r.header.kind: r.header.stream for r in recorded}
    first = recorded[0].header
    if first.subject == first.stream:
        return ids
    return ids | {"customer": first.subject}


def due_times(recorded: Sequence[Recorded[Event]]) -> list[DueTime]:
    return [
        DueTime(
            timer=timer.timer,
            metric=timer.metric,
            rule=timer.rule,
            clause=timer.clause,
            due_at=timer.due_at,
        )
        for r in recorded
        if isinstance(r.event, SlaTimersStarted)
        for timer in r.event.timers
    ]


def canonical(command: Command) -> bytes:
    """The bytes a command is recognised by: its name and all its fields, sorted."""
    body: dict[str, Any] = {"name": type(command).__name__, **command.model_dump(mode="json")}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def command_id_of(actor: str, key: str) -> UUID:
    """The id of a command sent under an Idempotency-Key: the same key of another actor is another
    command."""
    return uuid5(uuid5(UUID(int=0), actor), key)


def refusal_of(answer: Answer, append: Append, command_id: UUID) -> Refused:
    stream = str(answer.stream) if answer.stream else None
    match answer.outcome:
        case Outcome.PAYLOAD_MISMATCH:
            return CommandReused(command_id=str(command_id))
        case Outcome.ERASED:
            return CustomerErased(customer=str(append.writes[0].subject))
        case Outcome.GUARD_FAILED if answer.status == ABSENT:
            return NotFound(kind="customer", id=stream)
        case Outcome.GUARD_FAILED | Outcome.CLOSED:
            return StreamClosed(stream=stream, status=answer.status)
        case Outcome.FUTURE_FACT:
            return FutureFact(at=max(e.at for w in append.writes for e in w.events).isoformat())
        case _:
            return Conflict(stream=stream, expected=None, actual=answer.actual)
