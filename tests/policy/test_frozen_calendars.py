"""Published calendars stay as they are, and China's agree with the State Council's notices."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files

import pytest

from domain.working_time import is_working_day
from infra.policies import shipped_rulebook

CALENDARS = shipped_rulebook().calendars
PUBLISHED = {
    "cn@1": "f2a0171cdee27d4bf6f9161684085de7741bdf09203718f9cae8b555617ed965",
    "de@1": "ff3753becab6fd82b9dc52c312c3afe859670f1ef458102e28929e58196225a4",
    "gb@1": "9a212ec17a1ab64d631628d54139660acfd2436c442952c0e2de4ce91ba7e439",
    "il@1": "a02503852516b890df7056f1c06ec9fce479594126cfe8818de1de2ae3a965be",
    "jp@1": "0db9fe99a4911b7d78329a98d3d5ad8af9a7d7fa2f35b159b1fa98b638be9bed",
    "us@1": "945f343880d7506f5b302558a4528802eb5f1a83185eb378aca4a714dd5522d0",
    "us-statutory@1": "863cea136f19c4280c85467b6c028fe2d872d5a821ad11e685e0bec5cfb44cc7",
}
MADE_UP = {
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
FREE = {
    2025: (
        ("01-01", "01-01"),
        ("01-28", "02-04"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("05-31", "06-02"),
        ("10-01", "10-08"),
    ),
    2026: (
        ("01-01", "01-03"),
        ("02-15", "02-23"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("06-19", "06-21"),
        ("09-25", "09-27"),
        ("10-01", "10-07"),
    ),
}


def test_what_was_published_has_not_changed() -> None:
    """Other days need a new version: a timer names the one it was counted by."""
    found = {
        calendar.name: sha256(
            files("domain.calendar").joinpath(f"{calendar.id}.toml").read_bytes()
        ).hexdigest()
        for calendar in CALENDARS.values()
    }
    assert found == PUBLISHED


@pytest.mark.parametrize("year", sorted(MADE_UP))
def test_every_day_of_china_as_the_notice_says(year: int) -> None:
    def day(text: str) -> date:
        return date.fromisoformat(f"{year}-{text}")

    worked = {day(text) for text in MADE_UP[year]}
    free = [(day(first), day(last)) for first, last in FREE[year]]
    every_day = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    expected = {
        at
        for at in every_day
        if at in worked
        or (at.weekday() < 5 and not any(first <= at <= last for first, last in free))
    }
    assert {at for at in every_day if is_working_day(CALENDARS["CN"], at)} == expected


def test_china_is_provisional_from_the_first_year_without_a_notice() -> None:
    assert CALENDARS["CN"].provisional_from == 2027
