"""The history: every event there is, in order, by the customer it is about.

Clear fields and sealed values are kept apart. What a value was before is not stored: it is the last
one that stood in the history before it (`queries/history_of.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.catalogue import EVENTS
from projections.copied import Copied
from projections.projection import ERASED
from projections.table import Table

Tokens = dict[str, str]
TakeOut = Callable[[Any, str, Tokens], None]
"""Takes the tokens out of a JSON value and files them by their path."""


@dataclass(slots=True)
class HistoryRow:
    position: int
    customer: UUID
    stream: UUID
    kind: str
    version: int
    type: str
    event_id: UUID
    at: datetime
    at_precision: str
    recorded_at: datetime
    actor: str
    role: str
    on_behalf_of: str | None
    purpose: str
    legal_basis: str | None
    policies: str
    correlation: UUID
    causation: UUID | None
    command_id: UUID
    source_ref: str | None
    market: str | None
    facts: dict[str, Any]
    sealed_token: Tokens | None


def split(type_: str, facts: dict[str, Any]) -> Tokens:
    """Takes the tokens out of the body of an event of this type."""
    tokens: Tokens = {}
    take_out = TAKE_OUT[type_]
    if take_out is not None:
        take_out(facts, "", tokens)
    return tokens


def _of_class(cls: type[Any]) -> TakeOut | None:
    hints = get_type_hints(cls, include_extras=True)
    inner = {f.name: take for f in fields(cls) if (take := _of_hint(hints[f.name])) is not None}
    sealed = [f.name for f in fields(cls) if _is_personal(hints[f.name])]
    if not inner and not sealed:
        return None

    def take_out(value: Any, path: str, tokens: Tokens) -> None:
        for name in sealed:
            token = value.pop(name, None)
            if token is not None:
                tokens[path + name] = token
        for name, take in inner.items():
            if value.get(name) is not None:
                take(value[name], f"{path}{name}.", tokens)

    return take_out


def _of_hint(hint: Any) -> TakeOut | None:
    """For what holds personal values inside. A list or map of them is emptied item by item."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _of_hint(_present(hint))
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Mapping)):
        item = get_args(hint)[-1] if origin is not tuple else get_args(hint)[0]
        if _is_personal(item):
            return _empty
        inner = _of_hint(item)
        if inner is None:
            return None

        def take_each(value: Any, path: str, tokens: Tokens) -> None:
            for key, held in _items(value):
                inner(held, f"{path}{key}.", tokens)

        return take_each
    if isinstance(hint, type) and is_dataclass(hint):
        return _of_class(hint)
    return None


def _empty(value: Any, path: str, tokens: Tokens) -> None:
    tokens.update({f"{path}{key}": token for key, token in _items(value)})
    value.clear()


def _items(value: Any) -> Iterator[tuple[Any, Any]]:
    return iter(value.items() if isinstance(value, dict) else enumerate(value))


def _present(hint: Any) -> Any:
    return next(arg for arg in get_args(hint) if arg is not NoneType)


def _is_personal(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        hint = _present(hint)
    return get_origin(hint) is Annotated


RENAMED = {"customer": "subject"}
TAKE_OUT: Mapping[str, TakeOut | None] = {cls.__name__: _of_class(cls) for cls in EVENTS}

VERBATIM = {
    cls.__name__: cls.SCHEMA
    for cls in EVENTS
    if TAKE_OUT[cls.__name__] is None and cls.__name__ != ERASED
}
HISTORY = Copied(
    name="history",
    version=1,
    table=Table(
        name="history",
        says="Every event: who recorded it, in which role, for which purpose, and what it says",
        row=HistoryRow,
        key=("position",),
        indexes=("(customer, position)", "(stream, version)"),
    ),
    header={f.name: f"e.{RENAMED.get(f.name, f.name)}" for f in fields(HistoryRow)[:-2]},
    verbatim=VERBATIM,
    split=split,
)
