"""An explanation in words, English and Chinese."""

# ruff: noqa: RUF001

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from domain.explaining import Step
from domain.opening_hours import Calendar
from domain.policy.target import (
    AsAgreed,
    ByTimeOfDay,
    CalendarDays,
    CalendarMonths,
    Minutes,
    Target,
    WorkingDays,
    WorkingMinutes,
)
from domain.running_timer import End, Timer
from domain.ticket.events import FirstResponseSent
from infra.explained import ExplanationShown, explained
from infra.messages import LANGUAGES, Language
from infra.messages.catalogue import sentences
from tests.domain.promises import WEEK, WORDS
from tests.domain.test_explaining import BERLIN, FRIDAY, asked, hours, rulebook, timer_of, waits

CASE = UUID(int=8)
NOW = FRIDAY + timedelta(days=30)


def told(timer: Timer, language: Language = "en", calendar: Calendar = BERLIN) -> ExplanationShown:
    return explained(timer, CASE, lambda _: calendar, NOW, language)


def test_both_languages_say_the_same() -> None:
    english, chinese = (sentences(language)["explain"] for language in LANGUAGES)
    assert set(english) == set(chinese)
    for code, text in english.items():
        assert _named(text) == _named(chinese[code]), code
    assert all(text.isascii() for text in english.values())
    assert not any(text.isascii() for text in chinese.values())
    assert {str(step) for step in Step} <= set(english)


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_promise_over_a_weekend() -> None:
    shown = told(timer_of(rulebook(WorkingMinutes(minutes=240)), asked(FRIDAY)))
    assert shown.says == [
        "CB-10.1a: 4 h of opening hours from Fri 2026-10-23 16:00 on.",
        "Times are those of Europe/Berlin; hours and days off are those of the calendar berlin@2.",
        "From Fri 2026-10-23 16:00 to Fri 2026-10-23 18:00 2 h count, 2 h by then.",
        "From Fri 2026-10-23 18:00 to Mon 2026-10-26 09:00 it is closed: nothing counts.",
        "From Mon 2026-10-26 09:00 to Mon 2026-10-26 11:00 2 h count, 4 h by then.",
        "It is due at Mon 2026-10-26 11:00.",
    ]
    assert shown.due_at is not None
    assert shown.due_at.isoformat() == "2026-10-26T11:00:00+01:00"
    assert shown.started_at.isoformat() == "2026-10-23T16:00:00+02:00"
    assert (shown.allowed_seconds, shown.state) == (14400, "running")


def test_the_same_in_chinese() -> None:
    shown = told(timer_of(rulebook(WorkingMinutes(minutes=240)), asked(FRIDAY)), "zh")
    assert shown.says == [
        "CB-10.1a：自 周五 2026-10-23 16:00 起 4 小时 的营业时间。",
        "时间为 Europe/Berlin 当地时间；营业时间和休息日以日历 berlin@2 为准。",
        "周五 2026-10-23 16:00 至 周五 2026-10-23 18:00 计入 2 小时，累计 2 小时。",
        "周五 2026-10-23 18:00 至 周一 2026-10-26 09:00 不营业，不计时。",
        "周一 2026-10-26 09:00 至 周一 2026-10-26 11:00 计入 2 小时，累计 4 小时。",
        "到期时间为 周一 2026-10-26 11:00。",
    ]


def test_days_with_a_day_off_on_the_way() -> None:
    christmas = datetime(2026, 12, 24, 9, tzinfo=UTC)
    shown = told(timer_of(rulebook(WorkingDays(days=1)), asked(christmas)))
    assert [stretch.says for stretch in shown.stretches] == [
        "Thu 2026-12-24 does not count: it is the day it came in, or counts as that day.",
        "Fri 2026-12-25 is closed: Christmas Day.",
        "Sat 2026-12-26 is closed.",
        "Sun 2026-12-27 is closed.",
        "Mon 2026-12-28 is working day 1.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wait_a_holiday_and_what_is_provisional_are_told(language: Language) -> None:
    calendar = Calendar(
        id="berlin",
        version=3,
        zone="Europe/Berlin",
        weekly=WEEK,
        holidays={date(2026, 10, 26): "Monday off"},
        years=frozenset({2025}),
    )
    rules = rulebook(WorkingMinutes(minutes=180), calendar)
    timer = timer_of(rules, asked(FRIDAY), *waits(FRIDAY + hours(1), FRIDAY + hours(1.5)))
    shown = told(timer, language, calendar)
    assert shown.provisional
    assert [stretch.step for stretch in shown.stretches] == [
        "counted",
        "paused",
        "counted",
        "day_off",
        "counted",
    ]
    book = sentences(language)["explain"]
    assert shown.says[-1] == book["provisional"]
    assert "Monday off" in shown.stretches[3].says


def test_what_it_came_to_is_told() -> None:
    rules = rulebook(WorkingMinutes(minutes=60))
    in_time = FirstResponseSent(staff="ann", text=WORDS, at=FRIDAY + hours(0.5))
    too_late = FirstResponseSent(staff="ann", text=WORDS, at=FRIDAY + hours(65.5))
    assert told(timer_of(rules, asked(FRIDAY), in_time)).says[-1] == (
        "It was kept at Fri 2026-10-23 16:30."
    )
    late = told(timer_of(rules, asked(FRIDAY), too_late))
    assert late.says[-2:] == [
        "It was broken at Fri 2026-10-23 17:00.",
        "It was kept at Mon 2026-10-26 08:30, too late.",
    ]
    assert late.state == "breached"
    running = timer_of(rules, asked(FRIDAY))
    cancelled = replace(running, end=End.CANCELLED, ended_at=FRIDAY + timedelta(seconds=90))
    assert told(cancelled).says[-1] == ("Nothing has been owed since Fri 2026-10-23 16:01:30.")
    waiting = timer_of(rules, asked(FRIDAY), waits(FRIDAY + hours(0.25), NOW)[0])
    assert told(waiting).says[-1] == "It waits and has no due time until it goes on."
    assert (told(waiting).due_at, told(waiting).state) == (None, "paused")
    agreed = replace(running, deadline=FRIDAY + hours(1.5))
    assert told(agreed).says[-1].startswith("The due time does not follow from this count")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("target", "number"),
    [
        (Minutes(minutes=90), "30"),
        (CalendarDays(days=45), "45"),
        (CalendarMonths(months=2), "2"),
        (ByTimeOfDay(by=time(18)), "18:00"),
        (WorkingDays(days=3), "3"),
    ],
)
def test_every_kind_of_limit_is_told(language: Language, target: Target, number: str) -> None:
    assert number in told(timer_of(rulebook(target), asked(FRIDAY)), language).says[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_agreed_time_is_told(language: Language) -> None:
    timer = replace(timer_of(rulebook(Minutes(minutes=5)), asked(FRIDAY)), written=str(AsAgreed()))
    book = sentences(language)["explain"]["promised_as_agreed"]
    started = "Fri 2026-10-23 16:00" if language == "en" else "周五 2026-10-23 16:00"
    assert told(timer, language).says[0] == book.format(clause="CB-10.1a", started_at=started)
