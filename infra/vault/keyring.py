"""The keys of each subject, one per category, wrapped under the key-encryption key.

A key row is committed before the append that first uses it and checked again inside it, so an
erasure in between wins. A fenced subject gets no new key, ever.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import Connection

from domain.keys import DestroyedKey
from domain.personal import Category
from domain.refusal import CustomerErased
from infra.record.batch import OutsideName
from infra.record.packed import Ints, Texts, Uuids
from infra.vault.kek import KeyEncryptionKey
from infra.vault.opening_key import OpeningKey, Pair, Reference

CACHED = 50_000


class KeysUnavailable(Exception):
    """There is no key-encryption key, so nothing personal can be sealed or opened."""


class DataKey(NamedTuple):
    """An active key. `announced`: SubjectKeyCreated for it is in the record."""

    subject: UUID
    category: Category
    generation: int
    secret: bytes
    commitment: str
    announced: bool


class Keyring(Protocol):
    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        """The active key of each pair, made if there is none. CustomerErased if one is fenced,
        restricted or destroyed; KeysUnavailable without a key-encryption key."""

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        """Those keys that still exist; what is destroyed or fenced is left out. KeyNotAsRecorded,
        KeysUnavailable."""

    def destroy(self, subject: UUID) -> Sequence[DestroyedKey]:
        """Fences the subject and destroys all its keys at once; names and commitments."""

    def forget(self, pairs: Iterable[Pair]) -> None:
        """Drops what this process remembers of these keys."""


def commitment(secret: bytes) -> str:
    """Binds a key to what the record says of it, so that it cannot be exchanged unseen."""
    return hmac.digest(secret, b"dossier key commitment v1", "sha256").hex()


class PostgresKeyring:
    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[Connection[Any]]],
        kek: KeyEncryptionKey | None,
    ) -> None:
        self._connect = connect
        self._kek = kek
        self._known: dict[Pair, DataKey] = {}

    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        wanted = set(pairs)
        found = {pair: key for pair in wanted if (key := self._known.get(pair)) is not None}
        missing = wanted - found.keys()
        if missing:
            kek = self._required_kek()
            with self._connect() as connection, connection.transaction():
                fresh = self._read(connection, kek, missing)
                if new := missing - fresh.keys():
                    self._make(connection, kek, new)
                    fresh |= self._read(connection, kek, new)
            found |= fresh
            if len(self._known) > CACHED:
                self._known.clear()
            self._known |= {pair: key for pair, key in fresh.items() if key.announced}
        return found

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        wanted = sorted(set(references))
        kek = self._required_kek()
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT k.subject, k.category, k.generation, k.wrapped, k.state"
                " FROM unnest(%s, %s, %s) u(s, c, g) JOIN keys.subject_key k"
                " ON k.subject = u.s AND k.category = u.c AND k.generation = u.g"
                " WHERE k.wrapped IS NOT NULL"
                " AND NOT EXISTS (SELECT FROM keys.fence f WHERE f.subject = k.subject)",
                (
                    Uuids([s for s, _, _ in wanted]),
                    Texts([c for _, c, _ in wanted]),
                    Ints([g for _, _, g in wanted]),
                ),
                prepare=True,
            ).fetchall()
        return {
            (subject, Category(category), generation): OpeningKey(
                kek.unwrap(bytes(wrapped), subject, category, generation), state
            )
            for subject, category, generation, wrapped, state in rows
        }

    def destroy(self, subject: UUID) -> Sequence[DestroyedKey]:
        with self._connect() as connection, connection.transaction():
            connection.execute(
                "INSERT INTO keys.fence (subject) VALUES (%s) ON CONFLICT DO NOTHING", (subject,)
            )
            rows = connection.execute(
                "UPDATE keys.subject_key SET state = 'destroyed', wrapped = NULL,"
                " destroyed_at = coalesce(destroyed_at, clock_timestamp()) WHERE subject = %s"
                " RETURNING category, generation, commitment",
                (subject,),
            ).fetchall()
            connection.execute(
                "UPDATE ref.external SET subject = NULL, token = NULL, erased = true"
                " WHERE subject = %s",
                (subject,),
            )
        self.forget((subject, category) for category in Category)
        return [
            DestroyedKey(category=Category(category), generation=generation, commitment=held)
            for category, generation, held in sorted(rows)
        ]

    def forget(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            self._known.pop(pair, None)

    def _required_kek(self) -> KeyEncryptionKey:
        if self._kek is None:
            raise KeysUnavailable
        return self._kek

    def _read(
        self, connection: Connection[Any], kek: KeyEncryptionKey, pairs: Iterable[Pair]
    ) -> dict[Pair, DataKey]:
        wanted = sorted(pairs)
        rows = connection.execute(
            "SELECT DISTINCT ON (k.subject, k.category)"
            " k.subject, k.category, k.generation, k.state, k.wrapped, k.commitment, k.announced"
            " FROM unnest(%s, %s) u(s, c) JOIN keys.subject_key k"
            " ON k.subject = u.s AND k.category = u.c"
            " ORDER BY k.subject, k.category, k.generation DESC",
            (Uuids([s for s, _ in wanted]), Texts([c for _, c in wanted])),
            prepare=True,
        ).fetchall()
        found = {}
        for subject, category, generation, state, wrapped, held, announced in rows:
            if state != "active":
                raise CustomerErased(customer=str(subject))
            secret = kek.unwrap(bytes(wrapped), subject, category, generation)
            key = DataKey(subject, Category(category), generation, secret, held, announced)
            found[subject, key.category] = key
        return found

    def _make(
        self, connection: Connection[Any], kek: KeyEncryptionKey, pairs: Iterable[Pair]
    ) -> None:
        ordered = sorted(pairs)
        subjects = Uuids([s for s, _ in ordered])
        fenced = connection.execute(
            "SELECT subject FROM keys.fence WHERE subject = ANY(%s) LIMIT 1", (subjects,)
        ).fetchone()
        if fenced is not None:
            raise CustomerErased(customer=str(fenced[0]))
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO keys.subject_key (subject, category, generation, state, wrapped,"
                " commitment) VALUES (%s, %s, 1, 'active', %s, %s) ON CONFLICT DO NOTHING",
                [
                    (subject, category, kek.wrap(secret, subject, category, 1), commitment(secret))
                    for subject, category in ordered
                    for secret in (os.urandom(32),)
                ],
            )


class MemoryKeyring:
    """The same for the record in memory: its keys live in the record's own table of them."""

    def __init__(
        self,
        announced: dict[tuple[UUID, str, int], bool],
        outside: dict[tuple[str, bytes], OutsideName | None],
    ) -> None:
        self._announced = announced
        self._outside = outside
        self._secrets: dict[Pair, bytes] = {}
        self._fenced: set[UUID] = set()

    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        return {pair: self._key(pair) for pair in pairs}

    def _key(self, pair: Pair) -> DataKey:
        subject, category = pair
        if subject in self._fenced:
            raise CustomerErased(customer=str(subject))
        secret = self._secrets.setdefault(pair, os.urandom(32))
        announced = self._announced.setdefault((subject, category, 1), False)
        return DataKey(subject, category, 1, secret, commitment(secret), announced)

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        return {
            (subject, category, generation): OpeningKey(secret, "active")
            for subject, category, generation in references
            if (secret := self._secrets.get((subject, category))) is not None
        }

    def destroy(self, subject: UUID) -> Sequence[DestroyedKey]:
        self._fenced.add(subject)
        for key, name in self._outside.items():
            if name is not None and name.subject == subject:
                self._outside[key] = None
        destroyed = []
        for category in Category:
            secret = self._secrets.pop((subject, category), None)
            self._announced.pop((subject, category, 1), None)
            if secret is not None:
                destroyed.append(
                    DestroyedKey(category=category, generation=1, commitment=commitment(secret))
                )
        return destroyed

    def forget(self, pairs: Iterable[Pair]) -> None:
        """Nothing is remembered beside the keys themselves."""
