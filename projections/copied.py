"""A projection with a row for every event, made by the server out of the event's header.

What the header says never visits Python, nor does a body that is shown as it was stored. Only
bodies that hold sealed values, are of an older shape or hold a NUL are fetched, split into what is
clear and what is sealed, and handed back in one parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

from psycopg import Cursor

from projections.projection import (
    ERASED,
    BodyMissing,
    BodyReader,
    Entry,
    Heading,
    Projection,
    Rows,
    erased_among,
)
from projections.table import Key, R, json_text

Split = Callable[[str, dict[str, Any]], dict[str, str]]
"""Takes the sealed values out of a body of a type, and gives them by their paths."""


class Stored(NamedTuple):
    """What is fetched of an event whose body has to be looked at."""

    position: int
    subject: UUID
    type: str
    schema: int
    body: bytes | None


def no_key(_: Entry) -> Iterable[Key]:
    """No row is ever changed."""
    return ()


def no_fold(rows: Rows[Any], entry: Entry) -> None:
    raise AssertionError("rows of this projection are copied")


@dataclass(frozen=True, kw_only=True)
class Copied(Projection[R]):
    """`header` names the expression behind each column, from the event `e`; the last two columns
    of the table are not in it: the clear values of the body and the sealed ones, both JSON.

    `verbatim`: the types, each in the shape it has today, whose bodies hold nothing sealed.
    """

    on: None = None
    parks_by: Literal["subject"] = "subject"
    keys: Callable[[Entry], Iterable[Key]] = no_key
    fold: Callable[[Rows[R], Entry], None] = no_fold
    header: Mapping[str, str]
    verbatim: Mapping[str, int]
    split: Split

    def copy(
        self,
        cursor: Cursor[Any],
        schema: str,
        after: int,
        upto: int,
        reader: BodyReader,
        parked: Collection[UUID] = (),
    ) -> None:
        """Writes the rows of the events above one position and up to another. Inside a transaction
        only. Those of a parked key are passed over; but who was erased is erased. Whatever a body
        makes it raise carries the position it was raised at."""
        looked_at = self._looked_at(cursor, after, upto)
        positions, clear, sealed = [], [], []
        for stored in looked_at:
            if stored.subject in parked:
                continue
            try:
                facts, tokens = self._parts(stored, reader)
            except Exception as fault:
                fault.add_note(f"while {self.name} read position {stored.position}")
                raise
            positions.append(str(stored.position))
            clear.append(facts)
            sealed.append(tokens)
        # One text for each column: adapting an array element by element costs more than all else.
        # No line feed stands in canonical JSON.
        cursor.execute(
            f"INSERT INTO {schema}.{self.table.name} ({self.table.names})"
            f" SELECT {', '.join(self.header.values())},"
            " coalesce(s.clear, convert_from(e.body, 'UTF8'))::json, s.sealed::json"
            " FROM es.events e LEFT JOIN unnest(%s::bigint[],"
            r" string_to_array(%s, E'\n'), string_to_array(%s, E'\n', ''))"
            " AS s (position, clear, sealed) ON s.position = e.position"
            " WHERE e.position > %s AND e.position <= %s AND e.subject <> ALL(%s)",
            (
                "{" + ",".join(positions) + "}",
                "\n".join(clear),
                "\n".join(sealed),
                after,
                upto,
                list(parked),
            ),
        )
        gone = [stored.position for stored in looked_at if stored.type == ERASED]
        if gone:
            for categories, customers in erased_among(_entries(cursor, gone, reader)).items():
                self.table.erase(cursor, schema, sorted(customers), categories)

    def _looked_at(self, cursor: Cursor[Any], after: int, upto: int) -> list[Stored]:
        cursor.execute(
            f"SELECT {', '.join(Stored._fields)} FROM es.events e"
            " WHERE position > %(after)s AND position <= %(upto)s AND (body IS NULL"
            r" OR position('\x5c7530303030'::bytea IN body) > 0"
            " OR type || ' ' || schema <> ALL(%(verbatim)s))",
            {
                "after": after,
                "upto": upto,
                "verbatim": [f"{name} {shape}" for name, shape in self.verbatim.items()],
            },
            binary=True,
        )
        return [Stored._make(row) for row in cursor.fetchall()]

    def _parts(self, stored: Stored, reader: BodyReader) -> tuple[str, str]:
        if stored.body is None:
            raise BodyMissing(f"the event at position {stored.position} has no body")
        facts = reader.values(cast("Heading", stored), stored.body)
        tokens = self.split(stored.type, facts)
        return json_text(facts), json_text(tokens) if tokens else ""


def _entries(cursor: Cursor[Any], positions: list[int], reader: BodyReader) -> list[Entry]:
    cursor.execute(
        f"SELECT {', '.join(Heading._fields)}, body FROM es.events WHERE position = ANY(%s)"
        " ORDER BY position",
        (positions,),
        binary=True,
    )
    return [Entry(Heading._make(row[:-1]), row[-1], reader) for row in cursor.fetchall()]
