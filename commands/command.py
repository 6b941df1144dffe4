"""A command, what a handler has to hand, and what it hands back to be recorded.

A handler loads, decides, and returns an `Append`; the dispatcher seals it, records it and decides
again if somebody else recorded first. A handler therefore has no side effects of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Protocol, TypeAlias, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from domain.circumstances import circumstances
from domain.event import Event, Frozen, Precision, Recorded
from domain.keys import DestroyedKey
from domain.personal import Category
from domain.refusal import Conflict, NotFound
from domain.timer_events import TimerEvent
from domain.timers import (
    Rulebook,
    due_before,
    is_fact,
    is_timer_event,
    running_timers,
    with_timers,
)

S = TypeVar("S")


HeaderText: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")
]
"""Text beside the event, in a column: PostgreSQL's text holds no NUL."""


class Command(BaseModel):
    """A request in the imperative, checked for shape on arrival and then fixed.

    Never says who asks: actor and role come from the credential. `at` is when it happened
    (aware; default: now); late facts are accepted, future ones are refused. `PURPOSE` is the
    default DPV term the request is recorded under; `ROLES` may ask for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    PURPOSE: ClassVar[str] = "dpv:CustomerCare"
    ROLES: ClassVar[frozenset[str]] = frozenset({"agent", "sales", "supervisor", "crm_admin"})

    at: AwareDatetime | None = None
    at_precision: Precision = Precision.INSTANT
    reason: HeaderText | None = None
    source_ref: HeaderText | None = None


class Guard(Frozen):
    """Another stream must be in this state when the append commits (checked, not written)."""

    stream: UUID
    status: str | None = None  # open, closed, fenced, archived, or absent
    version: int | None = None


class Write(Frozen):
    """Events for one stream that stood at `expected` (0: it does not exist yet).

    `status` is the stream's new status, if it changes. `source_refs` names the source row of each
    event where an importer has one.
    """

    kind: str
    stream: UUID
    subject: UUID
    expected: int
    events: Sequence[Event]
    status: str | None = None
    market: str | None = None
    policies: str = ""
    source_refs: Sequence[str | None] = ()


class ExternalRef(Frozen):
    """What an outside system calls a person; kept as a keyed hash and a sealed token."""

    source: str
    external_id: str
    subject: UUID


class Message(Frozen):
    """Something to be sent once the append is durable: ids and codes only, never personal data."""

    topic: str
    payload: dict[str, Any]
    due_at: datetime | None = None


class Append(Frozen):
    """Everything one command records, or nothing of it. `consent` is the one it rests on."""

    writes: Sequence[Write]
    guards: Sequence[Guard] = ()
    external: Sequence[ExternalRef] = ()
    outbox: Sequence[Message] = ()
    consent: UUID | None = None
    ids: dict[str, UUID]


class History(Frozen):
    """A stream as loaded: its facts (what `evolve` folds), its timer events, where it stands."""

    kind: str
    stream: UUID
    subject: UUID
    version: int
    status: str
    market: str | None
    events: Sequence[Recorded[Event]]

    @property
    def facts(self) -> list[Event]:
        """What `evolve` folds, in order."""
        return [r.event for r in self.events if is_fact(r.header.type)]

    @property
    def fact_version(self) -> int:
        """The version of the last fact; what ETag and If-Match compare, for timers do not count."""
        return max(
            (r.header.version for r in self.events if is_fact(r.header.type)), default=self.version
        )

    @property
    def timer_events(self) -> list[Event]:
        return [r.event for r in self.events if is_timer_event(r.header.type)]


class Record(Protocol):
    """Where events are kept, as far as a handler may know."""

    def history(self, stream: UUID) -> History | None:
        """The stream in full, or None if nothing was ever recorded under this id."""

    def external(self, source: str, external_id: str) -> UUID | None:
        """The subject an outside id stands for; CustomerErased if that person was erased."""


class Keys(Protocol):
    """The one thing about keys that a use case may ask for."""

    def restrict(self, subject: UUID, categories: Iterable[Category]) -> None:
        """From now on these open for few purposes only, and nothing is added under them."""

    def destroy(
        self, subject: UUID, categories: Iterable[Category] | None = None
    ) -> Sequence[DestroyedKey]:
        """Destroys a subject's keys of these categories, or all of them, at once and for good; the
        names of those destroyed, however often it is asked."""


class Desk(Frozen):
    """Where a handler works: the record, the rules in force, the clock on the wall. `purpose` is
    the term the request is recorded under."""

    record: Record
    keys: Keys
    rules: Rulebook
    now: datetime
    actor: str
    role: str
    new_id: Callable[[], UUID]
    expected: int | None = None
    purpose: str = ""

    def when(self, command: Command) -> dict[str, Any]:
        """`at` and `at_precision` for the events this command causes."""
        return {"at": command.at or self.now, "at_precision": command.at_precision}

    def load(self, kind: str, stream: UUID) -> History:
        """The history of an existing stream of this kind; NotFound otherwise."""
        history = self.record.history(stream)
        if history is None or history.kind != kind:
            raise NotFound(kind=kind, id=str(stream))
        return history

    def begin(
        self,
        kind: str,
        stream: UUID,
        subject: UUID,
        facts: Sequence[Event],
        *,
        market: str | None = None,
        status: str | None = None,
        source_refs: Sequence[str | None] = (),
    ) -> Write:
        """The first events of a new stream, with the timers they start.

        `source_refs` runs along `facts`; a timer event takes the source row of its cause.
        """
        case = circumstances((), market)
        placed = with_timers({}, facts, rules=self.rules, case=case, stream=stream)
        return self._write(kind, stream, subject, 0, placed, status, market, source_refs)

    def must_match(self, history: History) -> None:
        """Conflict if the caller expected another version of the last fact (If-Match)."""
        if self.expected not in (None, history.fact_version):
            raise Conflict(
                stream=str(history.stream), expected=self.expected, actual=history.fact_version
            )

    def change(
        self,
        history: History,
        facts: Sequence[Event],
        *,
        status: str | None = None,
        source_refs: Sequence[str | None] = (),
    ) -> Write:
        """Further events of a stream; its own timers are settled up to each fact first.

        Conflict if the caller expected another version of its last fact (If-Match).
        """
        self.must_match(history)
        return self.further(history, facts, status=status, source_refs=source_refs)

    def further(
        self,
        history: History,
        facts: Sequence[Event],
        *,
        status: str | None = None,
        source_refs: Sequence[str | None] = (),
    ) -> Write:
        """As `change`, for a stream beside the one that the caller named."""
        placed = with_timers(
            running_timers(history.timer_events),
            facts,
            rules=self.rules,
            case=circumstances(history.facts, history.market),
            stream=history.stream,
        )
        return self._write(
            history.kind,
            history.stream,
            history.subject,
            history.version,
            placed,
            status,
            history.market,
            source_refs,
        )

    def noted(self, history: History, events: Sequence[TimerEvent], at: datetime) -> Write:
        """What no fact caused: timer events of a stream. What fell due before `at` comes first."""
        due = due_before(running_timers(history.timer_events), at)
        placed = [(event, 0) for event in (*due, *events)]
        return self._write(
            history.kind,
            history.stream,
            history.subject,
            history.version,
            placed,
            None,
            history.market,
            (),
        )

    def _write(
        self,
        kind: str,
        stream: UUID,
        subject: UUID,
        expected: int,
        placed: Sequence[tuple[Event, int]],
        status: str | None,
        market: str | None,
        source_refs: Sequence[str | None],
    ) -> Write:
        return Write(
            kind=kind,
            stream=stream,
            subject=subject,
            expected=expected,
            events=[event for event, _ in placed],
            status=status,
            market=market,
            policies=self.rules.versions_on(self.now.date()),
            source_refs=[source_refs[cause] for _, cause in placed] if source_refs else (),
        )
