"""An event: something that happened, in the past tense, and what the record adds to it.

Header and body are kept apart. An `Event` holds what the business says happened; everything
else (who, in which role, for which purpose, when stored, its place in the chain) is the
header that `Recorded` carries. `at` and `at_precision` are stored in the header only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, dataclass_transform
from uuid import UUID


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Frozen:
    """Makes every subclass a frozen dataclass with keyword-only fields."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclass(frozen=True, kw_only=True)(cls)


class Precision(StrEnum):
    """How exactly `at` is known. Rules in minutes do not start on a day."""

    INSTANT = "instant"
    MINUTE = "minute"
    DAY = "day"


class Event(Frozen):
    """Something that happened at `at` (aware, UTC), known as exactly as `at_precision` says.

    An event is stored under its class name, never an import path: move a class freely, never
    rename one. `SCHEMA` counts the shapes a name has had; a stored older shape is brought to
    the present one by an upcast when it is read, and stays as it is where it is stored.
    """

    SCHEMA: ClassVar[int] = 1

    at: datetime
    at_precision: Precision = Precision.INSTANT


E = TypeVar("E", bound=Event, covariant=True)


class Header(NamedTuple):
    """What the record knows of an event besides its body. Never personal data.

    `position` orders all events (holes are possible and harmless), `version` those of one
    stream, from 1. `segment` is sha256(subject)[0] & 15. `recorded_at` is the database's clock;
    positions are not ordered by it. `policies` names the policy versions in force, separated
    by spaces. `hash` is the RFC 6962 leaf over all other columns (infra/record/chain.py).
    """

    position: int
    event_id: UUID
    stream: UUID
    kind: str
    version: int
    type: str
    schema: int
    subject: UUID
    segment: int
    at: datetime
    at_precision: str
    recorded_at: datetime
    actor: str
    role: str
    on_behalf_of: str | None
    purpose: str
    legal_basis: str | None
    consent_id: UUID | None
    reason: str | None
    policies: str
    correlation: UUID
    causation: UUID | None
    command_id: UUID
    source_ref: str | None
    market: str | None
    prev_hash: bytes
    body_hash: bytes
    hash: bytes


class Recorded(Generic[E]):
    """An event as it stands in the record: its header, its stored body, and what it says.

    `body` is None once it has been archived or removed with approval; `event` then raises
    KeyError naming the position, for a fold over a missing body would be a guess.
    """

    __slots__ = ("_decode", "_event", "body", "header")

    def __init__(
        self, header: Header, body: bytes | None, decode: Callable[[Header, bytes], E]
    ) -> None:
        self.header = header
        self.body = body
        self._decode = decode
        self._event: E | None = None

    @property
    def event(self) -> E:
        if self._event is None:
            if self.body is None:
                raise KeyError(f"the body of the event at position {self.header.position} is gone")
            self._event = self._decode(self.header, self.body)
        return self._event

    def __repr__(self) -> str:
        h = self.header
        return f"<{h.type} {h.kind} {h.stream} v{h.version} at position {h.position}>"
