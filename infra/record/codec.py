"""The body of an event as bytes, and back: canonical JSON in a restricted profile.

ASCII keys, sorted; integers below 2^53 in size; decimals, ids, times and dates as strings; no
floats; an absent field is None. Within this profile the bytes are those of RFC 8785 (a test
compares them). Personal values are written as the token they were sealed to; an open one is a
fault here, for it must have been sealed before. Text with a lone surrogate is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from domain.event import Event
from domain.personal import Category, Personal
from domain.refusal import UnstorableText

Encode = Callable[[Any], Any]
Decode = Callable[[Any, UUID], Any]
HEADER_FIELDS = frozenset({"at", "at_precision"})
_SAFE = 2**53
_new, _set = object.__new__, object.__setattr__


class Codec:
    """Body bytes of one event class, and the shape they have."""

    def __init__(self, cls: type[Event]) -> None:
        self.cls = cls
        self._fields = _fields(cls, skip=HEADER_FIELDS)
        self.shape = {name: shape for name, _, _, shape in self._fields}
        self._absent, self._decoders = _reading(self._fields)

    def encode(self, event: Event) -> bytes:
        """Canonical JSON. TypeError names what the profile does not allow."""
        body = _encode_fields(self._fields, event)
        try:
            return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        except TypeError as fault:
            if "surrogate" in str(fault):
                raise UnstorableText(field=_surrogate_path(body, "")) from None
            raise

    def decode(
        self, body: dict[str, Any], event_id: UUID, at: datetime, at_precision: Any
    ) -> Event:
        """The event that a body, which becomes its own, says. KeyError for a field it has not."""
        event = _new(self.cls)
        values = _decoded(self._absent, self._decoders, body, event_id)
        values["at"], values["at_precision"] = at, at_precision
        # Setting every field of a frozen dataclass through its __init__ took a third of a decode.
        _set(event, "__dict__", values)
        return event


_Compiled = tuple[str, Encode, Decode, Any]


def _fields(cls: type[Any], skip: frozenset[str] = frozenset()) -> tuple[_Compiled, ...]:
    hints = get_type_hints(cls, include_extras=True)
    compiled = []
    for f in fields(cls):
        if f.name not in skip:
            encode, decode, shape = _compile(hints[f.name])
            compiled.append((f.name, encode, decode, shape))
    return tuple(compiled)


def _encode_fields(compiled: tuple[_Compiled, ...], value: Any) -> dict[str, Any]:
    body = {}
    for name, encode, _, _ in compiled:
        field_value = getattr(value, name)
        if field_value is not None:
            body[name] = encode(field_value)
    return body


_Reading = tuple[dict[str, None], dict[str, Decode | None]]


def _reading(compiled: tuple[_Compiled, ...]) -> _Reading:
    """All fields absent, and how each is decoded: None for one that is what it is stored as."""
    return (
        dict.fromkeys(name for name, *_ in compiled),
        {name: None if decode is _as_is else decode for name, _, decode, _ in compiled},
    )


def _decoded(
    absent: dict[str, None],
    decoders: dict[str, Decode | None],
    body: dict[str, Any],
    event_id: UUID,
) -> dict[str, Any]:
    for name, stored in body.items():
        decode = decoders[name]
        if decode is not None:
            body[name] = decode(stored, event_id)
    return absent | body


def _compile(hint: Any) -> tuple[Encode, Decode, Any]:
    origin = get_origin(hint)
    if origin is Annotated:
        category = next(m for m in hint.__metadata__ if isinstance(m, Category))
        return _token, Personal.sealed, f"personal:{category.value}"
    if origin in (Union, UnionType):
        (inner,) = (a for a in get_args(hint) if a is not NoneType)
        encode, decode, shape = _compile(inner)
        return encode, decode, {"optional": shape}
    if origin is tuple:
        encode, decode, shape = _compile(get_args(hint)[0])
        return (
            lambda value: [encode(item) for item in value],
            lambda stored, event_id: tuple(decode(item, event_id) for item in stored),
            [shape],
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        encode, decode, shape = _compile(get_args(hint)[1])
        return (
            lambda value: {_key(k): encode(v) for k, v in value.items()},
            lambda stored, event_id: {k: decode(v, event_id) for k, v in stored.items()},
            {"map": shape},
        )
    if is_dataclass(hint):
        nested = _fields(hint)  # type: ignore[arg-type]
        make: Any = hint
        absent, decoders = _reading(nested)
        return (
            lambda value: _encode_fields(nested, value),
            lambda stored, event_id: make(**_decoded(absent, decoders, stored, event_id)),
            {name: shape for name, _, _, shape in nested},
        )
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        members = sorted(member.value for member in hint)
        # A mapping, for the call of an enum costs five times as much.
        known = hint._value2member_map_
        return str, lambda stored, _: known[stored], {"one of": members}
    if hint in _SCALARS:
        return _SCALARS[hint]
    raise TypeError(f"an event field cannot be a {hint!r}")


def _key(key: str) -> str:
    if not key.isascii():
        raise TypeError(f"a key must be ASCII: {key!r}")
    return str(key)


def _token(value: Personal) -> str:
    if value.token is None:
        raise TypeError("a personal value must be sealed before it is stored")
    return value.token


def _integer(value: int) -> int:
    if not -_SAFE < value < _SAFE:
        raise TypeError(f"an integer must be below 2^53 in size: {value}")
    return value


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError(f"a time without a zone cannot be stored: {value}")
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"not a number that can be stored: {value}")
    return format(value, "f")


def _as_is(stored: Any, _: UUID) -> Any:
    return stored


def _plain(value: Any) -> Any:
    """What is JSON already, as the rows of a policy are, if the profile allows all of it."""
    if isinstance(value, Mapping):
        return {_key(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return _integer(value)
    raise TypeError(f"this is not stored as it is: {value!r}")


_SCALARS: Mapping[Any, tuple[Encode, Decode, Any]] = {
    Any: (_plain, _as_is, "plain"),
    str: (str, _as_is, "text"),
    bool: (bool, _as_is, "boolean"),
    int: (_integer, _as_is, "integer"),
    UUID: (str, lambda stored, _: UUID(stored), "uuid"),
    datetime: (_instant, lambda stored, _: datetime.fromisoformat(stored), "instant"),
    date: (date.isoformat, lambda stored, _: date.fromisoformat(stored), "date"),
    Decimal: (_decimal, lambda stored, _: Decimal(stored), "decimal"),
}


def _surrogate_path(value: Any, path: str) -> str:
    if isinstance(value, str):
        return path if any("\ud800" <= c <= "\udfff" for c in value) else ""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if found := _surrogate_path(item, f"{path}.{key}".lstrip(".")):
                return found
    return ""
