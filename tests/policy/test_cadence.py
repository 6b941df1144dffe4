"""When periods begin, end and are due: a truth table, and that they tile the years."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.opening_hours import Calendar
from domain.policy.cadence import CadenceRule, period_of, periods, read_cadence, read_cadences
from domain.policy.deadline import Pack

WEEK = (((540, 1080),),) * 5 + ((), ())
LONDON = Calendar(
    id="london",
    version=1,
    zone="Europe/London",
    weekly=WEEK,
    holidays={date(2026, 1, 1): "New Year's Day"},
)
SHANGHAI = replace(LONDON, id="shanghai", zone="Asia/Shanghai")
HAVANA = replace(LONDON, id="havana", zone="America/Havana")
PACK = Pack(id="house", version=1, says="", zh="")
ROW: dict[str, Any] = {
    "id": "h-1",
    "clause": "CB-8.1b",
    "says": "Data are checked once a month.",
    "zh": "每月核查。",
    "duty": "data_check",
    "every": {"months": 1},
    "role": "crm_admin",
}


def rule(**changes: Any) -> CadenceRule:
    return read_cadence(ROW | changes, PACK)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(every: dict[str, int], since: str, until: str, calendar: Calendar = LONDON) -> list[str]:
    """First days and the days after the last, by the local calendar."""
    return [
        f"{p.start.astimezone(calendar.tz):%m-%d}/{p.end.astimezone(calendar.tz):%m-%d}"
        for p in periods(rule(every=every), calendar, utc(since), utc(until))
    ]


@pytest.mark.clause("CB-8.1b", "CB-9.3a", "CB-15.3a", "OS-4.1-1b", "OS-5-2a", "RR-T-3.1a")
@pytest.mark.parametrize(
    ("every", "since", "until", "found"),
    [
        ({"months": 1}, "2026-01-01", "2026-03-31", ["01-01/02-01", "02-01/03-01", "03-01/04-01"]),
        ({"months": 1}, "2026-01-02", "2026-02-01", []),
        ({"months": 1}, "2026-01-02", "2026-02-01T00:00:01", ["02-01/03-01"]),
        ({"months": 2}, "2026-01-01", "2026-06-30", ["01-01/03-01", "03-01/05-01", "05-01/07-01"]),
        (
            {"quarters": 1},
            "2026-01-01",
            "2026-07-01",
            ["01-01/04-01", "04-01/07-01", "07-01/10-01"],
        ),
        ({"half_years": 1}, "2026-01-01", "2027-01-01", ["01-01/07-01", "07-01/01-01"]),
        ({"years": 1}, "2026-01-01", "2027-01-01", ["01-01/01-01"]),
        ({"weeks": 1}, "2026-06-03", "2026-06-16", ["06-08/06-15", "06-15/06-22"]),
        ({"weeks": 2}, "2026-06-01", "2026-07-01", ["06-08/06-22", "06-22/07-06"]),
        (
            {"working_days": 1},
            "2025-12-31",
            "2026-01-06",
            ["12-31/01-01", "01-02/01-03", "01-05/01-06"],
        ),
    ],
)
def test_periods(every: dict[str, int], since: str, until: str, found: list[str]) -> None:
    """Half open; those that begin in [since, until). London is an hour ahead from 29 March on, so
    that its July begins an hour before that of UTC."""
    assert days(every, since, until) == found


@pytest.mark.clause("CB-9.3a")
@pytest.mark.parametrize(
    ("calendar", "start", "end"),
    [
        (LONDON, "2026-03-31T23:00", "2026-06-30T23:00"),
        (SHANGHAI, "2026-03-31T16:00", "2026-06-30T16:00"),
    ],
)
def test_quarters_are_those_of_the_zone(calendar: Calendar, start: str, end: str) -> None:
    quarterly = rule(every={"quarters": 1})
    [period] = periods(quarterly, calendar, utc("2026-03-15"), utc("2026-06-15"))
    assert period == (utc(start), utc(end), utc(end))
    assert period_of(quarterly, calendar, period.start) == period
    before = period_of(quarterly, calendar, period.start - timedelta(microseconds=1))
    assert before is not None
    assert before.end == period.start


def test_a_midnight_that_does_not_exist_is_where_the_clock_jumps() -> None:
    """Cuba's clocks go from 00:00 to 01:00 on 8 March 2026."""
    day = rule(every={"working_days": 1})
    sundays = replace(HAVANA, weekly=(((540, 1080),),) * 7)
    found = periods(day, sundays, utc("2026-03-07T05:00"), utc("2026-03-09T05:00"))
    assert [p.start for p in found] == [
        utc("2026-03-07T05:00"),
        utc("2026-03-08T05:00"),
        utc("2026-03-09T04:00"),
    ]
    assert [p.end for p in found[:-1]] == [p.start for p in found[1:]]


