"""Values of a source's columns. Each function names the column it finds fault with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from infra.imports.problem import RowProblem

MAX_DIGITS = 14
FIRST_YEAR, LAST_YEAR = 1900, 9998
LONGEST_CODE, LONGEST_NUMBER = 300, 50
INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
AMOUNT = re.compile(r"[+-]?[0-9]{1,14}(\.[0-9]{1,6})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(
    DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
"""RFC 3339, also without seconds or offset. What else Python reads depends on its version."""


class Moment(NamedTuple):
    """`oddity`: why the wall clock alone did not say which instant was meant."""

    at: datetime
    oddity: str | None = None


def required(column: str, text: str, longest: int = LONGEST_CODE) -> str:
    if not text.strip():
        raise RowProblem("missing_value", f"{column} is empty")
    return short(column, text, longest)


def number_of(column: str, text: str) -> str:
    """What a source calls a case: what somebody could read out."""
    if not required(column, text, LONGEST_NUMBER).isprintable():
        raise RowProblem("bad_characters", f"{column} holds a control character: {text!r}")
    return text


def optional(column: str, text: str) -> str:
    """Blanks are no value, and no absence either."""
    if text and not text.strip():
        raise RowProblem("missing_value", f"{column} is blank")
    return short(column, text)


def short(column: str, text: str, longest: int = LONGEST_CODE) -> str:
    if len(text) > longest:
        raise RowProblem("value_too_long", f"{column} has more than {longest} characters")
    return text


def integer(column: str, text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise RowProblem("bad_number", f"{column} is no whole number: {text[:40]!r}")
    return int(text)


def money(column: str, text: str) -> Decimal:
    """Up to 14 digits, 6 of them after the point: totals of such numbers stay exact."""
    if not AMOUNT.fullmatch(text) or len(text.lstrip("+-0").replace(".", "")) > MAX_DIGITS:
        raise RowProblem("bad_number", f"{column} is no amount: {text[:40]!r}")
    return Decimal(text) + 0  # there is one nought, and no minus before it


def one_of(column: str, text: str, known: frozenset[str]) -> str:
    if text not in known:
        raise RowProblem("unknown_value", f"{column} is {text[:40]!r}")
    return text


@lru_cache(maxsize=4096)
def utc(column: str, text: str) -> datetime:
    """A time that says its offset, or is in UTC because its source's zone is not known."""
    found = _time(column, text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def day(column: str, text: str) -> datetime:
    """The day as midnight UTC; its precision is the day."""
    if not DAY.fullmatch(text):
        raise RowProblem("bad_date", f"{column} is no date: {text[:40]!r}")
    return _parsed(column, text).replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def wall_clock(column: str, text: str, zone: ZoneInfo) -> Moment:
    """Of a time shown twice the first instant; of a time skipped the instant it was skipped to."""
    found = _time(column, text)
    if found.tzinfo is not None:
        raise RowProblem("bad_date", f"{column} has an offset: {text[:40]!r}")
    first, second = (found.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return Moment(first)
    if first < second:
        return Moment(first, "wall clock shown twice, first taken")
    return Moment(_end_of_gap(second, first, zone), "wall clock skipped, end of the gap taken")


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The change of offset between two instants, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while (after - before).total_seconds() > 1:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def _time(column: str, text: str) -> datetime:
    if not TIME.fullmatch(text):
        raise RowProblem("bad_date", f"{column} is no date and time: {text[:40]!r}")
    return _parsed(column, text)


def _parsed(column: str, text: str) -> datetime:
    """The day and the time of day exist. Years are such that any offset leaves them in range."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise RowProblem("bad_date", f"{column}: {fault}: {text[:40]!r}") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RowProblem("bad_date", f"{column} is out of range: {text[:40]!r}")
    return found
