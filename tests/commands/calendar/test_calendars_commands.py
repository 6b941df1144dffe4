"""Calendars through the door: drafted, published, approved, assigned, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from commands.calendar.approve_calendar import ApproveCalendar
from commands.calendar.assign_service_calendar import AssignServiceCalendar
from commands.calendar.draft_calendar import DraftCalendar
from commands.calendar.publish_calendar import PublishCalendar
from domain.calendar import refusals
from domain.calendar.assignment import REGISTER
from domain.calendar.calendar import calendar_stream
from domain.calendar.events import (
    CalendarApproved,
    CalendarDrafted,
    CalendarPublished,
    ServiceCalendarAssigned,
)
from domain.opening_hours import CalendarNeverOpens
from domain.refusal import NotFound, Refused
from domain.terms import Channel
from tests.commands.office import Office

NINE_TO_SIX = ("09:00-18:00",)
PARIS: dict[str, Any] = {
    "calendar_id": "fr",
    "says": "The shop in Paris",
    "zone": "Europe/Paris",
    "weekly": (("09:00-12:30", "13:30-18:00"), *[NINE_TO_SIX] * 3, ("22:00-06:00",), (), ()),
    "holidays": ({"day": "2026-07-14", "name": "Bastille Day", "source": "Code du travail"},),
    "overrides": (
        {
            "day": "2026-12-24",
            "name": "Christmas Eve",
            "source": "the house",
            "kind": "special_hours",
            "hours": ("09:00-12:00",),
        },
        {"day": "2026-12-31", "name": "Stocktaking", "source": "the house", "kind": "closed"},
    ),
    "years": (2026,),
    "provisional_from": 2027,
}


def drafting(**changes: Any) -> DraftCalendar:
    return DraftCalendar(**PARIS | changes)


def publish(office: Office, version: int = 1, **changes: Any) -> None:
    office.ask(drafting(**changes))
    office.ask(PublishCalendar(calendar_id="fr", version=version))


class TestPublishing:
    def test_what_was_drafted_is_what_is_counted_by(self, office: Office) -> None:
        publish(office)
        stream = calendar_stream("fr")
        assert office.types(stream) == ["CalendarDrafted", "CalendarPublished"]
        (drafted,) = office.on_record(stream, CalendarDrafted)
        (published,) = office.on_record(stream, CalendarPublished)
        assert (published.digest, published.published_by) == (drafted.content.digest, "ann")
        assert not published.shipped
        hours = drafted.content.calendar("fr", 1)
        assert hours.weekly[0] == ((540, 750), (810, 1080))
        assert hours.hours(date(2026, 7, 14)) == []
        assert hours.hours(date(2026, 12, 24)) == [(540, 720)]
        assert hours.hours(date(2026, 12, 31)) == []
        assert hours.is_provisional(2027) and not hours.is_provisional(2026)
        assert drafted.content.holidays[0].source == "Code du travail"

    def test_the_same_draft_again_is_nothing_new(self, office: Office) -> None:
        office.ask(drafting())
        assert office.ask(drafting()).position is None

    def test_a_later_draft_takes_the_place_of_the_first(self, office: Office) -> None:
        office.ask(drafting())
        publish(office, says="Another shop")
        (published,) = office.on_record(calendar_stream("fr"), CalendarPublished)
        last = office.on_record(calendar_stream("fr"), CalendarDrafted)[-1]
        assert (last.content.says, last.digest) == ("Another shop", published.digest)

    def test_a_published_version_never_changes(self, office: Office) -> None:
        publish(office)
        with pytest.raises(refusals.CalendarVersionExists):
            office.ask(drafting(version=1, says="Changed"))
        with pytest.raises(refusals.CalendarVersionExists):
            office.ask(PublishCalendar(calendar_id="fr", version=1))
        with pytest.raises(refusals.CalendarUnchanged):
            office.ask(drafting())
        publish(office, version=2, says="Changed")
        first, second = office.on_record(calendar_stream("fr"), CalendarPublished)
        assert (first.version, second.version) == (1, 2)
        assert first.digest != second.digest

    def test_only_a_draft_is_published(self, office: Office) -> None:
        with pytest.raises(NotFound):
            office.ask(PublishCalendar(calendar_id="fr", version=1))
        office.ask(drafting(version=3))
        with pytest.raises(refusals.CalendarNotDrafted):
            office.ask(PublishCalendar(calendar_id="fr", version=2))

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            pytest.param({"zone": "Mars/Base"}, refusals.CalendarZoneUnknown, id="zone"),
            pytest.param({"zone": "localtime"}, refusals.CalendarZoneUnknown, id="this machine's"),
            pytest.param({"zone": "../etc/passwd"}, refusals.CalendarZoneUnknown, id="path"),
            pytest.param({"weekly": (("09:00",), *[()] * 6)}, refusals.CalendarTimeWrong, id="one"),
            pytest.param(
                {"weekly": (("09:00-24:01",), *[()] * 6)}, refusals.CalendarTimeWrong, id="24:01"
            ),
            pytest.param(
                {"weekly": (("9:00-18:00",), *[()] * 6)}, refusals.CalendarTimeWrong, id="a digit"
            ),
            pytest.param(
                {"weekly": (("+9:00-18:00",), *[()] * 6)}, refusals.CalendarTimeWrong, id="a sign"
            ),
            pytest.param(
                {"weekly": (("09:00-12:00", "11:59-18:00"), *[()] * 6)},
                refusals.CalendarWindowsOverlap,
                id="overlap",
            ),
            pytest.param(
                {"weekly": (("22:00-06:00",), ("05:00-09:00",), *[()] * 5)},
                refusals.CalendarWindowsOverlap,
                id="over midnight",
            ),
            pytest.param(
                {"weekly": (("05:00-09:00",), *[()] * 5, ("22:00-06:00",))},
                refusals.CalendarWindowsOverlap,
                id="from Sunday into Monday",
            ),
            pytest.param(
                {"overrides": PARIS["overrides"][:1] * 2}, refusals.CalendarDayTwice, id="twice"
            ),
            pytest.param({"years": (2025, 2026)}, refusals.CalendarYearWithoutData, id="no data"),
            pytest.param({"years": (2025,)}, refusals.CalendarDayOutsideYears, id="other year"),
            pytest.param(
                {"weekly": ((),) * 7, "overrides": ()}, CalendarNeverOpens, id="never opens"
            ),
            pytest.param(
                {"weekly": (("09:00-09:00",), *[()] * 6), "overrides": PARIS["overrides"][1:]},
                CalendarNeverOpens,
                id="opens for no time",
            ),
        ],
    )
    def test_what_cannot_be_counted_by_is_refused(
        self, office: Office, changes: dict[str, Any], refusal: type[Refused]
    ) -> None:
        with pytest.raises(refusal):
            office.ask(drafting(**changes))
        assert office.record.stream_row(calendar_stream("fr")) is None

    def test_windows_may_adjoin_and_end_at_midnight(self, office: Office) -> None:
        publish(office, weekly=(("00:00-12:00", "12:00-24:00"),) * 7)
        (published,) = office.on_record(calendar_stream("fr"), CalendarPublished)
        assert published.version == 1


class TestApproving:
    def test_another_person_approves(self, office: Office) -> None:
        office.ask(drafting(), actor="ann")
        office.ask(PublishCalendar(calendar_id="fr", version=1), actor="ben")
        approval = ApproveCalendar(calendar_id="fr", version=1)
        for maker in ("ann", "ben"):
            with pytest.raises(refusals.CalendarApprovedByMaker):
                office.ask(approval, actor=maker, role="management")
        office.ask(approval, actor="cid", role="management")
        (approved,) = office.on_record(calendar_stream("fr"), CalendarApproved)
        (published,) = office.on_record(calendar_stream("fr"), CalendarPublished)
        assert (approved.approved_by, approved.digest) == ("cid", published.digest)
        assert office.ask(approval, actor="dee", role="management").position is None

    def test_a_draft_is_not_approved(self, office: Office) -> None:
        office.ask(drafting())
        with pytest.raises(refusals.CalendarNotPublished):
            office.ask(ApproveCalendar(calendar_id="fr", version=1), actor="cid", role="management")


class TestAssigning:
    def assign(self, office: Office, version: int = 1, **whom: Any) -> Any:
        fields: dict[str, Any] = {"market": "FR", "calendar_id": "fr", "version": version}
        return office.ask(AssignServiceCalendar(**fields | whom))

    def made(self, office: Office) -> list[ServiceCalendarAssigned]:
        return office.on_record(REGISTER, ServiceCalendarAssigned)

    def test_from_today_in_the_zone_of_the_calendar(self, office: Office) -> None:
        office.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
        publish(office)
        self.assign(office, channel=Channel.CHAT, team="nord")
        (made,) = self.made(office)
        assert (made.channel, made.team, made.from_day) == ("chat", "nord", date(2026, 3, 3))
        assert self.assign(office, channel=Channel.CHAT, team="nord").position is None

    def test_no_day_that_is_over(self, office: Office) -> None:
        publish(office)
        with pytest.raises(refusals.CalendarDayPast):
            self.assign(office, from_day=date(2026, 3, 1))

    def test_only_what_is_published(self, office: Office) -> None:
        with pytest.raises(NotFound):
            self.assign(office)
        publish(office)
        with pytest.raises(refusals.CalendarNotPublished):
            self.assign(office, version=2)

    def test_a_new_version_takes_over_whom_the_old_one_served(self, office: Office) -> None:
        publish(office)
        self.assign(office)
        self.assign(office, team="nord")
        office.ask(drafting(says="Changed"))
        later = date(2026, 4, 1)
        office.ask(PublishCalendar(calendar_id="fr", version=2, from_day=later))
        assert [(a.market, a.team, a.version, a.from_day) for a in self.made(office)[2:]] == [
            ("FR", None, 2, later),
            ("FR", "nord", 2, later),
        ]

    def test_and_nobody_whom_another_calendar_serves_by_then(self, office: Office) -> None:
        publish(office)
        self.assign(office)
        office.ask(drafting(calendar_id="other", says="Other"))
        office.ask(PublishCalendar(calendar_id="other", version=1))
        self.assign(office, calendar_id="other")
        publish(office, version=2, says="Changed")
        assert [a.calendar for a in self.made(office)] == ["fr", "other"]