def test_due_some_working_days_after_the_beginning() -> None:
    """1 January is a holiday: the first working day counts from the second."""
    monthly = rule(due={"working_days": 5})
    january, june = (
        periods(monthly, LONDON, utc(day), utc(day) + timedelta(hours=1))[0].due
        if day != "2026-05-31T23:00"
        else periods(monthly, LONDON, utc(day), utc("2026-06-01"))[0].due
        for day in ("2026-01-01", "2026-05-31T23:00")
    )
    assert january == utc("2026-01-09T18:00")
    assert june == utc("2026-06-08T17:00")


def test_only_on_days_on_which_the_rule_is_in_force() -> None:
    bounded = rule(in_force=date(2026, 2, 1), lapsed=date(2026, 4, 1))
    found = periods(bounded, LONDON, utc("2025-12-01"), utc("2026-12-01"))
    assert [p.start for p in found] == [utc("2026-02-01"), utc("2026-03-01")]
    assert period_of(bounded, LONDON, utc("2026-04-15")) is None


def test_without_a_number_there_are_no_periods() -> None:
    vague = rule(every={})
    assert not vague.starts
    assert periods(vague, LONDON, utc("2026-01-01"), utc("2027-01-01")) == []
    assert period_of(vague, LONDON, utc("2026-01-01")) is None


EVERY = st.one_of(
    st.builds(lambda n: {"weeks": n}, st.integers(1, 9)),
    st.builds(lambda n: {"months": n}, st.integers(1, 14)),
    st.sampled_from([{"quarters": 1}, {"half_years": 1}, {"years": 1}, {"years": 3}]),
)
INSTANTS = st.integers(0, 60 * 365 * 24).map(
    lambda hours: utc("1975-01-01") + timedelta(hours=hours)
)


@given(EVERY, INSTANTS, st.sampled_from([LONDON, SHANGHAI, HAVANA]))
def test_periods_leave_no_gap_and_each_instant_lies_in_one(
    every: dict[str, int], at: datetime, calendar: Calendar
) -> None:
    each = rule(every=every)
    now = period_of(each, calendar, at)
    assert now is not None
    assert now.start <= at < now.end
    [same, following] = periods(each, calendar, now.start, now.end + timedelta(microseconds=1))
    assert same == now
    assert following.start == now.end
    cut = now.start + (now.end - now.start) / 3
    assert periods(each, calendar, now.start, cut) == [now]
    assert periods(each, calendar, cut, now.end) == []


class TestReading:
    def test_what_a_row_leaves_out(self) -> None:
        read = rule()
        assert (read.per, read.times, read.due_days, read.warn_days) == (
            "organisation",
            1,
            None,
            None,
        )
        assert read.starts

    def test_neither_an_inactive_pack_nor_an_inactive_row_opens_anything(self) -> None:
        assert not rule(inactive="Not yet.").starts
        assert not read_cadence(ROW, replace(PACK, active=False)).starts

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"every": {"months": 0}}, "above zero"),
            ({"every": {"months": True}}, "above zero"),
            ({"every": {"fortnights": 1}}, "fortnights"),
            ({"every": {"months": 1, "weeks": 1}}, "unpack"),
            ({"every": {"working_days": 2}}, "one by one"),
            ({"per": "planet"}, "planet"),
            ({"times": 0}, "above zero"),
            ({"due": {"working_days": 0}}, "due by"),
            ({"due": "soon"}, "due by"),
            ({"warn": {"before_days": -1}}, "above zero"),
            ({"warn": {"percent": 50}}, "percent"),
        ],
        ids=str,
    )
    def test_a_strange_row_is_no_rule(self, changes: dict[str, Any], says: str) -> None:
        with pytest.raises(ValueError, match=says) as refused:
            rule(**changes)
        assert refused.value.__notes__ == ["row h-1 of house@1"]

    def test_a_strange_column_is_no_rule(self) -> None:
        with pytest.raises(TypeError, match="evry"):
            rule(evry=1)

    def test_an_id_used_twice_is_no_pack(self) -> None:
        head = {"id": "house", "version": 1, "says": "", "zh": ""}
        with pytest.raises(ValueError, match="two rules are called h-1"):
            read_cadences({"pack": head, "cadence": [ROW, ROW]})
