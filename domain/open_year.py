"""A year of opening hours, arranged so that a due time is looked up, not walked to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]
DAY = timedelta(days=1)


class OpenYear:
    """The open intervals of a local year, in order, none touching the next, and its days.

    `opening` are the days, as ordinals, on which something opens for some time; `working` those
    that have hours, be it within an hour that the clock skips. `last` is its last day.
    """

    __slots__ = ("_closes", "_opens", "_until", "last", "opening", "total", "working")

    def __init__(
        self,
        intervals: Iterable[Interval],
        *,
        opening: Sequence[int],
        working: Sequence[int],
        last: int,
    ) -> None:
        self._opens: list[datetime] = []
        self._closes: list[datetime] = []
        self._until: list[timedelta] = []
        """How long it has been open in this year by the end of each interval."""
        self.total = timedelta()
        for opened, closed in intervals:
            self.total += closed - opened
            self._opens.append(opened)
            self._closes.append(closed)
            self._until.append(self.total)
        self.opening = opening
        self.working = working
        self.last = last

    def open_by(self, at: datetime) -> timedelta:
        """How long it has been open in this year by an instant; none before it, all after it."""
        index = bisect_right(self._closes, at)
        if index == len(self._closes):
            return self.total
        left = self._closes[index] - max(at, self._opens[index])
        return self._until[index] - left

    def reached(self, amount: timedelta) -> datetime:
        """The earliest instant by which it has been open for `amount`: above 0, up to `total`."""
        index = bisect_left(self._until, amount)
        return self._closes[index] - (self._until[index] - amount)

    def next_open(self, at: datetime) -> datetime | None:
        """`at` if it is open then, else the next opening in this year."""
        index = bisect_right(self._closes, at)
        return max(at, self._opens[index]) if index < len(self._closes) else None

    def within(self, start: datetime, end: datetime) -> Iterable[Interval]:
        """The open intervals in [start, end)."""
        for index in range(bisect_right(self._closes, start), bisect_left(self._opens, end)):
            yield max(start, self._opens[index]), min(end, self._closes[index])
