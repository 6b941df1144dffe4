"""A tier scheme: which tier a customer's indicators amount to. What the schemes are: `tier.toml`.

CB-9.1a gives the tiers, CB-9.1b the kind of indicators, CB-9.1c says who may put a scheme in
force, CB-9.3a that it is applied each quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.event import Frozen
from domain.refusal import Refused
from domain.terms import Currency, Tier


class IndicatorMissing(Refused):
    """A scheme decides on all its indicators or not at all. Parameters: scheme, indicator."""

    clause = "CB-9.1b"


class TierRow(Frozen):
    """Asks every named indicator to be at least so much."""

    tier: Tier
    clause: str
    says: str
    at_least: Mapping[str, Decimal]

    def holds(self, indicators: Mapping[str, Decimal]) -> bool:
        return all(indicators[name] >= least for name, least in self.at_least.items())


class TierScheme(Frozen):
    """`zone` says where its days begin and end, `currency` what its amounts are in."""

    id: str
    version: int
    clause: str
    says: str
    zone: str
    currency: Currency
    window_days: int
    indicators: tuple[str, ...]
    rows: Sequence[TierRow]

    def tier_of(self, indicators: Mapping[str, Decimal]) -> Tier:
        """The first row that holds; IndicatorMissing if one the scheme names is not there."""
        for name in self.indicators:
            if name not in indicators:
                raise IndicatorMissing(scheme=self.id, indicator=name)
        return next(row.tier for row in self.rows if row.holds(indicators))

    def window(self, as_of: date) -> tuple[datetime, datetime]:
        """The days that count, as instants in UTC: from the first up to but without the second.

        The second is the local midnight that ends the day `as_of`; a purchase at that very
        midnight belongs to the next day.
        """
        after = as_of + timedelta(days=1)
        return self._midnight(after - timedelta(days=self.window_days)), self._midnight(after)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


class DatedScheme(Frozen):
    """A scheme as a policy published it: `in_force` None: from ever; `lapsed`: the first day
    without it."""

    scheme: TierScheme
    in_force: date | None = None
    lapsed: date | None = None

    def in_force_on(self, day: date) -> bool:
        return (self.in_force or date.min) <= day < (self.lapsed or date.max)


def quarter_end(day: date) -> date:
    """The last day of the calendar quarter `day` lies in."""
    month = (day.month + 2) // 3 * 3
    first_after = date(day.year + month // 12, month % 12 + 1, 1)
    return first_after - timedelta(days=1)


def read_schemes(document: Mapping[str, Any]) -> dict[str, TierScheme]:
    """The schemes of a parsed TOML document, by id.

    KeyError or ValueError if it is not well-formed: two schemes of one id, a row that asks for an
    indicator the scheme does not name, or a last row that asks for anything.
    """
    schemes: dict[str, TierScheme] = {}
    for table in document["scheme"]:
        scheme = _read_scheme(table)
        if scheme.id in schemes:
            raise ValueError(f"two tier schemes are called {scheme.id}")
        schemes[scheme.id] = scheme
    return schemes


def _read_scheme(table: Mapping[str, Any]) -> TierScheme:
    scheme = TierScheme(
        id=table["id"],
        version=table["version"],
        clause=table["clause"],
        says=table["says"],
        zone=ZoneInfo(table["zone"]).key,
        currency=table["currency"],
        window_days=table["window_days"],
        indicators=tuple(table["indicators"]),
        rows=[
            TierRow(
                tier=Tier(row["tier"]),
                clause=row["clause"],
                says=row["says"],
                at_least={name: Decimal(least) for name, least in row["at_least"].items()},
            )
            for row in table["row"]
        ],
    )
    for row in scheme.rows:
        if strange := sorted(row.at_least.keys() - set(scheme.indicators)):
            raise ValueError(f"tier scheme {scheme.id}: no indicator is called {strange[0]}")
    if scheme.rows[-1].at_least:
        raise ValueError(f"tier scheme {scheme.id}: its last row must ask for nothing")
    return scheme
