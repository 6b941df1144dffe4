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
    """`part` narrows the country down; `provisional_from` is the first year not yet announced."""

    code: str
    zone: str
    says: str
    provisional_from: int
    part: str | None = None
    version: int = 1


MARKETS = (
    Market("CN", "Asia/Shanghai", "Public holidays and make-up working days of China", 2027),
    Market(
        "DE", "Europe/Berlin", "Holidays of all of Germany; those of single states left out", 2029
    ),
    Market("GB", "Europe/London", "Bank holidays of England and Wales", 2028, part="ENG"),
    Market("US", "America/New_York", "Federal holidays of the United States", 2029),
)


def text(market: Market) -> str:
    """The calendar as TOML."""
    days = holidays.country_holidays(market.code, subdiv=market.part, years=YEARS, language="en_US")
    worked = sorted(day for day in getattr(days, "weekend_workdays", ()) if day.year in YEARS)
    lines = [
        f"# {market.says}, {YEARS[0]} to {YEARS[-1]}.",
        f"# From the package holidays {version('holidays')} (MIT) by tools/freeze_calendars.py.",
        "",
        f'market = "{market.code}"',
        f'id = "{market.code.lower()}"',
        f"version = {market.version}",
        f'zone = "{market.zone}"',
        f'says = "{market.says}"',
        f"provisional_from = {market.provisional_from}",
        "",
        "[weekly]",
        *(f"{day} = {OPEN}" for day in ("mon", "tue", "wed", "thu", "fri")),
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
        (FOLDER / f"{market.code.lower()}.toml").write_text(text(market), "utf-8")
