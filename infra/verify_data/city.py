"""The promises of a city: its rules as a policy, its requests as tickets, and what came of both.

Days and modes of the rules are its reference's (`boston*_sla_policies`): configuration, as the days
off are. Due times and verdicts are those of the product's own timers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from commands.calendar.draft_calendar import DayOffFields, DraftCalendar
from infra.verify_data.comparison import unanswerable
from infra.verify_data.publishing import PublishedOn
from infra.verify_data.reference import ENDINGS, Reference
from infra.verify_data.requests import ISO_LAYOUT, MARKET, RAW_LAYOUT, ZONE

POLICY = CALENDAR = "boston"
OPEN, CLOSED = ("08:30-17:00",), ()
MODES: Mapping[str, Mapping[str, Any]] = {
    "calendar": {},
    "business-2011": {"mode": "same_clock"},
    "business-2015": {"mode": "same_time", "from": "opening"},
}
"""What the days of a mode are besides their number."""
_NO_ID = re.compile(r"[^a-z0-9]+")
MOST_DAYS = 10_000


class Year(NamedTuple):
    """A year of requests: patterns of its files and of the reference's rules, targets and counts of
    verdicts, its days off, if any are kept, and since when its rules hold. `least`: the share of
    due times, in per cent."""

    name: str
    files: str
    rules: str
    holidays: str | None
    targets: str
    crosstab: str
    layout: Sequence[str]
    since: date
    least: int

    @property
    def covers(self) -> tuple[str, ...]:
        """The reference files that are used."""
        return (
            self.rules,
            self.targets,
            self.crosstab,
            *([self.holidays] if self.holidays else []),
        )


YEARS = (
    Year(
        name="2011",
        files="boston311_2011*",
        rules="boston2011_sla_policies",
        holidays=None,
        targets="boston2011_targets",
        crosstab="boston2011_ontime_crosstab",
        layout=ISO_LAYOUT,
        since=date(2001, 1, 1),
        least=99,
    ),
    Year(
        name="2015",
        files="boston311_2015*rawformat*",
        rules="boston2015*_sla_policies",
        holidays="boston2015_holidays",
        targets="boston2015*_targets",
        crosstab="boston2015*_ontime_crosstab",
        layout=RAW_LAYOUT,
        since=date(2013, 1, 1),
        least=95,
    ),
)


@dataclass(frozen=True)
class Rules:
    """Targets by type of request, as rows of a policy have them. `problem`: why there are none."""

    targets: Mapping[str, Mapping[str, Any]]
    holidays: Sequence[date]
    remarks: Sequence[str]
    problem: str | None = None


def files_of(year: Year, data: Path) -> list[Path]:
    """Its files; of one that is there twice, plain and compressed, the compressed one."""
    found = {
        path.name.removesuffix(ending): path
        for ending in ENDINGS
        for path in data.glob(f"{year.files}{ending}")
    }
    return [found[name] for name in sorted(found)]


def rules_of(year: Year, reference: Reference) -> Rules | None:
    """None: the reference has no rules of this year."""
    names = reference.like(year.rules)
    if not names:
        return None
    targets: dict[str, Mapping[str, Any]] = {}
    weight: dict[str, int] = {}
    remarks: list[str] = []
    for name in names:
        answers = reference.answers(name)
        assert answers is not None, "it is one of its names"
        if (fault := unanswerable(answers, ("type", "mode", "days"))) is not None:
            return Rules({}, (), (), fault)
        for row in answers.rows:
            type_, target = row["type"], _target(row["mode"], row["days"])
            if target is None or not type_:
                return Rules({}, (), (), f"{answers.file} has no such rule: {dict(row)}")
            cases = int(row["cases_with_target"]) if _counts(row) else 0
            if type_ in targets and targets[type_] != target:
                remarks.append(f"{type_}: two rules are given, that of more cases is taken")
            if type_ not in targets or cases > weight[type_]:
                targets[type_], weight[type_] = target, cases
    try:
        return Rules(targets, _days_off(year, reference), remarks)
    except ValueError as fault:
        return Rules({}, (), (), f"{year.holidays}: {fault}")


def publish(year: Year, rules: Rules, since: PublishedOn) -> None:
    """The hours of the city and a row of its policy for every type of request."""
    source = f"the city, {year.name}"
    since.calendar(
        MARKET,
        DraftCalendar(
            calendar_id=CALENDAR,
            says=f"Working hours of {source}",
            zone=ZONE.key,
            weekly=(*([OPEN] * 5), CLOSED, CLOSED),
            holidays=tuple(
                DayOffFields(day=day, name="holiday", source=source) for day in rules.holidays
            ),
            years=tuple(sorted({day.year for day in rules.holidays})),
        ),
    )
    since.policy(POLICY, f"When requests of {source}, are done", list(_rows(rules)))


def _rows(rules: Rules) -> Iterator[dict[str, Any]]:
    for number, (type_, target) in enumerate(sorted(rules.targets.items()), 1):
        yield {
            "id": f"{number:03d}-{_NO_ID.sub('-', type_.lower()).strip('-')[:60]}",
            "clause": "boston311",
            "says": type_,
            "zh": type_,
            "metric": "resolution",
            "trigger": "InquiryReceived",
            "fulfilled_by": ["TicketResolved", "TicketClosed"],
            "when": {"category": [type_]},
            "target": target,
            "pause_on": [],
        }


def _target(mode: str, days: str) -> Mapping[str, Any] | None:
    if mode not in MODES or not days.isdecimal() or not 0 < int(days) < MOST_DAYS:
        return None
    unit = "calendar_days" if mode == "calendar" else "working_days"
    return {unit: int(days), **MODES[mode]}


def _counts(row: Mapping[str, str]) -> bool:
    return row.get("cases_with_target", "").isdecimal()


def _days_off(year: Year, reference: Reference) -> list[date]:
    """ValueError if they cannot be read; none where none are kept."""
    if year.holidays is None:
        return []
    answers = reference.answers(year.holidays)
    if answers is None:
        raise ValueError("it is not in the reference")
    if (fault := unanswerable(answers, ("date",))) is not None:
        raise ValueError(fault)
    return sorted({date.fromisoformat(row["date"]) for row in answers.rows})
