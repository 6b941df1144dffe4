"""Which calendar serves whom: the most specific one, as it holds on the day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.calendar.calendars import Calendars
from domain.calendar.events import ServiceCalendarAssigned
from domain.calendar.refusals import CalendarNotPublished, NoServiceCalendar
from domain.opening_hours import Calendar
from domain.terms import Channel

AT = datetime(2026, 1, 1, tzinfo=UTC)
JULY = date(2026, 7, 1)


def calendar(id: str, version: int = 1) -> Calendar:
    return Calendar(id=id, version=version, zone="UTC", weekly=[[(540, 1080)]] * 7)


def to(
    market: str,
    calendar: str,
    version: int = 1,
    *,
    channel: Channel | None = None,
    team: str | None = None,
    kind: str | None = None,
    from_day: date | None = None,
) -> ServiceCalendarAssigned:
    return ServiceCalendarAssigned(
        market=market,
        channel=channel,
        team=team,
        kind=kind,
        calendar=calendar,
        version=version,
        from_day=from_day,
        assigned_by="ann",
        at=AT,
    )


PUBLISHED = [
    *(calendar(id) for id in ("cn", "de", "de-by", "chat", "night", "legal")),
    calendar("de", 2),
]
CALENDARS = Calendars(
    PUBLISHED,
    [
        to("CN", "cn"),
        to("DE", "de"),
        to("DE", "de-by", team="munich"),
        to("DE", "chat", channel=Channel.CHAT),
        to("DE", "night", channel=Channel.CHAT, team="night"),
        to("DE", "legal", kind="statutory"),
        to("DE", "de", 2, from_day=JULY),
    ],
)


@pytest.mark.parametrize(
    ("market", "channel", "team", "kind", "name"),
    [
        pytest.param("DE", None, None, None, "de@1", id="the market's"),
        pytest.param("DE", Channel.EMAIL, "berlin", None, "de@1", id="nothing more specific"),
        pytest.param("DE", Channel.CHAT, None, None, "chat@1", id="the channel's"),
        pytest.param("DE", Channel.CHAT, "munich", None, "de-by@1", id="team before channel"),
        pytest.param("DE", Channel.CHAT, "night", None, "night@1", id="team and channel first"),
        pytest.param("DE", Channel.EMAIL, "night", None, "de@1", id="both have to fit"),
        pytest.param("DE", Channel.CHAT, "munich", "statutory", "legal@1", id="kind before all"),
        pytest.param("DE", None, "munich", "festival", "de-by@1", id="a kind that is not there"),
        pytest.param("FR", None, "munich", None, "cn@1", id="home, for a market without"),
        pytest.param(None, None, None, None, "cn@1", id="home, without a market"),
    ],
)
def test_the_most_specific_serves(
    market: str | None, channel: Channel | None, team: str | None, kind: str | None, name: str
) -> None:
    day = date(2026, 6, 30)
    assert CALENDARS.assigned(market, channel, team, kind, on=day).name == name


def test_from_its_first_day_on_the_new_version_serves() -> None:
    assert CALENDARS.assigned("DE", on=JULY).name == "de@2"
    assert CALENDARS.assigned("DE", on=date(1999, 1, 1)).name == "de@1"
    assert CALENDARS.assigned("DE").name == "de@2"
    assert CALENDARS.assigned("DE", team="munich", on=JULY).name == "de-by@1"


@pytest.mark.parametrize(
    ("at", "name"),
    [("2026-06-30T14:59", "cn@1"), ("2026-06-30T15:00", "jp@1"), ("2026-07-01T00:00", "jp@1")],
)
def test_a_day_begins_where_the_calendar_is(at: str, name: str) -> None:
    tokyo = Calendar(id="jp", version=1, zone="Asia/Tokyo", weekly=[[(540, 1080)]] * 7)
    calendars = Calendars(
        [*PUBLISHED, tokyo], [to("JP", "cn"), to("JP", "jp", from_day=JULY), to("CN", "cn")]
    )
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert calendars.assigned("JP", on=moment).name == name


def test_of_two_from_one_day_the_later_made_holds() -> None:
    twice = Calendars(PUBLISHED, [to("DE", "de"), to("DE", "de-by"), to("DE", "chat")])
    assert twice.assigned("DE").name == "chat@1"


def test_a_timer_finds_the_version_it_names() -> None:
    assert CALENDARS.named("de@1") is PUBLISHED[1]
    with pytest.raises(CalendarNotPublished):
        CALENDARS.named("de@3")
    with pytest.raises(CalendarNotPublished):
        CALENDARS.named("nonsense")


def test_no_calendar_at_all_is_refused_by_name() -> None:
    with pytest.raises(NoServiceCalendar):
        Calendars([], []).assigned("DE")


def test_whole_markets_by_market_and_kind() -> None:
    services = {market: found.name for market, found in CALENDARS.services().items()}
    assert services == {"CN": "cn@1", "DE": "de@2", "DE:statutory": "legal@1"}
