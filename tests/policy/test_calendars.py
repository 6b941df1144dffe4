"""The service calendars that ship, and how their files are read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.calendar.reading import read_calendar
from domain.calendar.refusals import CalendarTimeWrong
from domain.working_time import is_open, is_working_day
from infra.policies import shipped_rulebook
from tools.freeze_calendars import FOLDER, MARKETS, Market, text

CALENDARS = shipped_rulebook().calendars
FRENCH: dict[str, Any] = {
    "market": "FR",
    "id": "fr",
    "version": 2,
    "zone": "Europe/Paris",
    "provisional_from": 2027,
    "weekly": {"mon": ["09:00-12:30", "13:30-18:00"], "sat": ["22:00-24:00"]},
    "holidays": {"2026-07-14": "Bastille Day"},
    "overrides": {"2026-12-24": ["09:00-12:00"], "2026-12-31": []},
}


@pytest.mark.parametrize(
    ("market", "day", "works"),
    [
        pytest.param("CN", "2024-02-12", False, id="Spring Festival"),
        pytest.param("CN", "2024-02-18", True, id="a Sunday worked for it"),
        pytest.param("CN", "2015-09-03", False, id="a holiday of one year only"),
        pytest.param("CN", "2026-11-22", False, id="an ordinary Sunday"),
        pytest.param("DE", "2017-10-31", False, id="Reformation Day, all of Germany in 2017 only"),
        pytest.param("DE", "2018-10-31", True, id="a working day a year later"),
        pytest.param("DE", "2026-10-03", False, id="German Unity Day"),
        pytest.param("GB", "2022-09-19", False, id="the Queen's funeral"),
        pytest.param("GB", "2026-12-28", False, id="Boxing Day, moved from a Saturday"),
        pytest.param("GB", "2026-01-02", True, id="a holiday in Scotland only"),
        pytest.param("US", "2020-06-19", True, id="Juneteenth before it was a holiday"),
        pytest.param("US", "2023-06-19", False, id="Juneteenth"),
        pytest.param("US", "2026-11-26", False, id="Thanksgiving"),
        pytest.param("US", "2026-11-27", True, id="the day after it"),
    ],
)
def test_days_one_can_look_up(market: str, day: str, works: bool) -> None:
    assert is_working_day(CALENDARS[market], date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("market", "opening"), [("CN", 1), ("DE", 7), ("GB", 8), ("US", 13)], ids=str
)
def test_hours_are_those_of_the_market(market: str, opening: int) -> None:
    calendar = CALENDARS[market]
    assert is_open(calendar, datetime(2026, 6, 9, opening, tzinfo=UTC))
    assert not is_open(calendar, datetime(2026, 6, 9, opening - 1, 59, tzinfo=UTC))
    assert not is_open(calendar, datetime(2026, 6, 9, opening + 9, tzinfo=UTC))


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.code)
def test_what_ships_is_what_was_frozen(market: Market) -> None:
    """Other days in the source mean a new version of the calendar, not an edit."""
    lines = (FOLDER / f"{market.id}.toml").read_text("utf-8").splitlines()
    assert [row for row in text(market).splitlines() if not row.startswith("# From")] == [
        row for row in lines if not row.startswith("# From")
    ]


class TestReading:
    def test_a_file_is_a_calendar(self) -> None:
        market, calendar = read_calendar(FRENCH)
        assert (market, calendar.name, calendar.provisional_from) == ("FR", "fr@2", 2027)
        assert calendar.weekly == (((540, 750), (810, 1080)), (), (), (), (), ((1320, 1440),), ())
        assert calendar.holidays == {date(2026, 7, 14): "Bastille Day"}
        assert calendar.overrides == {date(2026, 12, 24): ((540, 720),), date(2026, 12, 31): ()}

    @pytest.mark.parametrize(
        "change",
        [
            {"weekly": {"monday": []}},
            {"weekly": {"mon": ["9-25:00"]}},
            {"weekly": {"mon": ["09:00-24:01"]}},
            {"weekly": {"mon": ["09:00"]}},
            {"holidays": {"14 July": "Bastille Day"}},
        ],
        ids=str,
    )
    def test_a_broken_one_is_none(self, change: dict[str, Any]) -> None:
        with pytest.raises(
            (ValueError, CalendarTimeWrong), match=r"of the week|time_wrong|Invalid"
        ):
            read_calendar(FRENCH | change)
