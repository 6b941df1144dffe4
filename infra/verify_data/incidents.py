"""Tickets against the answers for the incident log, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from infra.imports.incidents import SOURCE
from infra.imports.known import outside_names
from infra.product import Product
from infra.verify_data import incident_promises, incident_rows
from infra.verify_data.comparison import Comparison, compare, compare_measures
from infra.verify_data.promises import Share
from infra.verify_data.reference import Answers, Reference, Rows

COUNTERS = ("reassignment_count", "sys_mod_count")
"""Raw attributes whose greatest value is asked for."""
SATURDAY = 5


CASES, REOPENS, BY_PRIORITY = "incident_cases", "incident_reopens", "incident_sla_by_priority"
BY_STATE, IMPORT_COUNTS = "incident_events_by_state", "incident_import_counts"
FILES = (CASES, REOPENS, BY_PRIORITY, BY_STATE, IMPORT_COUNTS)
LIMIT = "threshold_mon_fri_minutes"


def publish(product: Product, reference: Reference) -> None:
    """The fitted rule as a policy, so that what is imported afterwards falls under it."""
    rule = reference.answers(BY_PRIORITY)
    if rule is not None and (limits := _limits(rule)):
        incident_promises.publish(product, limits)


def comparisons(product: Product, reference: Reference) -> Iterator[Comparison | Share]:
    tickets = {row["number"]: row for row in _tickets(product)}
    rule = reference.answers(BY_PRIORITY)
    limits = {} if rule is None else _limits(rule)
    cases = reference.answers(CASES)
    if cases is not None:
        callers = _callers(product, cases.rows)

        def ours(key: tuple[str, ...]) -> Mapping[str, Any] | None:
            ticket = tickets.get(key[0])
            return None if ticket is None else _answer(ticket, callers, limits)

        yield compare("incident cases", cases, ("number",), ours)
    reopens = reference.answers(REOPENS)
    if reopens is not None:
        reopened = Counter(str(ticket["reopened"]) for ticket in tickets.values())
        yield compare(
            "incident reopens",
            reopens,
            ("reopen_count_max",),
            lambda key: {"cases": reopened[key[0]]},
        )
    if rule is not None:
        yield from _made_sla(product, tickets, limits)
        verdicts = _verdicts(list(tickets.values()), limits)
        yield compare(
            "incident SLA by priority", rule, ("priority_last",), lambda key: verdicts.get(key[0])
        )
    by_state, counts = reference.answers(BY_STATE), reference.answers(IMPORT_COUNTS)
    if by_state is not None or counts is not None:
        seen = incident_rows.seen(product)
    if by_state is not None:
        events = incident_rows.by_state(seen.values())
        yield compare(
            "incident events by state",
            by_state,
            ("incident_state",),
            lambda key: {"events": events[key[0]]},
        )
    if counts is not None:
        measured = incident_rows.import_counts(seen, list(tickets.values()))
        yield compare_measures("incident import counts", counts, measured)


def _made_sla(
    product: Product, tickets: Mapping[str, Mapping[str, Any]], limits: Mapping[str, int]
) -> Iterator[Share]:
    """Nothing where there is no rule."""
    said = {
        number: said == "true"
        for number, ticket in tickets.items()
        if (said := (ticket["attributes"] or {}).get("made_sla")) in ("false", "true")
    }
    if limits:
        rule = {number: _kept(tickets[number], limits) for number in said}
        yield from incident_promises.shares(product, said, rule, tickets, limits)


def _limits(rule: Answers) -> dict[str, int]:
    """The rule the reference was fitted with: minutes by priority. It is no answer."""
    return {
        row["priority_last"]: int(row[LIMIT])
        for row in rule.rows
        if "priority_last" in row and row.get(LIMIT, "").isdecimal() and int(row[LIMIT])
    }


def _verdicts(
    tickets: Sequence[Mapping[str, Any]], limits: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """How often the source says kept and broken, and the rule agrees, by priority."""
    found: dict[str, dict[str, Any]] = {}
    for ticket in tickets:
        row = found.setdefault(
            ticket["priority"] or "", {"false": 0, "true": 0, "rule_agrees": 0, "cases": 0}
        )
        row["cases"] += 1
        said = (ticket["attributes"] or {}).get("made_sla")
        if said in ("false", "true"):
            row[said] += 1
        kept = _kept(ticket, limits)
        row["rule_agrees"] += kept is not None and str(kept).lower() == said
    return found


def _kept(ticket: Mapping[str, Any], limits: Mapping[str, int]) -> bool | None:
    closed_at = _noted_time((ticket["attributes"] or {}).get("closed_at"))
    limit = limits.get(ticket["priority"])
    if closed_at is None or limit is None:
        return None
    return mon_fri_minutes(ticket["opened_at"], closed_at) <= limit


def _answer(
    ticket: Mapping[str, Any], callers: Mapping[UUID, str], limits: Mapping[str, int]
) -> dict[str, Any]:
    opened = ticket["opened_at"]
    noted = ticket["attributes"] or {}
    states = [state for state, _ in ticket["states"]]
    closed_at = _noted_time(noted.get("closed_at"))
    mon_fri = None if closed_at is None else mon_fri_minutes(opened, closed_at)
    answer = {
        "caller_id": callers.get(ticket["customer"], ""),
        "opened_at": _minute(opened),
        "events": ticket["source_rows"],
        "priority_first": ticket["priority_first"],
        "priority_last": ticket["priority"],
        "impact_last": ticket["impact"],
        "urgency_last": ticket["urgency"],
        "minutes_to_first_named_assignee": _minutes(opened, ticket["first_owner_at"]),
        "minutes_to_first_group": _minutes(opened, ticket["first_team_at"]),
        "minutes_to_first_state_other_than_New": _minutes(
            opened, _first_at(ticket["states"], lambda state: state != "New")
        ),
        "minutes_to_first_Resolved_event": _minutes(
            opened, _first_at(ticket["states"], lambda state: state == "Resolved")
        ),
        "resolved_at": noted.get("resolved_at"),
        "closed_at": noted.get("closed_at"),
        "minutes_open_to_resolved_at": _minutes(opened, _noted_time(noted.get("resolved_at"))),
        "minutes_open_to_closed_at": _minutes(opened, closed_at),
        "minutes_awaiting_user": (ticket["waited"] or {}).get("customer", 0) // 60,
        "minutes_awaiting_vendor": (ticket["waited"] or {}).get("vendor", 0) // 60,
        "reopen_count_max": ticket["reopened"],
        "reassignment_count_max": ticket["reassignment_count"],
        "sys_mod_count_max": ticket["sys_mod_count"],
        "state_path": ticket["state_path"],
        "resolved_then_left_again": sum(
            state == "Resolved" and after != "Closed" for state, after in pairwise(states)
        ),
        "made_sla_final": noted.get("made_sla"),
        "minutes_mon_fri_open_to_closed": mon_fri,
    }
    if ticket["priority"] in limits:
        answer["made_sla_by_fitted_rule"] = _kept(ticket, limits)
    return answer


def mon_fri_minutes(begun: datetime, ended: datetime) -> int:
    """Minutes of whole weekdays between two times in UTC."""
    spent, at = timedelta(), begun
    while at < ended:
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
        until = min(midnight, ended)
        if at.weekday() < SATURDAY:
            spent += until - at
        at = until
    return spent // timedelta(minutes=1)


def _tickets(product: Product) -> Sequence[Mapping[str, Any]]:
    greatest = ", ".join(
        f"max(substring(facts->'attributes'->>'{name}' FROM '^[0-9]{{1,18}}$')::bigint) AS {name}"
        for name in COUNTERS
    )
    with product.record.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        cursor.execute(
            f"SELECT t.*, h.* FROM read.tickets t LEFT JOIN (SELECT stream, {greatest}"
            " FROM read.history WHERE type = 'TicketAttributesNoted' GROUP BY stream) h"
            " ON h.stream = t.ticket WHERE t.source = %s",
            (SOURCE,),
        )
        return cursor.fetchall()


def _callers(product: Product, cases: Rows) -> Mapping[UUID, str]:
    """Whom the callers of the reference stand for. The record holds them as keyed hashes only."""
    view = product.dispatcher.view
    names = {name for row in cases if (name := row.get("caller_id"))}
    hashes = {view.outside_name(SOURCE, name): name for name in names}
    found = outside_names(product.record, SOURCE, hashes)
    return {customer: hashes[hashed] for hashed, customer in found.items() if customer}


def _first_at(states: Sequence[tuple[str, str]], wanted: Any) -> datetime | None:
    return next((datetime.fromisoformat(at) for state, at in states if wanted(state)), None)


def _noted_time(text: str | None) -> datetime | None:
    """A raw attribute may hold anything."""
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)
    except ValueError:
        return None


def _minutes(begun: datetime, ended: datetime | None) -> int | None:
    return None if ended is None else int((ended - begun).total_seconds() / 60)


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
