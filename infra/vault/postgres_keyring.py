"""The keyring in PostgreSQL: keys wrapped under the key-encryption key of an epoch.

A key row is committed before the append that first uses it and checked again inside it, so an
erasure in between wins. A fenced subject gets no new key, ever.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn
from uuid import UUID

from psycopg import Connection

from domain.keys import DestroyedKey, ProcessingRestricted
from domain.personal import Category
from domain.refusal import CustomerErased
from infra.vault import key_rows
from infra.vault.alarm import alarm
from infra.vault.cache import KeyCache
from infra.vault.epochs import Connect, Epochs, bound_to
from infra.vault.keyring import DataKey, KeyNotAsRecorded, commitment, is_committed
from infra.vault.ledger import Erased, ErasureLedger
from infra.vault.on_record import OnRecord, on_record
from infra.vault.opening_key import OpeningKey, Pair, Reference
from infra.vault.unavailable import KeysUnavailable, WatchLost
from infra.vault.watch import Watch


class PostgresKeyring:
    """`epochs` None: nothing personal is sealed or opened, and no key is made; keys can still be
    restricted and destroyed. Opened keys are kept for a minute only under a `watch`; without one
    the database is asked every time."""

    def __init__(
        self,
        connect: Connect,
        epochs: Epochs | None,
        *,
        watch: Watch | None = None,
        ledger: ErasureLedger | None = None,
    ) -> None:
        self._connect = connect
        self._epochs = epochs
        self._watch = watch
        self._ledger = ledger
        self._sealing: KeyCache[DataKey] = KeyCache()
        self._opening: KeyCache[OpeningKey] = KeyCache()
        if watch is not None:
            watch.on_change(self._changed)

    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        found: dict[Pair, DataKey] = {}
        missing: set[Pair] = set()
        for pair in set(pairs):
            key = self._sealing.get(pair[0], (pair[1], 1))
            if key is None:
                missing.add(pair)
            else:
                found[pair] = key
        if missing:
            epochs, news = self._required(), self._sealing.news
            with self._connect() as connection, connection.transaction():
                fresh = self._read(connection, epochs, missing)
                if new := missing - fresh.keys():
                    self._make(connection, epochs, new)
                    fresh |= self._read(connection, epochs, new)
            found |= fresh
            self._sealing.put(
                {(k.subject, k.category, 1): k for k in fresh.values() if k.announced}, news
            )
        return found

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        epochs = self._required()
        if self._watch is not None and not self._watch.live():
            self._opening.evict(None)
            raise WatchLost("the connection that tells of destroyed keys is down")
        found: dict[Reference, OpeningKey] = {}
        missing: list[Reference] = []
        for reference in references:
            key = self._opening.get(reference[0], reference[1:])
            if key is None:
                missing.append(reference)
            else:
                found[reference] = key
        if missing:
            news = self._opening.news
            fresh = self._read_for_opening(epochs, sorted(set(missing)))
            found |= fresh
            if self._watch is not None:
                self._opening.put(fresh, news)
        return found

    def restrict(self, subject: UUID, categories: Iterable[Category]) -> None:
        self._set_state(subject, list(categories), "restricted")

    def lift(self, subject: UUID, categories: Iterable[Category]) -> None:
        self._set_state(subject, list(categories), "active")

    def destroy(
        self, subject: UUID, categories: Iterable[Category] | None = None
    ) -> Sequence[DestroyedKey]:
        chosen = None if categories is None else sorted(categories)
        if self._ledger is not None:
            self._ledger.note(subject, chosen)
        return self._destroy(subject, chosen)

    def apply_again(self, ledger: Iterable[Erased]) -> int:
        """Destroys what the ledger says was destroyed and this database still has, as after a
        restore; how many subjects that were. For the start, before anything is opened."""
        with self._connect() as connection:
            whole, parts = key_rows.still_there(connection, ledger)
        for subject in whole:
            self._destroy(subject, None)
        for subject, category in parts:
            self._destroy(subject, [category])
        return len(whole | {subject for subject, _ in parts})

    def forget(self, pairs: Iterable[Pair]) -> None:
        for subject, _ in pairs:
            self._sealing.forget(subject)

    def _changed(self, whom: UUID | str) -> None:
        subject = whom if isinstance(whom, UUID) else None
        self._sealing.evict(subject)
        self._opening.evict(subject)
        if subject is None and self._epochs is not None:
            self._epochs.forget()

    def _required(self) -> Epochs:
        if self._epochs is None:
            raise KeysUnavailable
        return self._epochs

    def _set_state(self, subject: UUID, categories: Sequence[Category], state: str) -> None:
        with self._connect() as connection, connection.transaction():
            key_rows.set_state(connection, subject, categories, state)
        self._changed(subject)

    def _destroy(
        self, subject: UUID, categories: Sequence[Category] | None
    ) -> Sequence[DestroyedKey]:
        with self._connect() as connection, connection.transaction():
            rows = key_rows.destroy(connection, subject, categories)
        self._changed(subject)
        return [
            DestroyedKey(category=Category(category), generation=generation, commitment=held)
            for category, generation, held in rows
        ]

    def _read(
        self, connection: Connection[Any], epochs: Epochs, pairs: Iterable[Pair]
    ) -> dict[Pair, DataKey]:
        rows = key_rows.rows_to_seal(connection, sorted(pairs))
        for subject, category, _, _, _, state, _, _ in rows:
            if state == "destroyed":
                raise CustomerErased(customer=str(subject))
            if state == "restricted":
                raise ProcessingRestricted(customer=str(subject), category=category)
        said = on_record(connection, (row[0] for row in rows if row[-1]))
        secrets = self._unwrapped(connection, epochs, [row[:5] for row in rows])
        found = {}
        for row, secret in zip(rows, secrets, strict=True):
            subject, category, generation, _, _, _, held, announced = row
            reference = (subject, Category(category), generation)
            self._expect(reference, secret, said.made.get(reference) if announced else held)
            found[subject, reference[1]] = DataKey(*reference, secret, held, announced)
        return found

    def _read_for_opening(
        self, epochs: Epochs, wanted: Sequence[Reference]
    ) -> dict[Reference, OpeningKey]:
        with self._connect() as connection:
            rows = key_rows.rows_to_open(connection, wanted)
            said = on_record(connection, (row[0] for row in rows))
            rows = [row for row in rows if not self._barred(row, said)]
            secrets = self._unwrapped(connection, epochs, [row[:5] for row in rows])
        found = {}
        for (subject, category, generation, _, _, state, _, _), secret in zip(
            rows, secrets, strict=True
        ):
            reference = (subject, Category(category), generation)
            self._expect(reference, secret, said.made.get(reference))
            found[reference] = OpeningKey(secret, state)
        return found

    def _barred(self, row: Sequence[Any], said: OnRecord) -> bool:
        """Whether a key that is there belongs to somebody erased: it was put back."""
        reference = (row[0], Category(row[1]), row[2])
        if not row[7] and reference not in said.destroyed:
            return False
        alarm(self._connect, "key-of-erased-person", reference)
        return True

    def _expect(self, reference: Reference, secret: bytes, held: str | None) -> None:
        if held is None or not is_committed(secret, held):
            self._refuse(reference)

    def _refuse(self, reference: Reference) -> NoReturn:
        alarm(self._connect, "key-commitment", reference)
        subject, category, generation = reference
        raise KeyNotAsRecorded(customer=str(subject), category=category, generation=generation)

    def _unwrapped(
        self, connection: Connection[Any], epochs: Epochs, rows: Sequence[Sequence[Any]]
    ) -> list[bytes]:
        """Of rows of subject, category, generation, epoch, wrapped."""
        secrets: dict[int, bytes] = {}
        for epoch in sorted({row[3] for row in rows}):
            those = [(n, row) for n, row in enumerate(rows) if row[3] == epoch]
            wrapped = [(bytes(row[4]), bound_to(epoch, *row[:3])) for _, row in those]
            kek = epochs.kek(connection, epoch)
            for (n, row), secret in zip(those, kek.unwrap(wrapped), strict=True):
                if secret is None or len(secret) != 32:
                    self._refuse((row[0], Category(row[1]), row[2]))
                secrets[n] = secret
        return [secrets[n] for n in range(len(rows))]

    def _make(self, connection: Connection[Any], epochs: Epochs, pairs: Iterable[Pair]) -> None:
        ordered = sorted(pairs)
        if (stopped := key_rows.barred(connection, ordered)) is not None:
            subject, category, fenced = stopped
            if fenced:
                raise CustomerErased(customer=str(subject))
            raise ProcessingRestricted(customer=str(subject), category=category)
        epoch, kek = epochs.current(connection)
        chance = os.urandom(32 * len(ordered))
        secrets = [chance[n : n + 32] for n in range(0, len(chance), 32)]
        wrapped = kek.wrap(
            [
                (secret, bound_to(epoch, subject, category, 1))
                for secret, (subject, category) in zip(secrets, ordered, strict=True)
            ]
        )
        key_rows.add(connection, epoch, ordered, wrapped, [commitment(s) for s in secrets])
