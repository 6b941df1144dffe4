"""The closed registry: which stored names mean which classes, and how old shapes are read.

A stored name that is not here is refused; no name is ever resolved by importing what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import orjson

from domain.catalogue import EVENTS
from domain.event import Event, Precision
from infra.record.codec import Codec
from infra.record.personal_fields import PersonalFields
from infra.record.upcasts import UPCASTS, Upcast

PRECISIONS = {str(precision): precision for precision in Precision}


class UnknownEventType(Exception):
    """The record holds a name this release does not know: it was written by a newer one."""


class Heading(Protocol):
    """What has to be known of an event to read its body."""

    @property
    def event_id(self) -> UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def schema(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def at_precision(self) -> str: ...


class Registry:
    def __init__(
        self, events: Iterable[type[Event]], upcasts: dict[tuple[str, int], Upcast] | None = None
    ) -> None:
        self._classes = {cls.__name__: cls for cls in events}
        self._codecs = {name: Codec(cls) for name, cls in self._classes.items()}
        self._personal = {name: PersonalFields(cls) for name, cls in self._classes.items()}
        self._upcasts = UPCASTS if upcasts is None else upcasts

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def codec(self, name: str) -> Codec:
        try:
            return self._codecs[name]
        except KeyError:
            raise UnknownEventType(f"no event type is registered as {name!r}") from None

    def personal(self, name: str) -> PersonalFields:
        return self._personal[name]

    def encode(self, event: Event) -> bytes:
        return self.codec(type(event).__name__).encode(event)

    def decode(self, header: Heading, body: bytes) -> Event:
        """The event as today's class, brought up from the shape it was stored in."""
        values = self.values(header, body)
        codec = self._codecs[header.type]
        return codec.decode(values, header.event_id, header.at, PRECISIONS[header.at_precision])

    def values(self, header: Heading, body: bytes) -> dict[str, Any]:
        """The body as JSON values, in the shape its type has today."""
        codec = self.codec(header.type)
        values: dict[str, Any] = orjson.loads(body)
        if header.schema == codec.cls.SCHEMA:
            return values
        for schema in range(header.schema, codec.cls.SCHEMA):
            values = self._upcasts[header.type, schema](values)
        if header.schema > codec.cls.SCHEMA:
            raise UnknownEventType(
                f"{header.type} is stored in shape {header.schema}; this release reads up to "
                f"{codec.cls.SCHEMA}"
            )
        return values


@cache
def registry() -> Registry:
    return Registry(EVENTS)
