"""A calendar drawn up from the `holidays` package: every day off and make-up day with its source.

A code is a country's (ISO 3166-1), or one of its part's: "DE-BY" is Bavaria. Years that an earlier
version has and that are not asked for stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from typing import NamedTuple

import holidays

from domain.calendar.content import CalendarContent, DayOff, Override, OverrideKind
from domain.calendar.refusals import CalendarYearWithoutData
from domain.opening_hours import CalendarNeverOpens
from domain.refusal import Refused
from infra.calendars.countries import COUNTRIES, Country

OPEN = ("09:00-18:00",)
ESTIMATED = "(estimated)"


class CalendarCountryUnknown(Refused):
    """No calendar can be drawn up for this code. Parameters: code, known."""


class CalendarZoneMissing(Refused):
    """The parts of this country keep different time: the zone has to be named. Parameters: code."""


class Wanted(NamedTuple):
    """What to draw up. `zone`, `hours` None: as before, else the table's, and 09:00 to 18:00;
    `provisional_from` None: as the table of countries says."""

    code: str
    years: Sequence[int]
    zone: str | None = None
    hours: tuple[str, ...] | None = None
    provisional_from: int | None = None

    @property
    def id(self) -> str:
        return self.code.lower()


def draw_up(wanted: Wanted, before: CalendarContent | None = None) -> CalendarContent:
    """Raises CalendarCountryUnknown, CalendarZoneMissing, CalendarYearWithoutData."""
    country, part = _place(wanted.code)
    years = sorted(set(wanted.years))
    days = _days(wanted, country, part, years)
    weekly = _weekly(wanted, country, part, before)
    worked_hours = next((hours for hours in weekly if hours), OPEN)
    source = f"holidays {version('holidays')}, {wanted.code}"
    worked = sorted(d for d in getattr(days, "weekend_workdays", ()) if d.year in years)
    off = [DayOff(day=day, name=name, source=source) for day, name in days.items()]
    made_up = [
        Override(
            day=day,
            kind=OverrideKind.MAKE_UP,
            hours=worked_hours,
            name="Make-up working day",
            source=source,
        )
        for day in worked
    ]
    kept = () if before is None else tuple(y for y in before.years if y not in years)
    if before is not None:
        off += [one for one in before.holidays if one.day.year in kept]
        made_up += [one for one in before.overrides if one.day.year in kept]
    return CalendarContent(
        says=country.says if part in (None, country.part) else f"{country.says}; {part}",
        zone=wanted.zone or (before.zone if before else country.zone),
        weekly=weekly,
        holidays=tuple(sorted(off, key=lambda one: one.day)),
        overrides=tuple(sorted(made_up, key=lambda one: one.day)),
        years=tuple(sorted({*kept, *years})),
        provisional_from=wanted.provisional_from
        or _provisional_from(country, days.items(), before, kept),
    )


def _weekly(
    wanted: Wanted, country: Country, part: str | None, before: CalendarContent | None
) -> tuple[tuple[str, ...], ...]:
    """Raises CalendarNeverOpens where there would be no hours."""
    if before is not None and wanted.hours is None:
        return before.weekly
    week = country.weeks_of_parts.get(part or "", country.week)
    hours = OPEN if wanted.hours is None else wanted.hours
    if not hours:
        raise CalendarNeverOpens(calendar=wanted.id, since=None)
    return tuple(hours if day in week else () for day in range(7))


def _place(code: str) -> tuple[Country, str | None]:
    name, _, part = code.partition("-")
    if name not in COUNTRIES or code.endswith("-"):
        raise CalendarCountryUnknown(code=code[:20], known=" ".join(sorted(COUNTRIES)))
    country = COUNTRIES[name]
    return country, part or country.part


def _days(
    wanted: Wanted, country: Country, part: str | None, years: Sequence[int]
) -> holidays.HolidayBase:
    name, _, named = wanted.code.partition("-")
    for year in years:
        if not date.min.year < year < date.max.year:
            raise CalendarYearWithoutData(calendar=wanted.id, year=year)
    try:
        days = holidays.country_holidays(
            name, subdiv=part, years=years, language="en_US", categories=country.categories
        )
    except NotImplementedError:
        raise CalendarCountryUnknown(
            code=wanted.code[:20], known=" ".join(sorted(COUNTRIES))
        ) from None
    if named and country.wide and wanted.zone is None:
        raise CalendarZoneMissing(code=wanted.code)
    first = max(days.start_year, country.since)
    known = {day.year for day in days}
    for year in years:
        if not first <= year <= days.end_year or year not in known:
            raise CalendarYearWithoutData(calendar=wanted.id, year=year)
    return days


def _provisional_from(
    country: Country,
    days: Iterable[tuple[date, str]],
    before: CalendarContent | None,
    kept: Sequence[int],
) -> int:
    """The first year that is not announced, is estimated, or was provisional and is kept."""
    doubtful = {country.announced + 1}
    doubtful |= {day.year for day, name in days if ESTIMATED in name}
    if before is not None:
        doubtful |= set(before.provisional) & set(kept)
    return min(doubtful)
