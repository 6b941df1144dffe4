"""The day an erasure is due was counted by a version of a calendar, and stays counted by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from commands.calendar.draft_calendar import DraftCalendar, OverrideFields
from commands.calendar.publish_calendar import PublishCalendar
from domain.calendar.content import OverrideKind
from domain.privacy.case import case_of
from domain.timer_events import SlaTimersStarted, StartedTimer
from infra.calendars.shipping import ship
from infra.product import Product, now
from tests.erasure.asking import ask, caught_up, customer_of, request_of

PROMISED = ("cb-15.2b-execution", "cb-15.2b-reply")


def promised(product: Product, customer: UUID) -> dict[str, StartedTimer]:
    """By rule, as recorded when the request was received."""
    events = [r.event for r in product.record.read_stream(case_of(customer))]
    [started] = [event for event in events if isinstance(event, SlaTimersStarted)]
    return {timer.rule: timer for timer in started.timers if timer.rule in PROMISED}


def due_in_lists(product: Product, customer: UUID) -> set[datetime]:
    caught_up(product)
    with product.record.connection() as db:
        rows = db.execute(
            "SELECT due_at FROM read.sla_timers WHERE customer = %s AND rule = ANY(%s)",
            (customer, list(PROMISED)),
        ).fetchall()
    return {due for (due,) in rows}


def closed_for_a_fortnight(product: Product) -> None:
    """The second version of Germany's calendar: the shop is shut for the next two weeks."""
    today = now().date()
    shut = tuple(
        OverrideFields(
            day=today + timedelta(days=n), name="Shut", source="the house", kind=OverrideKind.CLOSED
        )
        for n in range(1, 15)
    )
    workday = ("09:00-18:00",)
    ask(
        product,
        DraftCalendar(
            calendar_id="de",
            says="Germany, shut for a fortnight",
            zone="Europe/Berlin",
            weekly=(workday, workday, workday, workday, workday, (), ()),
            overrides=shut,
        ),
    )
    ask(product, PublishCalendar(calendar_id="de", version=2))


@pytest.mark.case("CP-05")
@pytest.mark.clause("CB-15.2b")
def test_a_later_version_of_a_calendar_moves_no_day_that_was_promised(running: Product) -> None:
    ship(running.dispatcher, running.record)
    before = customer_of(running)
    request_of(running, before)
    first = promised(running, before)
    assert {timer.calendar for timer in first.values()} == {"de@1"}
    [due] = due_in_lists(running, before)
    closed_for_a_fortnight(running)

    assert promised(running, before) == first
    assert due_in_lists(running, before) == {due} == {timer.due_at for timer in first.values()}
    after = customer_of(running)
    request_of(running, after)
    then = promised(running, after)
    assert {timer.calendar for timer in then.values()} == {"de@2"}
    assert all(timer.due_at > due for timer in then.values())
    assert due_in_lists(running, before) == {due}
