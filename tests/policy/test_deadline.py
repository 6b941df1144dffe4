"""Which deadline rules bind when, and what is due when: one row per case."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.catalogue import FACTS
from domain.circumstances import Circumstances
from domain.complaint.events import ComplaintReceived, ComplaintRegistered
from domain.event import Event, Precision
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule
from domain.policy.reading import read_pack
from domain.policy.target import WorkingDays, WorkingMinutes
from domain.terms import Channel, Tier
from domain.ticket.events import InquiryReceived

PACKS = ("cross_border_crm", "overseas_service")
DAY = ((540, 1080),)
BERLIN = Calendar(
    id="berlin",
    version=1,
    zone="Europe/Berlin",
    weekly=(DAY, DAY, DAY, DAY, DAY, (), ()),
    holidays={date(2026, 12, 25): "Christmas Day"},
)
LUNCH = replace(BERLIN, id="lunch", weekly=(((540, 720), (780, 1080)),) * 5 + ((), ()))
NEW_YORK = replace(BERLIN, id="new_york", zone="America/New_York")


def document(pack: str) -> dict[str, Any]:
    return tomllib.loads(files("domain.policy").joinpath(f"{pack}.toml").read_text("utf-8"))


RULES = [rule for pack in PACKS for rule in read_pack(document(pack))]


def local(text: str, calendar: Calendar = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


def held(tier: Tier | None) -> Circumstances:
    return Circumstances(known={} if tier is None else {"tier": tier})


def promised(
    trigger: Event, calendar: Calendar = BERLIN, tier: Tier | None = None
) -> dict[str, str]:
    """What binds, and when it is due by the calendar's wall clock."""
    return {
        rule.clause: f"{rule.target.due(calendar, trigger).astimezone(calendar.tz):%m-%d %H:%M}"
        for rule in RULES
        if type(trigger).__name__ in rule.triggers
        and rule.target is not None
        and rule.binds(trigger, calendar, held(tier))
    }


def inquiry(at: str, calendar: Calendar = BERLIN) -> InquiryReceived:
    return InquiryReceived(customer=UUID(int=1), channel=Channel.EMAIL, at=local(at, calendar))


@pytest.mark.clause("CB-10.1a", "CB-10.1b")
@pytest.mark.parametrize(
    ("received", "clause", "due"),
    [
        pytest.param("2026-06-09 09:00", "CB-10.1a", "06-09 10:00", id="at opening"),
        pytest.param("2026-06-09 10:30", "CB-10.1a", "06-09 11:30", id="in the morning"),
        pytest.param("2026-06-09 17:59", "CB-10.1a", "06-10 09:59", id="a minute before closing"),
        pytest.param("2026-06-09 18:00", "CB-10.1b", "06-10 11:00", id="at closing"),
        pytest.param("2026-06-09 20:00", "CB-10.1b", "06-10 11:00", id="in the evening"),
        pytest.param("2026-06-10 08:59", "CB-10.1b", "06-10 11:00", id="before opening"),
        pytest.param("2026-06-12 17:30", "CB-10.1a", "06-15 09:30", id="over the weekend"),
        pytest.param("2026-06-13 12:00", "CB-10.1b", "06-15 11:00", id="on a Saturday"),
        pytest.param("2026-12-24 17:45", "CB-10.1a", "12-28 09:45", id="before a holiday"),
        pytest.param("2026-12-25 12:00", "CB-10.1b", "12-28 11:00", id="on a holiday"),
        pytest.param("2026-03-27 17:30", "CB-10.1a", "03-30 09:30", id="clocks go forward"),
        pytest.param("2026-10-23 17:30", "CB-10.1a", "10-26 09:30", id="clocks go back"),
    ],
)
def test_first_response(received: str, clause: str, due: str) -> None:
    assert promised(inquiry(received)) == {clause: due}


@pytest.mark.clause("CB-10.1b")
def test_a_lunch_gap_is_inside_the_day() -> None:
    assert promised(inquiry("2026-06-09 12:30", LUNCH), LUNCH) == {"CB-10.1a": "06-09 14:00"}


@pytest.mark.clause("CB-10.1d")
@pytest.mark.parametrize(
    ("received", "promises"),
    [
        pytest.param(
            "2026-06-09 10:00",
            {"CB-10.1a": "06-09 11:00", "CB-10.1d": "06-09 10:30"},
            id="both promises run",
        ),
        pytest.param(
            "2026-06-09 17:45",
            {"CB-10.1a": "06-10 09:45", "CB-10.1d": "06-10 09:15"},
            id="the rest runs on at opening",
        ),
        pytest.param("2026-06-09 20:00", {"CB-10.1b": "06-10 11:00"}, id="not at night"),
    ],
)
def test_core_customers_wait_half_an_hour(received: str, promises: dict[str, str]) -> None:
    assert promised(inquiry(received), tier=Tier.CORE) == promises


@pytest.mark.clause("CB-10.1d")
@pytest.mark.parametrize("tier", [None, Tier.IMPORTANT, Tier.NORMAL, Tier.POTENTIAL])
def test_nobody_else_is_core(tier: Tier | None) -> None:
    assert promised(inquiry("2026-06-09 10:00"), tier=tier) == {"CB-10.1a": "06-09 11:00"}


@pytest.mark.clause("OS-3.4-2b")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-06-09 10:00", "06-09 11:00", id="within the day"),
        pytest.param("2026-06-09 17:30", "06-10 09:30", id="over the night"),
        pytest.param("2026-06-12 20:00", "06-15 10:00", id="at night before a weekend"),
    ],
)
def test_registration(received: str, due: str) -> None:
    complaint = ComplaintReceived(customer=UUID(int=1), channel=Channel.PHONE, at=local(received))
    assert promised(complaint) == {"OS-3.4-2b": due}


