"""The fields that can hold personal data, by the code the trail notes them under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from domain.catalogue import EVENTS
from domain.personal import Category
from infra.vault.token import Field

UNKNOWN = "unknown"
OUTSIDE_ID = ("ExternalRef", "external_id", Category.IDENTITY)


@lru_cache(4096)
def field_codes(fields: frozenset[Field]) -> tuple[str, ...]:
    """The codes of these, sorted, each once."""
    return tuple(sorted({field_code(f.type, f.path, f.category) for f in fields}))


@lru_cache(4096)
def field_code(type_name: str, path: str, category: Category) -> str:
    """ "Type.path" with `*` for a number or a key; `unknown` for what no event has, since a forged
    token may say anything."""
    parts = path.split(".")
    for pattern, held in _places().get(type_name, ()):
        if held is category and _fits(pattern, parts):
            return f"{type_name}.{'.'.join(pattern)}"
    return UNKNOWN


def _fits(pattern: tuple[str, ...], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        want in ("*", part) for want, part in zip(pattern, parts, strict=True)
    )


@cache
def _places() -> Mapping[str, list[tuple[tuple[str, ...], Category]]]:
    found = {cls.__name__: list(_personal(cls)) for cls in EVENTS}
    type_name, path, category = OUTSIDE_ID
    return {**found, type_name: [((path,), category)]}


def _personal(hint: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Category]]:
    origin = get_origin(hint)
    if origin is Annotated:
        category = next((m for m in hint.__metadata__ if isinstance(m, Category)), None)
        if category is not None:
            yield path, category
    elif origin in (Union, UnionType):
        for one in get_args(hint):
            if one is not NoneType:
                yield from _personal(one, path)
    elif origin is tuple:
        yield from _personal(get_args(hint)[0], (*path, "*"))
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _personal(get_args(hint)[1], (*path, "*"))
    elif is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, include_extras=True)
        for field in fields(hint):
            yield from _personal(hints[field.name], (*path, field.name))
