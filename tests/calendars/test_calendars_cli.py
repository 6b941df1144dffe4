"""`dossier calendars`: what is on record, a year of it, publishing, approving, assigning."""

from __future__ import annotations

import psycopg
import pytest

from infra.cli.calendar_pictures import WORDS
from tests.cli.terminal import Terminal


def row(said: str, first: str) -> list[str]:
    """The cells of the first line of a table that begins with a word."""
    rows = ([cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines())
    return next(cells for cells in rows if cells and cells[0] == first)


def drafts(at_terminal: Terminal) -> int:
    with psycopg.connect(at_terminal.database) as db:
        found = db.execute("SELECT count(*) FROM es.events WHERE type = 'CalendarDrafted'")
        (count,) = found.fetchone() or (0,)
        return int(count)


def test_what_ships_says_that_nobody_approved_it(at_terminal: Terminal) -> None:
    listed = at_terminal.types("calendars").out
    assert row(listed, "cn") == [
        "cn",
        "1",
        "Asia/Shanghai",
        "CN",
        "2009-2028 (provisional 2027-2028)",
        "Mon-Fri 09:00-18:00",
        "shipped, not yet approved by a person",
    ]
    assert row(listed, "il")[5] == "Mon-Thu 09:00-18:00, Sun 09:00-18:00"
    assert row(listed, "us-statutory")[3] == "US/statutory"
    assert at_terminal.types("calendars", "approve", "cn").code == 0
    told = at_terminal.types("calendars", "--lang", "zh").out
    assert row(told, "cn")[6] == "由 admin 批准"
    assert row(told, "de-by")[6] == "随产品提供、尚未经人批准"


def test_a_year_is_a_picture_and_its_days_with_sources(at_terminal: Terminal) -> None:
    shown = at_terminal.types("calendars", "show", "cn", "--year", "2026").out
    february = next(line for line in shown.splitlines() if line.startswith(" 2 "))
    assert february == " 2 .ooooo..ooooo+.xxxxx..xoooo+  Feb"
    assert row(shown, "2026-02-28") == [
        "2026-02-28",
        "Sat",
        "make-up working day",
        "09:00-18:00",
        "Make-up working day",
        "holidays 0.109",
    ]
    assert row(shown, "year 2026")[1] == "announced"
    later = at_terminal.types("calendars", "show", "cn", "--year", "2027").out
    assert row(later, "year 2027")[1] == "provisional"
    never = at_terminal.types("calendars", "show", "cn", "--year", "2031").out
    assert row(never, "year 2031")[1] == "never looked up"


def test_a_country_is_drawn_up_published_and_serves_its_market(at_terminal: Terminal) -> None:
    said = at_terminal.types("calendars", "publish", "SA", "2026", "2027")
    assert said.out.splitlines() == ["sa@1 published: 2026-2027", "provisional: 2027"]
    listed = row(at_terminal.types("calendars").out, "sa")
    assert listed[3] == "SA"
    assert listed[5] == "Mon-Thu 09:00-18:00, Sun 09:00-18:00"
    assert listed[6] == "published by admin, not approved by another"
    refused = at_terminal.types("calendars", "approve", "sa")
    assert "[calendar_approved_by_maker]" in refused.one_line


def test_a_year_more_is_a_version_more_and_the_others_stay(at_terminal: Terminal) -> None:
    before = at_terminal.types("calendars", "show", "jp", "--year", "2026").out
    assert at_terminal.types("calendars", "publish", "JP", "2029").code == 0
    after = at_terminal.types("calendars", "show", "jp", "--year", "2026").out
    assert row(after, "version") == ["version", "jp@2"]
    assert before.split("jp@1, 2026")[1] == after.split("jp@2, 2026")[1]
    assert row(after, "years")[1] == "2009-2029"
    first = at_terminal.types("calendars", "show", "jp", "--version", "1").out
    assert row(first, "years")[1] == "2009-2028"
    assert "[calendar_unchanged]" in at_terminal.types("calendars", "publish", "JP", "2029").err


def test_a_state_serves_the_team_it_is_assigned_to(at_terminal: Terminal) -> None:
    assert at_terminal.types("calendars", "assign", "DE", "de-by", "--team", "munich").code == 0
    listed = at_terminal.types("calendars").out
    assert row(listed, "de-by")[3] == "DE/munich"
    assert row(listed, "de")[3] == "DE"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("publish", "XX", "2026"), "calendar_country_unknown"),
        (("publish", "DE-XX", "2026"), "calendar_country_unknown"),
        (("publish", "jp", "2026"), "calendar_country_unknown"),
        (("publish", "AE", "2020"), "calendar_year_without_data"),
        (("publish", "JP", "2150"), "calendar_year_without_data"),
        (("publish", "JP", "20260"), "invalid_request"),
        (("publish", "JP", "next"), "invalid_request"),
        (("publish", "US-CA", "2026"), "calendar_zone_missing"),
        (("publish", "FR", "2026", "--zone", "Mars"), "calendar_zone_unknown"),
        (("publish", "FR", "2026", "--hours", "9-18"), "calendar_time_wrong"),
        (("publish", "FR", "2026", "--hours", "09:00-09:00"), "calendar_never_opens"),
        (
            ("publish", "FR", "2026", "--hours", "09:00-12:00", "--hours", "11:00-13:00"),
            "calendar_windows_overlap",
        ),
        (("publish", "FR", "2026", "--from-day", "2020-01-01"), "calendar_day_past"),
        (("publish", "FR", "2026", "--from-day", "soon"), "invalid_request"),
        (("show", "nope"), "not_found"),
        (("show", "cn", "--version", "9"), "calendar_not_published"),
        (("approve", "nope"), "not_found"),
        (("assign", "de", "de-by"), "invalid_request"),
        (("assign", "DE", "de-by", "--channel", "pigeon"), "invalid_request"),
        (("assign", "DE", "de-by", "--from-day", "2020-01-01"), "calendar_day_past"),
        (("assign", "DE", "de-by", "--version", "7"), "calendar_not_published"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_cannot_be_is_refused_in_a_line(
    at_terminal: Terminal, words: tuple[str, ...], code: str
) -> None:
    at_terminal.types("calendars")
    before = drafts(at_terminal)
    said = at_terminal.types("calendars", *words)
    assert (said.code, said.out) == (1, "")
    assert f"[{code}]" in said.one_line
    assert drafts(at_terminal) == before


def test_both_languages_have_every_word() -> None:
    english, chinese = WORDS["en"], WORDS["zh"]
    assert set(english) == set(chinese)
    for name in ("weekdays", "months"):
        assert len(english[name].split()) == len(chinese[name].split())
    assert all(text.isascii() for text in english.values())
