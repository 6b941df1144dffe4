"""How far a request reaches: the markets and teams of its credential, and how many customers.

Somebody outside the scope does not exist for the caller: the answer is the one to an id nobody ever
had. It is on record in `trail.access`, like an id that nobody ever had when a narrowed caller asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from commands.command import Command
from domain.refusal import NotFound
from infra.gate import Reader
from infra.gate.access import Access
from infra.gate.subjects import NOTHING_KNOWN
from infra.http.asked import credential, entry_of, product_of, trace_id
from infra.http.refusals import TooManyCustomers
from infra.identity.credential import Credential, OutOfScope
from infra.product import now
from infra.record.packed import Uuids
from queries.within import Within

KINDS = ("customer", "order", "ticket", "complaint", "privacy")
"""Streams that are somebody's."""
UNLISTED = "unlisted"


class Stream(NamedTuple):
    kind: str
    subject: UUID
    market: str | None


class Scope:
    def __init__(self, request: Request, who: Annotated[Credential, Depends(credential)]) -> None:
        self.who = who
        self._product = product_of(request)
        self._entry = entry_of(request)
        self._trace = trace_id(request)

    @property
    def narrowed(self) -> bool:
        return self.who.markets is not None or self.who.teams is not None

    @property
    def within(self) -> Within:
        """For lists."""
        markets, teams = self.who.markets, self.who.teams
        return Within(
            None if markets is None else tuple(sorted(markets)),
            None if teams is None else tuple(sorted(teams)),
            self.who.actor,
        )

    def reader(self, purpose: str) -> Reader:
        """Who opens, in the first role that opens anything for this purpose. Raises OutOfScope."""
        self.who.must_reach("open")
        role = self._product.gate.policy.role_for(self.who.roles, purpose, now().date())
        return self._reader(role)

    def must_reach(self, kind: str, identity: UUID) -> None:
        """Raises NotFound, on record, for what is not in scope."""
        if self.narrowed:
            self._must_hold([(kind, identity)], [], self.who.roles[0], UNLISTED, "read")

    def must_reach_all(self, command: Command, role: str) -> None:
        """Whatever a command is about, or names. Raises NotFound, on record; OutOfScope for a
        market that the credential does not have."""
        if not self.narrowed or role not in command.ROLES:
            return
        about = [(k, i) for k in KINDS if isinstance(i := getattr(command, f"{k}_id", None), UUID)]
        markets = self.who.markets
        asked = getattr(command, "market", None)
        if markets is not None and isinstance(asked, str) and asked not in markets:
            raise OutOfScope(scope=f"market:{asked}")
        self._must_hold(about, list(_ids(command)), role, command.PURPOSE, "command")

    def note_seen(self, customers: Sequence[UUID]) -> None:
        """Counts the customers that an answer is about. Raises TooManyCustomers: the first time in
        a window it is on record, with everybody looked at in it."""
        limit = self._entry.limits.customers
        seen = self._entry.counters.see(limit, self.who.actor, customers)
        if seen.allowed:
            return
        if seen.first:
            subjects = sorted({*seen.subjects, *customers})
            row = self._denied(
                self.who.roles[0], "bulk-access-suspected", subjects, UNLISTED, "read"
            )
            self._product.trail.note([row])
        raise TooManyCustomers(limit=limit.quota, retry_after=seen.reset)

    def _must_hold(
        self,
        about: Sequence[tuple[str, UUID]],
        named: Sequence[UUID],
        role: str,
        purpose: str,
        operation: str,
    ) -> None:
        streams = self._streams({*named, *(identity for _, identity in about)})
        reader = self._reader(role)
        facts = self._entry.subjects.facts(
            {stream.subject for stream in streams.values()}, cases=reader.teams is not None
        )
        kinds = {identity: kind for kind, identity in about}
        for identity in (*kinds, *named):
            stream = streams.get(identity)
            if stream is None and identity not in kinds:
                continue
            if stream is not None and stream.kind not in KINDS:
                continue
            if stream is not None and self._holds(stream, reader, facts):
                continue
            rule = "unknown" if stream is None else "out-of-scope"
            subjects = [] if stream is None else [stream.subject]
            row = self._denied(role, rule, subjects, purpose, operation)
            self._product.trail.note([row])
            kind = kinds.get(identity) or (stream.kind if stream else "customer")
            raise NotFound(kind=kind, id=str(identity))

    def _holds(self, stream: Stream, reader: Reader, facts: Any) -> bool:
        """A case may belong to another market than its customer; both have to be in scope."""
        known = facts.get(stream.subject, NOTHING_KNOWN)
        own_market = self.who.markets is None or stream.market in (None, *self.who.markets)
        return own_market and bool(known.in_scope_of(reader))

    def _streams(self, identities: Iterable[UUID]) -> dict[UUID, Stream]:
        with self._product.record.connection() as connection:
            rows = connection.execute(
                "SELECT s.stream, s.kind, s.subject, e.market FROM es.streams s"
                " JOIN es.events e ON e.position = s.last_position WHERE s.stream = ANY(%s)",
                (Uuids(list(identities)),),
                prepare=True,
            ).fetchall()
        return {row[0]: Stream(*row[1:]) for row in rows}

    def _reader(self, role: str) -> Reader:
        return Reader(
            actor=self.who.actor,
            role=role,
            correlation=self._trace,
            markets=self.who.markets,
            teams=self.who.teams,
            own=self.who.teams is not None,
            request_id=self._trace,
            auth_method=self.who.method,
        )

    def _denied(
        self, role: str, rule: str, subjects: Sequence[UUID], purpose: str, operation: str
    ) -> Access:
        reader = self._reader(role)
        return Access(
            actor=reader.actor,
            role=role,
            on_behalf_of=None,
            operation=operation,
            purpose=purpose,
            legal_basis=None,
            decision="deny",
            rule=rule,
            policy=self._product.gate.policy.name,
            subjects=subjects,
            fields=(),
            tokens=0,
            row_count=0,
            record_ref=None,
            consents=(),
            agreement=None,
            recipient=None,
            break_glass=None,
            auth_method=reader.auth_method,
            correlation=self._trace,
            request_id=self._trace,
        )


Scoped = Annotated[Scope, Depends()]


def _ids(value: Any) -> Iterable[UUID]:
    """Every id anywhere in a command."""
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, BaseModel):
        for _, held in value:
            yield from _ids(held)
    elif isinstance(value, list | tuple | set | frozenset):
        for held in value:
            yield from _ids(held)
    elif isinstance(value, dict):
        for held in value.values():
            yield from _ids(held)
