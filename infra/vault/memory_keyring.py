"""The keyring for the record in memory: its keys live in the record's own table of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from domain.keys import DestroyedKey, ProcessingRestricted
from domain.personal import Category
from domain.refusal import CustomerErased
from infra.record.batch import OutsideName
from infra.vault.keyring import DataKey, commitment
from infra.vault.opening_key import OpeningKey, Pair, Reference


class MemoryKeyring:
    def __init__(
        self,
        announced: dict[tuple[UUID, str, int], bool],
        outside: dict[tuple[str, bytes], OutsideName | None],
    ) -> None:
        self._announced = announced
        self._outside = outside
        self._secrets: dict[Pair, bytes] = {}
        self._fenced: set[Pair] = set()
        self._restricted: set[Pair] = set()
        self._destroyed: dict[Pair, DestroyedKey] = {}

    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        return {pair: self._key(pair) for pair in pairs}

    def _key(self, pair: Pair) -> DataKey:
        subject, category = pair
        if pair in self._fenced:
            raise CustomerErased(customer=str(subject))
        if pair in self._restricted:
            raise ProcessingRestricted(customer=str(subject), category=category)
        secret = self._secrets.setdefault(pair, os.urandom(32))
        announced = self._announced.setdefault((subject, category, 1), False)
        return DataKey(subject, category, 1, secret, commitment(secret), announced)

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        return {
            (subject, category, generation): OpeningKey(
                secret, "restricted" if (subject, category) in self._restricted else "active"
            )
            for subject, category, generation in references
            if (secret := self._secrets.get((subject, category))) is not None
        }

    def restrict(self, subject: UUID, categories: Iterable[Category]) -> None:
        self._restricted |= {(subject, category) for category in categories}

    def lift(self, subject: UUID, categories: Iterable[Category]) -> None:
        self._restricted -= {(subject, category) for category in categories}

    def destroy(
        self, subject: UUID, categories: Iterable[Category] | None = None
    ) -> Sequence[DestroyedKey]:
        chosen = list(Category) if categories is None else list(categories)
        for key, name in self._outside.items():
            if name is not None and name.subject == subject and Category.IDENTITY in chosen:
                self._outside[key] = None
        for category in chosen:
            pair = (subject, category)
            self._fenced.add(pair)
            secret = self._secrets.pop(pair, None)
            self._announced.pop((subject, category, 1), None)
            if secret is not None:
                self._destroyed[pair] = DestroyedKey(
                    category=category, generation=1, commitment=commitment(secret)
                )
        return [
            held for c in Category if c in chosen and (held := self._destroyed.get((subject, c)))
        ]

    def forget(self, pairs: Iterable[Pair]) -> None:
        """Nothing is remembered beside the keys themselves."""
