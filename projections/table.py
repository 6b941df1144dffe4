"""The table of a projection: what its columns are, and how rows come out of it and go back.

A table is described by the class of its rows: a field is a column, in the same order. Rows travel
in bulk: those a batch touches are loaded at once, what is new or changed is copied back at once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_type_hints
from uuid import UUID

import orjson
from psycopg import Cursor

from domain.personal import MARKS, Category
from projections.columns import CLEAR, TOKEN

R = TypeVar("R")
Key = Hashable
SEALED_MAP = "sealed" + TOKEN


class Column(NamedTuple):
    name: str
    type: str
    says: str
    nullable: bool

    @property
    def sealed(self) -> bool:
        return self.name.endswith(TOKEN)


@dataclass(frozen=True, kw_only=True)
class Table(Generic[R]):
    """`row` is a dataclass whose fields are named in `projections.columns`, or are tokens.

    `indexes` are what follows `CREATE INDEX ON name`, `checks` what every row has to be like. Rows
    belong to the customer in the column `customer`, which an erasure goes by. `for_analysts`:
    whether `mart` shows it, too.
    """

    name: str
    says: str
    row: type[R]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    for_analysts: bool = True

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        hints = get_type_hints(self.row)
        return tuple(
            _column(f.name, nullable=NoneType in get_args(hints[f.name]))
            for f in fields(self.row)  # type: ignore[arg-type]
        )

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.sealed)

    @cached_property
    def names(self) -> str:
        return ", ".join(column.name for column in self.columns)

    @cached_property
    def _values(self) -> attrgetter[Any]:
        return attrgetter(*(column.name for column in self.columns))

    @cached_property
    def _json(self) -> tuple[int, ...]:
        return tuple(n for n, column in enumerate(self.columns) if column.type == "json")

    @cached_property
    def _text(self) -> tuple[int, ...]:
        return tuple(n for n, column in enumerate(self.columns) if column.type == "text")

    @cached_property
    def key_of(self) -> attrgetter[Any]:
        """The key of a row: a value, or a tuple if the key has several columns."""
        return attrgetter(*self.key)

    def definition(self, schema: str) -> list[str]:
        """The statements that make this table."""
        columns = ", ".join(
            f"{c.name} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in self.columns
        )
        checks = "".join(f", CHECK ({check})" for check in self.checks)
        return [
            f"CREATE TABLE {schema}.{self.name} ({columns},"
            f" PRIMARY KEY ({', '.join(self.key)}){checks})"
            " WITH (fillfactor = 85)",
            *(f"CREATE INDEX ON {schema}.{self.name} {index}" for index in self.indexes),
        ]

    def late(self, schema: str) -> list[str]:
        """The indexes that only readers use, of `definition`. Made over a full table, they cost a
        third. Those by customer are there from the start, for erasures."""
        return [line for line in self.definition(schema)[1:] if "(customer" not in line]

    def load(self, cursor: Cursor[Any], schema: str, keys: Collection[Key]) -> dict[Key, R]:
        if not keys:
            return {}
        types = {c.name: c.type for c in self.columns}
        arrays = ", ".join(f"%s::{types[name]}[]" for name in self.key)
        named = ", ".join(f"k{n}" for n in range(len(self.key)))
        joined = " AND ".join(f"t.{name} = k{n}" for n, name in enumerate(self.key))
        parts = [list(keys)]
        if len(self.key) > 1:
            parts = [list(part) for part in zip(*parts[0], strict=True)]
        cursor.execute(
            f"SELECT {', '.join(f't.{c.name}' for c in self.columns)}"
            f" FROM unnest({arrays}) k({named}) JOIN {schema}.{self.name} t ON {joined}",
            parts,
            binary=True,
        )
        rows = [self.row(*values) for values in cursor.fetchall()]
        key_of = self.key_of
        return {key_of(row): row for row in rows}

    def add(self, cursor: Cursor[Any], schema: str, rows: Iterable[R]) -> None:
        """Rows whose keys are not there yet."""
        self._copy(cursor, f"{schema}.{self.name}", rows)

    def change(self, cursor: Cursor[Any], schema: str, rows: Collection[R]) -> None:
        """Rows whose keys are there. Inside a transaction only."""
        if not rows:
            return
        stage = f"pg_temp.{schema}_{self.name}"
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {schema}_{self.name}"
            f" (LIKE {schema}.{self.name}) ON COMMIT DELETE ROWS"
        )
        cursor.execute(f"DELETE FROM {stage}")  # what this transaction changed before
        self._copy(cursor, stage, rows)
        values = ", ".join(f"{c.name} = s.{c.name}" for c in self.columns if c.name not in self.key)
        joined = " AND ".join(f"t.{name} = s.{name}" for name in self.key)
        cursor.execute(f"UPDATE {schema}.{self.name} t SET {values} FROM {stage} s WHERE {joined}")

    def erase(
        self,
        cursor: Cursor[Any],
        schema: str,
        customers: Sequence[UUID],
        categories: Sequence[Category],
    ) -> None:
        """Nulls the tokens of these customers that are of these categories."""
        if self.tokens and customers:
            _null(cursor, f"{schema}.{self.name}", self.tokens, customers, categories)

    def _copy(self, cursor: Cursor[Any], into: str, rows: Iterable[R]) -> None:
        values_of = self._values
        with cursor.copy(f"COPY {into} ({self.names}) FROM STDIN") as copy:
            for row in rows:
                values = list(values_of(row))
                for n in self._json:
                    if values[n] is not None:
                        values[n] = json_text(values[n])
                for n in self._text:
                    if values[n] is not None and "\0" in values[n]:
                        values[n] = values[n].replace("\0", "\ufffd")
                copy.write_row(values)


def erase_tokens(
    cursor: Cursor[Any],
    schema: str,
    name: str,
    customers: Sequence[UUID],
    categories: Sequence[Category],
) -> None:
    """As `Table.erase`, in a table of which only the server knows what columns it has."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
        " AND NOT attisdropped AND right(attname, 6) = %s",
        (f"{schema}.{name}", TOKEN),
    )
    tokens = [column for (column,) in cursor.fetchall()]
    if tokens:
        _null(cursor, f"{schema}.{name}", tokens, customers, categories)


