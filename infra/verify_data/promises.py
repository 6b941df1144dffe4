"""What the timers of a city's requests say, against what the city said: due times and verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from infra.product import Product
from infra.verify_data.comparison import SHOWN
from infra.verify_data.requests import SOURCE, ZONE, Answer

NEAR = timedelta(minutes=2)
IN_TIME, LATE = "ONTIME", "OVERDUE"
METRIC = "resolution"


class Kept(NamedTuple):
    """A case's promise as `sla_timers` has it, in UTC."""

    began_at: datetime
    due_at: datetime
    done_at: datetime | None
    verdict: str | None


Promises = Mapping[str, Kept]


@dataclass
class Share:
    """How many of some cases agree. `least` is the per cent asked for; None: told, not judged.

    `faults`: why it fails whatever its share."""

    name: str
    what: str
    least: int | None
    equal: int = 0
    cases: int = 0
    remarks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Compared with nothing is never a success."""
        short = self.least is not None and 100 * self.equal < self.least * self.cases
        return bool(short or self.faults or not self.cases)

    def lines(self) -> Iterator[str]:
        asked = "" if self.least is None else f", {self.least} % asked"
        share = f" ({100 * self.equal / self.cases:.2f} %{asked})" if self.cases else ""
        yield f"{self.name}: {self.equal:,} of {self.cases:,} {self.what}{share}"
        for line in (*self.remarks, *self.faults):
            yield f"  {line}"


def kept_promises(product: Product) -> Promises:
    """By the number of the case."""
    with product.record.connection() as connection:
        rows = connection.execute(
            "SELECT t.number, s.started_at, s.due_at, s.fulfilled_at, s.state"
            " FROM read.sla_timers s JOIN read.tickets t ON t.ticket = s.stream"
            " WHERE t.source = %s AND s.metric = %s",
            (SOURCE, METRIC),
        )
        verdicts = {"fulfilled": IN_TIME, "breached": LATE}
        return {
            number: Kept(began, due, done, verdicts.get(state) if done else None)
            for number, began, due, done, state in rows
        }


def due_times(
    name: str, least: int, answers: Sequence[Answer], kept: Promises, types: Collection[str]
) -> Share:
    """Over the cases with a target whose type has a rule; one without a promise of ours is no
    equal."""
    found = Share(f"{name} due times", "within 2 minutes of the city's", least)
    apart: Counter[str] = Counter()
    for answer in answers:
        if answer.oddity is not None:
            apart[f"targets: {answer.oddity}"] += 1
        ruled, told = answer.type in types, answer.target is not None
        if not ruled or not told:
            says = f"of a type {'with' if ruled else 'without'} a rule"
            apart[f"{says}, {'with' if told else 'without'} a target"] += 1
        if ruled and answer.target is not None:
            found.cases += 1
            ours = kept.get(answer.number)
            found.equal += ours is not None and abs(ours.due_at - answer.target) <= NEAR
    found.remarks += [f"{cases:,} {what}" for what, cases in sorted(apart.items())]
    return found


def verdicts(
    name: str, answers: Sequence[Answer], kept: Promises, types: Collection[str]
) -> Iterator[Share]:
    """Over the closed cases with a target whose type has a rule.

    By our due time: where that is not the city's, a case closed between the two is in time by one
    of them and late by the other; any other difference is a fault. By the city's own target: our
    closing time against it.
    """
    by_rule = Share(f"{name} verdicts by our due times", "equal", None)
    by_target = Share(f"{name} verdicts by the city's targets", "equal", 100)
    between: list[tuple[Answer, Kept]] = []
    silent = 0
    for answer in answers:
        if answer.target is None or not answer.closed or answer.type not in types:
            continue
        if not answer.verdict:
            silent += 1
            continue
        by_rule.cases += 1
        by_target.cases += 1
        ours = kept.get(answer.number)
        if ours is None or ours.done_at is None:
            by_rule.faults.append(f"{answer.number}: closed, and no promise of ours was")
            continue
        by_target.equal += answer.verdict == (IN_TIME if ours.done_at <= answer.target else LATE)
        in_time = ours.done_at <= ours.due_at
        by_rule.equal += ours.verdict == answer.verdict
        if ours.verdict != (IN_TIME if in_time else LATE):
            by_rule.faults.append(f"{_line(answer, ours)}, and the timer says {ours.verdict}")
        elif ours.verdict != answer.verdict:
            if in_time is (ours.done_at <= answer.target):
                by_rule.faults.append(_line(answer, ours))
            else:
                between.append((answer, ours))
    if silent:
        by_target.remarks.append(f"{silent:,} closed cases with a target have no verdict")
    if between:
        far = sum(abs(ours.due_at - (a.target or ours.due_at)) > NEAR for a, ours in between)
        by_rule.remarks.append(
            f"{len(between):,} closed between our due time and the city's; {far:,} of them with a"
            " target that is not within 2 minutes of what its rule says"
        )
        by_rule.remarks += [_line(answer, ours) for answer, ours in between[:SHOWN]]
    by_rule.faults = [*by_rule.faults[:SHOWN]]
    yield by_rule
    yield by_target


def crosstab(answers: Iterable[Answer], kept: Promises) -> Counter[tuple[str, str, str]]:
    """Cases by what our closing time and the city's target come to, its verdict and its state."""
    found: Counter[tuple[str, str, str]] = Counter()
    for answer in answers:
        ours = kept.get(answer.number)
        if answer.target is None:
            by_target = "no target"
        elif ours is None or ours.done_at is None:
            by_target = "still open"
        else:
            by_target = IN_TIME if ours.done_at <= answer.target else LATE
        found[by_target, answer.verdict, answer.state] += 1
    return found


def _line(answer: Answer, ours: Kept) -> str:
    return (
        f"{answer.number} {answer.type}: due {wall(ours.due_at)}, the city says"
        f" {wall(answer.target)} and {answer.verdict}; closed {wall(ours.done_at)}"
    )


def wall(at: datetime | None) -> str:
    """As the city's clocks show it."""
    return "" if at is None else at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S")
