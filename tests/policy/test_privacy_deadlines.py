"""By when a privacy request is due, in the markets' own calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.circumstances import circumstances
from domain.personal import Category
from domain.privacy.events import PrivacyRequestReceived, RequestType
from domain.terms import Channel
from domain.timer_events import SlaTimersStarted, StartedTimer
from domain.timers import with_timers
from infra.policies import shipped_rulebook

RULES = shipped_rulebook()
wall = datetime.fromisoformat


def promises(market: str, local: datetime) -> dict[str, StartedTimer]:
    """By rule, for a request at this wall-clock time of the market."""
    at = local.replace(tzinfo=RULES.calendar(market).tz).astimezone(UTC)
    received = PrivacyRequestReceived(
        request=UUID(int=1),
        request_type=RequestType.ERASURE,
        categories=tuple(Category),
        received_by="ann",
        channel=Channel.EMAIL,
        at=at,
    )
    placed = with_timers(
        {}, [received], rules=RULES, case=circumstances((), market), stream=UUID(int=2)
    )
    [started] = [event for event, _ in placed if isinstance(event, SlaTimersStarted)]
    return {timer.rule: timer for timer in started.timers}


@pytest.mark.case("CP-05")
@pytest.mark.clause("CB-15.2b")
@pytest.mark.parametrize(
    ("market", "day", "calendar"),
    [
        ("CN", date(2026, 10, 22), "cn@1"),
        ("DE", date(2026, 10, 16), "de@1"),
        ("US", date(2026, 10, 16), "us-statutory@1"),
        ("JP", date(2026, 10, 19), "jp@1"),
        ("IL", date(2026, 10, 15), "il@1"),
    ],
)
def test_fifteen_working_days_over_golden_week_and_make_up_days(
    market: str, day: date, calendar: str
) -> None:
    for rule in ("cb-15.2b-execution", "cb-15.2b-reply"):
        timer = promises(market, wall("2026-09-25T10"))[rule]
        assert timer.due_at.astimezone(RULES.calendar(market).tz).date() == day
        assert timer.calendar == calendar


def test_a_request_after_closing_counts_as_of_its_day() -> None:
    early, late = (
        promises("DE", wall(f"2026-09-23T{hour}"))["cb-15.2b-reply"] for hour in (10, 22)
    )
    assert early.due_at == late.due_at


@pytest.mark.clause("CB-4b")
@pytest.mark.parametrize(
    ("market", "rule", "local", "due"),
    [
        ("DE", "gdpr-12-3", wall("2026-01-31T10"), wall("2026-02-28T10")),
        ("DE", "gdpr-12-3", wall("2026-12-03T10"), wall("2027-01-03T10")),
        ("GB", "gdpr-12-3", wall("2026-03-05T10"), wall("2026-04-05T10")),
        ("US", "ccpa-1798-130", wall("2026-03-05T10"), wall("2026-04-19T10")),
        ("CN", "gbt-35273-8.7", wall("2026-03-05T10"), wall("2026-04-04T10")),
    ],
)
def test_the_law_of_a_market_sets_a_day_beside_it(
    market: str, rule: str, local: datetime, due: datetime
) -> None:
    timer = promises(market, local)[rule]
    assert timer.due_at.astimezone(RULES.calendar(market).tz).replace(tzinfo=None) == due
    assert timer.metric == "privacy_reply"


def test_no_law_of_another_market_binds() -> None:
    assert set(promises("JP", wall("2026-03-05T10"))) == {"cb-15.2b-execution", "cb-15.2b-reply"}