def _null(
    cursor: Cursor[Any],
    into: str,
    tokens: Sequence[str],
    customers: Sequence[UUID],
    categories: Sequence[Category],
) -> None:
    nulled = ", ".join(f"{name} = {_without(name)}" for name in tokens)
    held = " OR ".join(f"{name} IS NOT NULL" for name in tokens)
    cursor.execute(
        f"UPDATE {into} SET {nulled} WHERE customer = ANY(%(customers)s) AND ({held})",
        {"customers": list(customers), "marks": [MARKS[category] for category in categories]},
    )


def _without(name: str) -> str:
    """What is left of a column of tokens when those that begin with a mark are gone."""
    if name != SEALED_MAP:
        return f"CASE WHEN left({name}, 4) <> ALL(%(marks)s) THEN {name} END"
    return (
        '(SELECT json_object_agg(key, value ORDER BY key COLLATE "C") FROM'
        f" json_each_text({name}) WHERE left(value, 4) <> ALL(%(marks)s))"
    )


def json_text(value: Any) -> str:
    """Canonical JSON. PostgreSQL's text holds no NUL: one is shown as U+FFFD."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if rb"\u0000" in text:
        text = orjson.dumps(_without_nul(value), option=orjson.OPT_SORT_KEYS)
    return text.decode()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value


def _column(name: str, *, nullable: bool) -> Column:
    if name == SEALED_MAP:
        return Column(name, "json", "Sealed values of the event, by field", True)
    if name.endswith(TOKEN):
        if not nullable:
            raise TypeError(f"{name} must be optional: an erasure empties it")
        return Column(name, "text", f"Sealed value: {name.removesuffix(TOKEN)}", True)
    clear = CLEAR[name]
    return Column(name, clear.type, clear.says, nullable)