def registered(at: str, calendar: Calendar = BERLIN) -> ComplaintRegistered:
    return ComplaintRegistered(complaint_kind="quality", at=local(at, calendar))


@pytest.mark.clause("OS-3.4-3b")
@pytest.mark.parametrize(
    ("at", "due"),
    [
        pytest.param("2026-06-09 10:00", "06-11 18:00", id="end of business two days on"),
        pytest.param("2026-06-09 18:00", "06-12 18:00", id="after closing counts as the next day"),
        pytest.param("2026-06-12 10:00", "06-16 18:00", id="a weekend is no working day"),
        pytest.param("2026-12-23 10:00", "12-28 18:00", id="nor is a holiday"),
    ],
)
def test_investigation(at: str, due: str) -> None:
    assert promised(registered(at)) == {"OS-3.4-3b": due}


class TestKnownByTheDay:
    """Outside sources that give dates only."""

    def day(self, event: Event) -> Event:
        return replace(event, at=datetime(2026, 6, 9, tzinfo=UTC), at_precision=Precision.DAY)

    def test_starts_no_rule_in_minutes(self) -> None:
        assert promised(self.day(inquiry("2026-06-09 10:00"))) == {}

    @pytest.mark.parametrize("calendar", [BERLIN, NEW_YORK], ids=["east", "west"])
    def test_starts_rules_in_days_on_that_day_wherever(self, calendar: Calendar) -> None:
        assert promised(self.day(registered("2026-06-09 10:00")), calendar) == {
            "OS-3.4-3b": "06-11 18:00"
        }


class TestInForce:
    rule = replace(RULES[0], in_force=date(2026, 6, 9), lapsed=date(2026, 6, 11))

    @pytest.mark.parametrize(
        ("day", "binds"),
        [("2026-06-08", False), ("2026-06-09", True), ("2026-06-10", True), ("2026-06-11", False)],
    )
    def test_from_its_first_day_to_the_one_before_it_lapsed(self, day: str, binds: bool) -> None:
        assert self.rule.binds(inquiry(f"{day} 10:00"), BERLIN, Circumstances()) is binds

    def test_the_day_is_the_calendars(self) -> None:
        evening = inquiry("2026-06-10 23:30", NEW_YORK)
        late = replace(self.rule, hours=None)
        assert evening.at.date() == date(2026, 6, 11)
        assert late.binds(evening, NEW_YORK, Circumstances())

    def test_a_first_publication_binds_from_ever(self) -> None:
        assert promised(inquiry("1996-06-11 10:00")) == {"CB-10.1a": "06-11 11:00"}


class TestThePacks:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
    def test_rules_rest_on_a_clause_and_name_facts(self, rule: DeadlineRule) -> None:
        facts = {cls.__name__ for kind in FACTS.values() for cls in kind}
        assert rule.clause
        assert rule.says.endswith(".")
        assert rule.zh.endswith("。")
        assert rule.triggers | set(rule.fulfilled_by) <= facts
        assert rule.extended_by is None or rule.extended_by in facts

    def test_ids_are_used_once_over_all_packs(self) -> None:
        assert len({rule.id for rule in RULES}) == len(RULES)

    def test_shipped_rules_say_that_nobody_approved_them(self) -> None:
        assert {tuple(rule.pack.approved_by) for rule in RULES} == {()}

    def test_targets_are_stored_as_durations(self) -> None:
        assert [str(rule.target) for rule in RULES] == [
            "PT60M working",
            "PT120M working from opening",
            "PT30M working",
            "PT60M working",
            "P2D working",
        ]


class TestReading:
    def rows(self, **changes: Any) -> dict[str, Any]:
        pack = document("overseas_service")
        return pack | {"deadline": [pack["deadline"][0] | changes]}

    def test_targets(self) -> None:
        [minutes] = read_pack(self.rows(target={"working_minutes": 5, "from": "opening"}))
        [days] = read_pack(self.rows(target={"working_days": 3}))
        assert minutes.target == WorkingMinutes(minutes=5, from_opening=True)
        assert days.target == WorkingDays(days=3)

    @pytest.mark.parametrize(
        "target",
        [{"working_days": "two"}, {"working_days": 2, "from": "closing"}, {"hours": 1}],
        ids=str,
    )
    def test_a_strange_target_is_no_rule(self, target: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="no such target"):
            read_pack(self.rows(target=target))

    def test_a_strange_column_is_no_rule(self) -> None:
        with pytest.raises(TypeError, match="withn"):
            read_pack(self.rows(withn=1))

    @pytest.mark.parametrize(
        "columns",
        [
            {"when": {"tier": ["golden"]}},
            {"when": {"hours": "golden"}},
            {"when": {"golden": ["yes"]}},
            {"on_reopen": "golden"},
            {"on_change": {"golden": "keep"}},
            {"warn": {"golden": 1}},
            {"pause_on": ["golden"]},
            {"notify": "golden"},
        ],
        ids=str,
    )
    def test_a_strange_word_is_no_rule(self, columns: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="golden"):
            read_pack(self.rows(**columns))

    def test_a_row_without_a_number_is_a_draft_and_starts_nothing(self) -> None:
        [vague] = read_pack(self.rows(target={}))
        assert vague.target is None
        assert not vague.starts

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_limit_is_above_zero(self, limit: int) -> None:
        with pytest.raises(ValueError, match="above zero"):
            read_pack(self.rows(target={"working_minutes": limit}))

    def test_an_id_used_twice_is_no_pack(self) -> None:
        pack = document("overseas_service")
        with pytest.raises(ValueError, match=r"two rules are called os-3\.4-2b"):
            read_pack(pack | {"deadline": [pack["deadline"][0]] * 2})
