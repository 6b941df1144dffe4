"""Values of a source's columns. Each function names the column it finds fault with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from infra.imports.problem import RowProblem

MAX_INTEGER = 10**9
MAX_DIGITS, MAX_PLACES = 14, 6
LONGEST_CODE = 300


class Moment(NamedTuple):
    """`oddity`: why the wall clock alone did not say which instant was meant."""

    at: datetime
    oddity: str | None = None


def required(column: str, text: str, longest: int = LONGEST_CODE) -> str:
    if not text.strip():
        raise RowProblem("missing_value", f"{column} is empty")
    return short(column, text, longest)


def short(column: str, text: str, longest: int = LONGEST_CODE) -> str:
    if len(text) > longest:
        raise RowProblem("value_too_long", f"{column} has more than {longest} characters")
    return text


def integer(column: str, text: str) -> int:
    try:
        number = int(text) if text.isascii() else None
    except ValueError:
        number = None
    if number is None or not -MAX_INTEGER < number < MAX_INTEGER:
        raise RowProblem("bad_number", f"{column} is no whole number: {text[:40]!r}")
    return number


def money(column: str, text: str) -> Decimal:
    """Up to 14 digits, 6 of them after the point: totals of such numbers stay exact."""
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not _fits(number):
        raise RowProblem("bad_number", f"{column} is no amount: {text[:40]!r}")
    return number


def one_of(column: str, text: str, known: frozenset[str]) -> str:
    if text not in known:
        raise RowProblem("unknown_value", f"{column} is {text[:40]!r}")
    return text


@lru_cache(maxsize=4096)
def utc(column: str, text: str) -> datetime:
    """A time that says its offset, or is in UTC because its source's zone is not known."""
    found = _parsed(column, text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def day(column: str, text: str) -> datetime:
    """The day as midnight UTC; its precision is the day."""
    if len(text) != 10:
        raise RowProblem("bad_date", f"{column} is no date: {text[:40]!r}")
    return _parsed(column, text).replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def wall_clock(column: str, text: str, zone: ZoneInfo) -> Moment:
    """Of a time shown twice the first instant; of a time skipped the instant it was skipped to."""
    found = _parsed(column, text)
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


def _parsed(column: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if text.isascii() else None
        year = 0 if found is None else found.year
    except ValueError:
        found, year = None, 0
    if found is None or not year >= 1900:
        raise RowProblem("bad_date", f"{column} is no date and time: {text[:40]!r}")
    return found


def _fits(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "finite"
    return -MAX_PLACES <= exponent <= 0 and len(digits) <= MAX_DIGITS
