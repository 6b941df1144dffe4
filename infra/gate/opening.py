"""`Gate.open`: sealed values in, texts out, with the access recorded in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
from psycopg import Connection

from domain.refusal import Refused
from infra.gate.permissions import decide
from infra.record.packed import Texts, Uuids
from infra.vault.keyring import Keyring, Reference
from infra.vault.token import Place, read
from infra.vault.unsealing import unseal


class Reader(NamedTuple):
    """Who opens: taken from the credential, never from a request."""

    actor: str
    role: str
    correlation: UUID
    on_behalf_of: str | None = None


class SealedValue(NamedTuple):
    """A token, and where whoever shows it believes it comes from."""

    token: str
    subject: UUID
    path: str | None = None


class AccessDenied(Refused):
    """This role may not open these values for this purpose. Parameters: rule, purpose."""

    clause = "CB-14.1b"


class WrongPlace(Refused):
    """A token was offered as a field it was not sealed for. Parameters: expected, actual."""


class TrailUnavailable(Exception):
    """The access could not be recorded, so nothing was opened."""


class Access(NamedTuple):
    """One row of trail.access."""

    actor: str
    role: str
    on_behalf_of: str | None
    operation: str
    purpose: str
    decision: str
    rule: str
    subjects: Sequence[UUID]
    fields: Sequence[str]
    tokens: int
    correlation: UUID


class Trail(Protocol):
    def note(self, access: Access) -> None:
        """Durable when it returns. Raises TrailUnavailable."""


class PostgresTrail:
    def __init__(self, connect: Callable[[], AbstractContextManager[Connection[Any]]]) -> None:
        self._connect = connect

    def note(self, access: Access) -> None:
        try:
            with self._connect() as connection:
                connection.execute(
                    "INSERT INTO trail.access (actor, role, on_behalf_of, operation, purpose,"
                    " decision, rule, subjects, fields, tokens, correlation)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    access._replace(subjects=Uuids(access.subjects), fields=Texts(access.fields)),
                    prepare=True,
                )
        except psycopg.Error as fault:
            raise TrailUnavailable from fault


class MemoryTrail:
    def __init__(self) -> None:
        self.rows: list[Access] = []

    def note(self, access: Access) -> None:
        self.rows.append(access)


class Gate:
    def __init__(self, keyring: Keyring, trail: Trail) -> None:
        self._keyring = keyring
        self._trail = trail

    def open(self, tokens: Sequence[SealedValue], reader: Reader, purpose: str) -> list[str | None]:
        """The texts of these tokens, in order; None where the person has been erased.

        One row in trail.access is committed first, whether this is permitted or not. Raises
        AccessDenied, WrongPlace, NotAToken, Tampered, KeysUnavailable, TrailUnavailable.
        """
        parts = [read(value.token) for value in tokens]
        categories = {place.category for place, _, _ in parts}
        misplaced = next(filter(None, map(_misplaced, tokens, parts)), None)
        permitted, rule = decide(reader.role, purpose, categories)
        if misplaced is not None:
            permitted, rule = False, "wrong-place"
        self._trail.note(
            Access(
                actor=reader.actor,
                role=reader.role,
                on_behalf_of=reader.on_behalf_of,
                operation="open",
                purpose=purpose,
                decision="permit" if permitted else "deny",
                rule=rule,
                subjects=sorted({value.subject for value in tokens}),
                fields=sorted({f"{place.type}.{place.path}" for place, _, _ in parts}),
                tokens=len(tokens),
                correlation=reader.correlation,
            )
        )
        if misplaced is not None:
            raise WrongPlace(expected=misplaced[0], actual=misplaced[1])
        if not permitted:
            raise AccessDenied(rule=rule, purpose=purpose)
        wanted: set[Reference] = {
            (value.subject, place.category, place.generation)
            for value, (place, _, _) in zip(tokens, parts, strict=True)
        }
        secrets = self._keyring.for_opening(wanted)
        sealed = [(value.subject, part) for value, part in zip(tokens, parts, strict=True)]
        return unseal(sealed, secrets)


def _misplaced(value: SealedValue, part: tuple[Place, bytes, bytes]) -> tuple[str, str] | None:
    place = part[0]
    if value.path is not None and value.path != place.path:
        return value.path, place.path
    return None
