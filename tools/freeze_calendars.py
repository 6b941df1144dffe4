"""Writes the service calendars under domain/calendar/ from the `holidays` package.

A published version is never written over with other days: where a calendar has to change, raise
its version here first. Run as `python -m tools.freeze_calendars`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import holidays

FOLDER = Path(__file__).parent.parent / "domain" / "calendar"
YEARS = range(2009, 2029)
OPEN = '["09:00-18:00"]'


@dataclass(frozen=True)
class Market:
    """`part` narrows the country down; `provisional_from` is the first year not yet announced. A
    code with a hyphen is that of a part, and serves no whole market."""

    code: str
    zone: str
    says: str
    provisional_from: int
    part: str | None = None
    everywhere: bool = False
    week: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    version: int = 1
    years: range = YEARS
    categories: tuple[str, ...] = ("public",)

    @property
    def id(self) -> str:
        return self.code.lower().replace(":", "-")


STATES = {
    "BB": "Brandenburg",
    "BE": "Berlin",
    "BW": "Baden-Wuerttemberg",
    "BY": "Bavaria",
    "HB": "Bremen",
    "HE": "Hesse",
    "HH": "Hamburg",
    "MV": "Mecklenburg-Western Pomerania",
    "NI": "Lower Saxony",
    "NW": "North Rhine-Westphalia",
    "RP": "Rhineland-Palatinate",
    "SH": "Schleswig-Holstein",
    "SL": "Saarland",
    "SN": "Saxony",
    "ST": "Saxony-Anhalt",
    "TH": "Thuringia",
}
LATELY = range(2024, 2029)
MARKETS = (
    Market("CN", "Asia/Shanghai", "Public holidays and make-up working days of China", 2027),
    Market(
        "DE", "Europe/Berlin", "Holidays of all of Germany; those of single states left out", 2029
    ),
    Market("GB", "Europe/London", "Bank holidays of England and Wales", 2028, part="ENG"),
    Market(
        "IL",
        "Asia/Jerusalem",
        "Public holidays of Israel; the week is Sunday to Thursday",
        2029,
        week=("mon", "tue", "wed", "thu", "sun"),
    ),
    Market("JP", "Asia/Tokyo", "National holidays of Japan", 2028),
    Market("US", "America/New_York", "Federal holidays of the United States", 2029),
    Market(
        "US:statutory",
        "America/New_York",
        "Holidays that every part of the United States keeps",
        2029,
        everywhere=True,
    ),
    Market(
        "HK",
        "Asia/Hong_Kong",
        "General holidays of Hong Kong",
        2027,
        years=LATELY,
        categories=("optional", "public"),
    ),
    *(
        Market(f"DE-{state}", "Europe/Berlin", f"Holidays of {name}", 2029, state, years=LATELY)
        for state, name in STATES.items()
    ),
)


def days_of(market: Market) -> holidays.HolidayBase:
    """The holidays of a market; only those that every part keeps, if that is what it asks for."""
    country = market.code[:2]
    days = holidays.country_holidays(
        country,
        subdiv=market.part,
        years=market.years,
        language="en_US",
        categories=market.categories,
    )
    for part in days.subdivisions if market.everywhere else ():
        kept = holidays.country_holidays(country, subdiv=part, years=market.years)
        for day in [day for day in days if day not in kept]:
            del days[day]
    return days


def text(market: Market) -> str:
    """The calendar as TOML."""
    days = days_of(market)
    worked = sorted(
        day for day in getattr(days, "weekend_workdays", ()) if day.year in market.years
    )
    lines = [
        f"# {market.says}, {market.years[0]} to {market.years[-1]}.",
        f"# From the package holidays {version('holidays')} (MIT) by tools/freeze_calendars.py.",
        "",
        *([] if "-" in market.code else [f'market = "{market.code}"']),
        f'id = "{market.id}"',
        f"version = {market.version}",
        f'zone = "{market.zone}"',
        f'says = "{market.says}"',
        f"provisional_from = {market.provisional_from}",
        "",
        "[weekly]",
        *(f"{day} = {OPEN}" for day in market.week),
        "",
        "[holidays]",
        *(f'{day} = "{name}"' for day, name in sorted(days.items())),
        "",
        "[overrides]",
        *(f"{day} = {OPEN}" for day in worked),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for market in MARKETS:
        (FOLDER / f"{market.id}.toml").write_text(text(market), "utf-8")
