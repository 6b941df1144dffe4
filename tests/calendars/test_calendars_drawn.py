"""Calendars drawn up from the package: the right week, the right days, and what is doubtful."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.calendar.content import CalendarContent
from domain.calendar.refusals import CalendarYearWithoutData
from domain.opening_hours import CalendarNeverOpens
from domain.working_time import is_working_day
from infra.calendars.countries import COUNTRIES
from infra.calendars.drawing import Wanted, draw_up

EVERY = ("JP", "KR", "SG", "MY", "TH", "VN", "ID", "IN", "AE", "SA", "IL", "BR", "MX", "FR", "IT")


def works(code: str, day: str) -> bool:
    on = date.fromisoformat(day)
    calendar = draw_up(Wanted(code, [on.year], "UTC")).calendar("x", 1)
    return is_working_day(calendar, on)


@pytest.mark.parametrize("code", [*EVERY, "ES", "AU", "CN", "HK", "DE", "GB", "US"])
def test_every_country_asked_for_can_be_published(code: str) -> None:
    content = draw_up(Wanted(code, [2026, 2027]))
    content.check(code.lower())
    assert content.years == (2026, 2027)
    assert content.zone == COUNTRIES[code].zone
    assert {day.day.year for day in content.holidays} == {2026, 2027}
    assert all(code in day.source for day in content.holidays)


@pytest.mark.parametrize(
    ("code", "day", "working"),
    [
        pytest.param("SA", "2026-11-06", False, id="a Friday in Riyadh"),
        pytest.param("SA", "2026-11-08", True, id="a Sunday in Riyadh"),
        pytest.param("IL", "2026-11-06", False, id="a Friday in Jerusalem"),
        pytest.param("IL", "2026-11-08", True, id="a Sunday in Jerusalem"),
        pytest.param("AE", "2026-11-06", True, id="a Friday in Dubai, since 2022"),
        pytest.param("AE", "2026-11-08", False, id="a Sunday in Dubai"),
        pytest.param("MY", "2026-11-06", True, id="a Friday in Kuala Lumpur"),
        pytest.param("MY-02", "2026-11-06", False, id="a Friday in Kedah"),
        pytest.param("MY-02", "2026-11-15", True, id="a Sunday in Kedah"),
        pytest.param("JP", "2026-09-22", False, id="between two holidays"),
        pytest.param("KR", "2026-09-25", False, id="Chuseok"),
        pytest.param("SG", "2026-11-09", False, id="Deepavali, on a Monday instead"),
        pytest.param("TH", "2026-04-14", False, id="Songkran"),
        pytest.param("VN", "2026-08-22", True, id="a Saturday worked for a bridge"),
        pytest.param("VN", "2026-08-31", False, id="the bridge"),
        pytest.param("ID", "2026-03-19", False, id="Nyepi"),
        pytest.param("IN", "2026-01-26", False, id="Republic Day"),
        pytest.param("BR", "2026-09-07", False, id="Independence Day"),
        pytest.param("MX", "2026-11-16", False, id="Revolution Day, its Monday"),
        pytest.param("FR", "2026-07-14", False, id="Bastille Day"),
        pytest.param("IT", "2026-08-15", False, id="Ferragosto"),
        pytest.param("ES", "2026-10-12", False, id="National Day"),
        pytest.param("AU", "2026-01-26", False, id="Australia Day"),
        pytest.param("HK", "2026-04-07", False, id="the day following Easter Monday"),
        pytest.param("DE", "2026-01-06", True, id="Epiphany, not in all of Germany"),
        pytest.param("DE-BY", "2026-01-06", False, id="Epiphany in Bavaria"),
        pytest.param("DE-BE", "2026-03-08", False, id="Women's Day in Berlin"),
        pytest.param("DE-SN", "2026-11-18", False, id="Repentance Day in Saxony"),
        pytest.param("CN", "2026-10-10", True, id="a Saturday worked for the National Day"),
        pytest.param("CN", "2025-10-08", False, id="the last of eight days off"),
        pytest.param("CN", "2025-10-11", True, id="a Saturday worked for them"),
    ],
)
def test_days_one_can_look_up(code: str, day: str, working: bool) -> None:
    assert works(code, day) is working


def test_what_is_estimated_or_not_announced_is_provisional() -> None:
    assert draw_up(Wanted("AE", [2026, 2027])).provisional == (2027,)
    assert draw_up(Wanted("CN", [2026, 2027])).provisional == (2027,)
    assert draw_up(Wanted("SG", [2028])).provisional == (2028,)
    assert draw_up(Wanted("FR", [2026, 2027])).provisional == ()
    assert draw_up(Wanted("CN", [2027], provisional_from=2028)).provisional == ()


class TestAVersionMore:
    before = replace(
        draw_up(Wanted("CN", [2025, 2026, 2027, 2028])),
        weekly=(("08:00-17:00",),) * 6 + ((),),
        zone="Asia/Urumqi",
    )

    def drawn(self, *years: int, provisional_from: int | None = None) -> CalendarContent:
        wanted = Wanted("CN", years, provisional_from=provisional_from)
        return draw_up(wanted, self.before)

    def test_years_not_named_stay_as_they_were(self) -> None:
        old = replace(self.before, holidays=self.before.holidays[1:])
        after = draw_up(Wanted("CN", [2027]), old)
        assert after.years == (2025, 2026, 2027, 2028)
        for content in (after, old):
            assert date(2025, 1, 1) not in {day.day for day in content.holidays}

    def test_hours_and_zone_stay(self) -> None:
        after = self.drawn(2027)
        assert (after.weekly, after.zone) == (self.before.weekly, "Asia/Urumqi")

    def test_a_year_that_was_announced_is_provisional_no_more(self) -> None:
        assert self.drawn(2027).provisional == (2027, 2028)
        assert self.drawn(2027, provisional_from=2028).provisional == (2028,)


@pytest.mark.parametrize("year", [1, 1800, 2021, 2101, 9999, 10**9])
def test_a_year_without_data_is_refused(year: int) -> None:
    with pytest.raises(CalendarYearWithoutData):
        draw_up(Wanted("AE", [2026, year]))


def test_no_hours_at_all_are_refused() -> None:
    with pytest.raises(CalendarNeverOpens):
        draw_up(Wanted("FR", [2026], hours=()))
