"""The published calendars as decisions ask for them: by name, or by whom they serve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from domain.calendar import refusals
from domain.calendar.assignment import Served, first_day, served_by
from domain.calendar.events import ServiceCalendarAssigned
from domain.opening_hours import Calendar, edge
from domain.terms import Channel, Market

HOME: Market = "CN"
"""Whose hours serve a market that has none of its own."""


class Calendars:
    """Every published version that decisions may rest on, and whom each serves since when.

    Of two assignments to the same from one day the later made holds.
    """

    def __init__(
        self,
        published: Iterable[Calendar],
        assignments: Sequence[ServiceCalendarAssigned],
        home: Market = HOME,
    ) -> None:
        self._named = {calendar.name: calendar for calendar in published}
        self._held: dict[Served, list[tuple[date, datetime, str]]] = {}
        for one in sorted(assignments, key=first_day):
            name = f"{one.calendar}@{one.version}"
            begins = datetime.min.replace(tzinfo=UTC)
            if one.from_day is not None:
                begins = edge(self.named(name), one.from_day, 0)
            self._held.setdefault(served_by(one), []).append((first_day(one), begins, name))
        self._home = home

    def __iter__(self) -> Iterator[Calendar]:
        return iter(self._named.values())

    def named(self, name: str) -> Calendar:
        """The version that a timer names, `id@version`. Raises CalendarNotPublished."""
        if name not in self._named:
            id, _, version = name.partition("@")
            raise refusals.CalendarNotPublished(calendar=id, version=version)
        return self._named[name]

    def assigned(
        self,
        market: Market | None,
        channel: Channel | None = None,
        team: str | None = None,
        kind: str | None = None,
        on: date | None = None,
    ) -> Calendar:
        """Whose hours serve a team of a market on a channel, on a day or at an instant; None: in
        the end. At an instant (aware) that day has begun in the zone of the calendar that serves.

        The most specific one: of team and channel, of the team, of the channel, of the market. With
        a `kind`, one of that kind before any of the service. A market without one is served by the
        hours of `home`. Raises NoServiceCalendar.
        """
        for place, sort in ((market, kind), (self._home, None)):
            if place is None:
                continue
            for served in _most_specific_first(place, channel, team, sort):
                if (name := self._holds(served, on)) is not None:
                    return self.named(name)
        raise refusals.NoServiceCalendar(market=market)

    def services(self, on: date | None = None) -> Mapping[str, Calendar]:
        """The calendars of whole markets, on a day or at an instant, by market or `market:kind`."""
        return {
            served.market if served.kind is None else f"{served.market}:{served.kind}": self.named(
                name
            )
            for served, name in self.serving(on)
            if served.channel is None and served.team is None
        }

    def serving(self, on: date | None = None) -> Iterator[tuple[Served, str]]:
        """Who is served on a day or at an instant, and the name of the version that serves them."""
        for served in self._held:
            if (name := self._holds(served, on)) is not None:
                yield served, name

    def _holds(self, served: Served, on: date | None) -> str | None:
        for first, begins, name in reversed(self._held.get(served, [])):
            if on is None or (begins <= on if isinstance(on, datetime) else first <= on):
                return name
        return None


def _most_specific_first(
    market: Market, channel: Channel | None, team: str | None, kind: str | None
) -> Iterator[Served]:
    for sort in (kind, None) if kind is not None else (None,):
        if team is not None and channel is not None:
            yield Served(market, channel, team, sort)
        if team is not None:
            yield Served(market, None, team, sort)
        if channel is not None:
            yield Served(market, channel, None, sort)
        yield Served(market, None, None, sort)
