"""The countries whose calendars can be drawn up: their zone, their week, and what is announced.

Days off set by law years ahead are known as long as the law stands; those set by notice (China's
make-up days, feasts by the moon) only once the notice is out. `announced` is the last year of which
that was so when this table was written, in November 2026; a year whose days the package itself
calls estimated is provisional in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MON_FRI = (0, 1, 2, 3, 4)
SUN_THU = (6, 0, 1, 2, 3)
BY_LAW = 2028
"""What a law says of days further away than that, nobody vouches for."""


class Country(NamedTuple):
    """`week`: the working days, Monday being 0, right since the year `since`. `part`: which one a
    bare code means. `wide`: its parts keep different time, so that a part needs its zone named."""

    says: str
    zone: str
    announced: int
    week: tuple[int, ...] = MON_FRI
    since: int = 2000
    part: str | None = None
    categories: tuple[str, ...] = ("public",)
    wide: bool = False
    weeks_of_parts: Mapping[str, tuple[int, ...]] = {}


COUNTRIES: Mapping[str, Country] = {
    "AE": Country("Public holidays of the United Arab Emirates", "Asia/Dubai", 2026, since=2022),
    "AU": Country("National public holidays of Australia", "Australia/Sydney", BY_LAW, wide=True),
    "BR": Country("National holidays of Brazil", "America/Sao_Paulo", BY_LAW, wide=True),
    "CN": Country(
        "Public holidays and make-up working days of China", "Asia/Shanghai", 2026, since=2008
    ),
    "DE": Country("Holidays of all of Germany", "Europe/Berlin", BY_LAW),
    "ES": Country("National holidays of Spain", "Europe/Madrid", 2026, since=2008, wide=True),
    "FR": Country("Public holidays of France", "Europe/Paris", BY_LAW, wide=True),
    "GB": Country("Bank holidays of England and Wales", "Europe/London", 2027, part="ENG"),
    "HK": Country(
        "General holidays of Hong Kong", "Asia/Hong_Kong", 2026, categories=("optional", "public")
    ),
    "ID": Country("Public holidays of Indonesia", "Asia/Jakarta", 2026, wide=True),
    "IL": Country("Public holidays of Israel", "Asia/Jerusalem", BY_LAW, week=SUN_THU),
    "IN": Country("Public holidays of India", "Asia/Kolkata", 2026),
    "IT": Country("Public holidays of Italy", "Europe/Rome", BY_LAW),
    "JP": Country("National holidays of Japan", "Asia/Tokyo", 2027),
    "KR": Country("Public holidays of South Korea", "Asia/Seoul", 2026),
    "MX": Country("Statutory holidays of Mexico", "America/Mexico_City", BY_LAW, wide=True),
    "MY": Country(
        "Federal holidays of Malaysia",
        "Asia/Kuala_Lumpur",
        2026,
        weeks_of_parts={"02": SUN_THU, "03": SUN_THU, "11": SUN_THU},
    ),
    "SA": Country("Public holidays of Saudi Arabia", "Asia/Riyadh", 2026, week=SUN_THU, since=2014),
    "SG": Country("Public holidays of Singapore", "Asia/Singapore", 2026),
    "TH": Country("Public holidays of Thailand", "Asia/Bangkok", 2026),
    "US": Country("Federal holidays of the United States", "America/New_York", BY_LAW, wide=True),
    "VN": Country("Public holidays of Vietnam", "Asia/Ho_Chi_Minh", 2026),
}
