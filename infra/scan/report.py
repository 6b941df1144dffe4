"""What a scan came to: per store how much was looked at, and where something was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.refusal import Refused


class PersonalDataFound(Refused):
    """What was looked for stands in the open. Parameters: places."""


class NotAllLookedAt(Refused):
    """Nothing was found, and not everything could be looked into. Parameters: count."""


class ScannerMisses(Refused):
    """The scanner does not find all it should. Parameters: missed, planted."""


class Hit(NamedTuple):
    """Where a value stands in the open: the place, which needle, and what had to be undone to see
    it (`gzip > base64`). Never the value."""

    store: str
    place: str
    needle: int
    through: str = ""


@dataclass(slots=True)
class Store:
    """`unread`: what could not be looked into and why; `says`: how this store was read."""

    name: str
    says: str = ""
    objects: int = 0
    bytes: int = 0
    seconds: float = 0.0
    found: dict[Hit, None] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def note(self, place: str, needle: int, through: str) -> None:
        self.found[Hit(self.name, place, needle, through)] = None

    @property
    def hits(self) -> list[Hit]:
        return list(self.found)

    def skip(self, place: str, why: str) -> None:
        said = f"{place}: {why}"
        if said not in self.unread:
            self.unread.append(said)


@dataclass(slots=True)
class Report:
    stores: list[Store] = field(default_factory=list)

    @property
    def hits(self) -> list[Hit]:
        return [hit for store in self.stores for hit in store.hits]

    @property
    def unread(self) -> list[str]:
        return [f"{store.name}: {said}" for store in self.stores for said in store.unread]

    @property
    def objects(self) -> int:
        return sum(store.objects for store in self.stores)

    @property
    def bytes(self) -> int:
        return sum(store.bytes for store in self.stores)


Heard = Callable[[str, int], None]
"""Told the store and how many bytes of all stores have been looked at."""


def unheard(store: str, done: int) -> None:
    """Progress nobody asked for."""
