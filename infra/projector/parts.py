"""What cannot be applied at once: taken apart until the poison stands alone; tried again later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from psycopg import Cursor

from infra.projector import parking
from infra.projector.erasing import erase_again
from infra.projector.parking import is_poison
from infra.projector.reading import Reading
from projections.copied import Copied

log = structlog.get_logger()


def apply_in_parts(
    cursor: Cursor[Any], reading: Reading, after: int, upto: int, parked: set[UUID]
) -> None:
    """Applies a stretch and parks what cannot be applied. Inside a transaction only; `parked` are
    the keys parked before, and afterwards also those parked now."""
    _halved(cursor, reading, after, upto, reading.keys(cursor, after, upto), parked)


def try_again(
    cursor: Cursor[Any], reading: Reading, key: UUID | None, reached: int
) -> tuple[int, int]:
    """Applies what is parked, key by key and in order, up to what still cannot be; how many were
    applied, and how many stay. Inside a transaction that holds the build at its position."""
    applied = left = 0
    waiting = parking.waiting(cursor, reading.build, key)
    for held, positions in waiting.items():
        done = _replayed(cursor, reading, held, positions)
        applied += done
        left += len(positions) - done
    erase_again(cursor, reading, waiting, reached)
    return applied, left


def _halved(
    cursor: Cursor[Any],
    reading: Reading,
    after: int,
    upto: int,
    events: Sequence[tuple[int, UUID, str]],
    parked: set[UUID],
) -> None:
    """Halves a stretch until what cannot be applied stands alone, and parks that."""
    events = [event for event in events if event[1] not in parked]
    for _ in range(parking.ATTEMPTS if len(events) == 1 else 1):
        try:
            with cursor.connection.transaction():
                reading.apply(cursor, after, upto, parked)
            return
        except Exception as fault:
            if not events or not is_poison(fault):
                raise
            poison = fault
    if len(events) > 1:
        middle = len(events) // 2
        end = events[middle - 1][0]
        _halved(cursor, reading, after, end, events[:middle], parked)
        _halved(cursor, reading, end, upto, events[middle:], parked)
        return
    ((position, key, type_),) = events
    parking.park(cursor, reading.build, key, position, type_, poison)
    parked.add(key)
    log.error("projection.parked", projection=reading.build.schema, position=position)
    reading.apply(cursor, after, upto, parked)


def _replayed(cursor: Cursor[Any], reading: Reading, key: UUID, positions: Sequence[int]) -> int:
    if _at_once(cursor, reading, positions):
        parking.applied(cursor, reading.build, key, positions)
        return len(positions)
    for done, position in enumerate(positions):
        try:
            with cursor.connection.transaction():
                reading.apply(cursor, position - 1, position, ())
        except Exception as fault:
            if not is_poison(fault):
                raise
            parking.failed_again(cursor, reading.build, key, position, fault)
            return done
        parking.applied(cursor, reading.build, key, (position,))
    return len(positions)


def _at_once(cursor: Cursor[Any], reading: Reading, positions: Sequence[int]) -> bool:
    """Whether all of a key could be applied in one go, as nearly always once the cause is gone."""
    projection = reading.build.projection
    if isinstance(projection, Copied):
        return False
    try:
        with cursor.connection.transaction():
            entries = reading.read_these(cursor, positions)
            projection.apply(cursor, reading.build.schema, entries)
    except Exception as fault:
        if not is_poison(fault):
            raise
        return False
    return True
