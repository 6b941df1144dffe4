"""A calendar file, parsed, as what a version says and whom it serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.calendar.content import (
    DAYS,
    CalendarContent,
    DayOff,
    Override,
    OverrideKind,
)
from domain.opening_hours import Calendar
from domain.terms import Market

SOURCE = "holidays 0.109"
"""Where the days of a file come from that does not say so itself."""
NAMES = {OverrideKind.MAKE_UP: "Make-up working day", OverrideKind.CLOSED: "Closed"}


def read_calendar(document: Mapping[str, Any]) -> tuple[Market, Calendar]:
    """The market a file serves, or `market:kind`, and what it counts by.

    KeyError, ValueError or a refusal if it is not well-formed.
    """
    content = read_content(document)
    return document["market"], content.calendar(document["id"], document["version"])


def read_content(document: Mapping[str, Any]) -> CalendarContent:
    """Windows are "HH:MM-HH:MM" by the wall clock, "24:00" being the end of the day. The years are
    those its days lie in, from the first to the last.

    KeyError, ValueError or a refusal if it is not well-formed.
    """
    weekly = document["weekly"]
    if strange := sorted(weekly.keys() - set(DAYS)):
        raise ValueError(f"no day of the week is called {strange[0]}")
    source = document.get("source", SOURCE)
    holidays = {date.fromisoformat(day): name for day, name in document["holidays"].items()}
    overrides = {date.fromisoformat(d): tuple(hours) for d, hours in document["overrides"].items()}
    years = sorted({day.year for day in holidays})
    content = CalendarContent(
        says=document.get("says", document["id"]),
        zone=document["zone"],
        weekly=tuple(tuple(weekly.get(day, ())) for day in DAYS),
        holidays=tuple(
            DayOff(day=day, name=name, source=source) for day, name in sorted(holidays.items())
        ),
        overrides=tuple(
            Override(day=day, kind=kind, hours=hours, name=NAMES[kind], source=source)
            for day, hours in sorted(overrides.items())
            for kind in [OverrideKind.MAKE_UP if hours else OverrideKind.CLOSED]
        ),
        years=tuple(range(years[0], years[-1] + 1)) if years else (),
        provisional_from=document["provisional_from"],
    )
    content.check(document["id"])
    return content
