"""The rule that the reference fits to the incident log, as a policy; what the timers make of it.

So many minutes of weekdays in UTC, by the priority a case has in the end: a promise follows its
priority from the start. But a breach is never undone, and the rule knows only the end: of a case
that was late by its first priority and in time by its last the timers say late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from commands.calendar.draft_calendar import DraftCalendar
from domain.calendar.calendars import HOME
from infra.imports.incidents import SOURCE
from infra.product import Product
from infra.verify_data.comparison import SHOWN
from infra.verify_data.promises import Share
from infra.verify_data.publishing import PublishedOn

POLICY = CALENDAR = "incidents"
METRIC = "resolution"
BEFORE = date(2000, 1, 1)
"""A day on which no incident had been opened."""
LEAST = 99
UNEXPLAINED = "for no reason known"
ALL_DAY = ("00:00-24:00",)


class Timer(NamedTuple):
    """`minutes`: what was counted until the case was closed; `moved`: how often it was."""

    kept: bool
    minutes: int
    moved: int


def publish(product: Product, limits: Mapping[str, int]) -> None:
    """`limits`: minutes by priority. Incidents say no market: they are served by the hours of
    `HOME`."""
    before = PublishedOn(product, BEFORE)
    before.calendar(
        HOME,
        DraftCalendar(
            calendar_id=CALENDAR,
            says="Weekdays in UTC",
            zone="UTC",
            weekly=(*([ALL_DAY] * 5), (), ()),
        ),
    )
    before.policy(POLICY, "When incidents are closed", list(_rows(limits)))


def shares(
    product: Product,
    said: Mapping[str, bool],
    rule: Mapping[str, bool | None],
    tickets: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, int],
) -> Iterator[Share]:
    """`said`: what the source says of each incident, whether its promise was kept; `rule`: what the
    rule says of it; `tickets`: their rows; `limits`: minutes by priority."""
    by_rule = Share("incident made_sla", "as the rule says", LEAST)
    by_timers = Share("incident made_sla", "as our timers say", LEAST)
    timers = _timers(product)
    apart: dict[str, list[str]] = {}
    for number, kept in said.items():
        timer = timers.get(number)
        by_rule.cases += 1
        by_timers.cases += 1
        by_rule.equal += rule.get(number) is kept
        by_timers.equal += timer is not None and timer.kept is kept
        if timer is None or timer.kept is not rule.get(number):
            apart.setdefault(_why(tickets[number], timer, limits), []).append(number)
    for why, numbers in sorted(apart.items()):
        line = f"{len(numbers):,} unlike the rule, {why}: {', '.join(numbers[:SHOWN])}"
        (by_timers.faults if why == UNEXPLAINED else by_timers.remarks).append(line)
    yield by_rule
    yield by_timers


def _why(ticket: Mapping[str, Any], timer: Timer | None, limits: Mapping[str, int]) -> str:
    """Why the timers say other than the rule, if that is understood."""
    if timer is None:
        return UNEXPLAINED
    first = next(at for state, at in ticket["states"] if state == "Closed")
    noted = (ticket["attributes"] or {}).get("closed_at", "")
    if timer.kept and first[: len(noted)] < noted:
        return "closed earlier, too, than it was in the end"
    if not timer.kept and (timer.moved or ticket["priority_first"] != ticket["priority"]):
        return "late by an earlier priority, and a breach is never undone"
    if not timer.kept and timer.minutes == limits[ticket["priority"]]:
        return "closed out of hours, its time being over with the last of them"
    return UNEXPLAINED


def _timers(product: Product) -> Mapping[str, Timer]:
    """By number; of one that was opened again, the last."""
    with product.record.connection() as connection:
        rows = connection.execute(
            "SELECT t.number, s.state = 'fulfilled', s.elapsed_seconds / 60, s.moved"
            " FROM read.sla_timers s JOIN read.tickets t ON t.ticket = s.stream"
            " WHERE t.source = %s AND s.metric = %s AND s.policy LIKE %s"
            " AND s.state IN ('fulfilled', 'breached') ORDER BY s.cycle",
            (SOURCE, METRIC, f"{POLICY}@%"),
        )
        return {number: Timer(*timer) for number, *timer in rows}


def _rows(limits: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for number, (priority, minutes) in enumerate(sorted(limits.items()), 1):
        yield {
            "id": f"priority-{number}",
            "clause": "incidents",
            "says": priority,
            "zh": priority,
            "metric": METRIC,
            "trigger": "InquiryReceived",
            "fulfilled_by": ["TicketClosed"],
            "when": {"priority": [priority]},
            "target": {"working_minutes": minutes},
            "pause_on": [],
            "on_change": {"priority": "retarget"},
            "on_reopen": "resume",
        }
