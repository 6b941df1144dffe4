"""The wall clock of a zone, where it is skipped and where it is repeated (R4 of working time).

Instants are aware and in UTC, wall clocks naive. Where the wall clock is repeated, the first pass
owns the label; the second counts as just before the end of the repeated hour: its last minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def in_utc(at: datetime) -> datetime:
    """ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at}")
    return at.astimezone(UTC)


def at_wall_clock(tz: ZoneInfo, wall: datetime) -> datetime:
    """The instant of a wall clock: its first pass if repeated, the transition if skipped."""
    first = wall.replace(tzinfo=tz, fold=0)
    early, late = sorted((first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)))
    if early.astimezone(tz).replace(tzinfo=None) == wall:
        return early
    if late.astimezone(tz).replace(tzinfo=None) == wall:
        return late
    return _transition(tz, early, late)


def _transition(tz: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The second, in (early, late], from which the offset of `late` is in force."""
    after = late.astimezone(tz).utcoffset()
    while late - early > SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle <= early:
            break
        if middle.astimezone(tz).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late


def wall_clock(tz: ZoneInfo, at: datetime) -> datetime:
    """The wall clock that decides what an instant counts as without a zone."""
    local = at.astimezone(tz)
    if local.fold == 0:
        return local.replace(tzinfo=None)
    first = local.replace(fold=0).utcoffset()
    second = local.utcoffset()
    assert first is not None
    assert second is not None
    began = _transition(tz, at - (first - second), at)
    ended = (began + (first - second)).astimezone(tz)
    return ended.replace(tzinfo=None) - MINUTE
