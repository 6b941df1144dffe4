"""A calendar file, parsed, as the market it serves and the hours it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from domain.opening_hours import Calendar, Minutes
from domain.terms import Market

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_calendar(document: Mapping[str, Any]) -> tuple[Market, Calendar]:
    """Windows are "HH:MM-HH:MM" by the wall clock, "24:00" being the end of the day.

    KeyError, ValueError or ZoneInfoNotFoundError if it is not well-formed.
    """
    weekly = document["weekly"]
    if strange := sorted(weekly.keys() - set(DAYS)):
        raise ValueError(f"no day of the week is called {strange[0]}")
    return document["market"], Calendar(
        id=document["id"],
        version=document["version"],
        zone=ZoneInfo(document["zone"]).key,
        weekly=tuple(_windows(weekly.get(day, ())) for day in DAYS),
        holidays={date.fromisoformat(day): name for day, name in document["holidays"].items()},
        overrides={
            date.fromisoformat(day): _windows(hours) for day, hours in document["overrides"].items()
        },
        provisional_from=document["provisional_from"],
    )


def _windows(hours: Sequence[str]) -> tuple[Minutes, ...]:
    windows = []
    for window in hours:
        opens, _, closes = window.partition("-")
        windows.append((_minute(opens), _minute(closes)))
    return tuple(windows)


def _minute(clock: str) -> int:
    hour, minute = (int(part) for part in clock.split(":"))
    if not (0 <= hour <= 23 and 0 <= minute <= 59) and (hour, minute) != (24, 0):
        raise ValueError(f"no time of day: {clock}")
    return hour * 60 + minute
