"""Where the personal values of an event are, so that each can be sealed in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from domain.event import Event
from domain.personal import Category, Personal

Change = Callable[[str, Category, Personal], Personal]
_Walk = Callable[[Any, str, Change], Any]


class PersonalFields:
    """Applies a change to every personal value of one event class, given its stored path: dotted
    field names, with the index where a field holds several (`corrections.0.value`)."""

    def __init__(self, cls: type[Event]) -> None:
        self._walk = _dataclass(cls)

    def change(self, event: Event, change: Change) -> Event:
        if self._walk is None:
            return event
        changed: Event = self._walk(event, "", change)
        return changed

    def open_categories(self, event: Event) -> set[Category]:
        """The categories in which this event holds values that are not sealed yet."""
        found: set[Category] = set()

        def note(_: str, category: Category, value: Personal) -> Personal:
            if value.token is None:
                found.add(category)
            return value

        self.change(event, note)
        return found


def _dataclass(cls: type[Any]) -> _Walk | None:
    hints = get_type_hints(cls, include_extras=True)
    walks = {f.name: found for f in fields(cls) if (found := _compile(hints[f.name])) is not None}
    if not walks:
        return None

    def walk(value: Any, path: str, change: Change) -> Any:
        changed = {
            name: inner(held, f"{path}{name}", change)
            for name, inner in walks.items()
            if (held := getattr(value, name)) is not None
        }
        return replace(value, **changed)

    return walk


def _compile(hint: Any) -> _Walk | None:
    origin = get_origin(hint)
    if origin is Annotated:
        category = next(m for m in hint.__metadata__ if isinstance(m, Category))
        return lambda value, path, change: change(path, category, value)
    if origin in (Union, UnionType):
        return next((w for a in get_args(hint) if a is not NoneType and (w := _compile(a))), None)
    if origin is tuple:
        item = _compile(get_args(hint)[0])
        return item and (
            lambda value, path, change: tuple(
                item(held, f"{path}.{n}", change) for n, held in enumerate(value)
            )
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        entry = _compile(get_args(hint)[1])
        return entry and (
            lambda value, path, change: {
                key: entry(held, f"{path}.{key}", change) for key, held in value.items()
            }
        )
    if is_dataclass(hint) and isinstance(hint, type):
        nested = _dataclass(hint)
        return nested and (lambda value, path, change: nested(value, f"{path}.", change))
    return None
