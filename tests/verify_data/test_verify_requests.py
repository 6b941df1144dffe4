"""Requests of a city are held against what the city itself said of them: few of its own rows.

`city/` has one row of each sort from the City of Boston's 311 Service Requests (PDDL), and the
independent answers for them. In two of each year the city had moved its target by hand.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.imports.problem import RowProblem
from infra.verify_data.promises import Kept, due_times, verdicts
from infra.verify_data.requests import Answer, local
from infra.verify_data.verify import verify

CITY = Path(__file__).with_name("city")
OF_2011, OF_2015 = "boston311_2011_few.csv", "boston311_2015_few_rawformat.csv"
MOVED_2011, MOVED_2015 = ("101000296097", "101000296356"), ("101001240782", "101001241117")
Row = dict[str, str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The rows whose target the city did not move."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, moved in ((OF_2011, MOVED_2011), (OF_2015, MOVED_2015)):
        rows = [row for row in rows_of(name) if next(iter(row.values())) not in moved]
        write(folder / name, rows)
    return folder


@pytest.fixture
def reference(tmp_path: Path, data: Path) -> Path:
    """The answers, those of targets for these rows only."""
    folder = tmp_path / "reference"
    folder.mkdir()
    for path in CITY.glob("boston20*.csv"):
        shutil.copy(path, folder)
    for name in ("boston2011_targets.csv", "boston2015few_targets.csv"):
        moved = MOVED_2011 + MOVED_2015
        rows = [row for row in rows_of(name) if row["case_enquiry_id"] not in moved]
        write(folder / name, rows)
    return folder


def rows_of(name: str) -> list[Row]:
    with (CITY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def compared(data: Path, reference: Path) -> tuple[int, list[str]]:
    told: list[str] = []
    return verify(data, reference, told.append), told


def test_due_times_and_verdicts_are_those_of_the_city(data: Path, reference: Path) -> None:
    code, told = compared(data, reference)
    assert told[0].startswith("boston311_2011_few.csv: 36 rows, 36 cases, ")
    assert told[1] == "  1 wall clock shown twice, first taken"
    assert told[2].startswith("boston311_2015_few_rawformat.csv: 36 rows, 36 cases, ")
    assert told[3:] == [
        "boston 2011 due times: 32 of 32 within 2 minutes of the city's (100.00 %, 99 % asked)",
        "  2 of a type with a rule, without a target",
        "  2 of a type without a rule, without a target",
        "boston 2011 verdicts by our due times: 17 of 17 equal (100.00 %)",
        "boston 2011 verdicts by the city's targets: 17 of 17 equal (100.00 %, 100 % asked)",
        "  6 closed cases with a target have no verdict",
        "boston 2011 targets: 32 of 32 equal",
        "boston 2011 verdicts counted: 7 of 7 equal",
        "boston 2015 due times: 32 of 32 within 2 minutes of the city's (100.00 %, 95 % asked)",
        "  2 of a type with a rule, without a target",
        "  2 of a type without a rule, without a target",
        "boston 2015 verdicts by our due times: 16 of 16 equal (100.00 %)",
        "boston 2015 verdicts by the city's targets: 16 of 16 equal (100.00 %, 100 % asked)",
        "  4 closed cases with a target have no verdict",
        "boston 2015 targets: 32 of 32 equal",
        "boston 2015 verdicts counted: 8 of 8 equal",
    ]
    assert code == 0


def test_too_few_equal_due_times_fail_and_a_moved_target_explains_a_verdict(
    data: Path, reference: Path
) -> None:
    """However files are packed, and however many there are of a year."""
    (data / OF_2015).unlink()
    moved = [row for row in rows_of(OF_2011) if row["case_enquiry_id"] in MOVED_2011]
    write(data / "more.csv", moved)
    with gzip.open(data / "boston311_2011_more.csv.gz", "wb") as file:
        file.write((data / "more.csv").read_bytes())
    for name in ("targets", "ontime_crosstab"):
        (reference / f"boston2011_{name}.csv").unlink()
    code, told = compared(data, reference)
    assert [line for line in told if line.startswith(("boston 2011", "  10"))] == [
        "boston 2011 due times: 32 of 34 within 2 minutes of the city's (94.12 %, 99 % asked)",
        "boston 2011 verdicts by our due times: 18 of 19 equal (94.74 %)",
        "  101000296356 Missing Sign: due 2011-07-18T10:59:04, the city says 2011-07-06T10:59:04"
        " and OVERDUE; closed 2011-07-13T10:40:33",
        "boston 2011 verdicts by the city's targets: 19 of 19 equal (100.00 %, 100 % asked)",
    ]
    assert (
        "  1 closed between our due time and the city's; 1 of them with a target that is not"
        " within 2 minutes of what its rule says"
    ) in told
    assert "boston2015few_sla_policies: not compared, boston311_2015*rawformat* is not" in told[-1]
    assert code == 1


MAY = datetime(2011, 5, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "target", "done", "ours", "theirs", "faults"),
    [
        (4, 4, 4, "ONTIME", "ONTIME", 0),
        (4, 4, 5, "OVERDUE", "OVERDUE", 0),
        (4, 6, 5, "OVERDUE", "ONTIME", 0),
        (6, 4, 5, "ONTIME", "OVERDUE", 0),
        (4, 4, 3, "ONTIME", "OVERDUE", 1),
        (4, 6, 3, "ONTIME", "OVERDUE", 1),
        (4, 4, 5, "ONTIME", "OVERDUE", 1),
        (4, 4, 3, "OVERDUE", "OVERDUE", 1),
    ],
)
def test_only_a_closing_between_two_due_times_explains_two_verdicts(
    due: int, target: int, done: int, ours: str, theirs: str, faults: int
) -> None:
    kept = {"7": Kept(MAY, MAY + due * HOUR, MAY + done * HOUR, ours)}
    told = Answer("7", "Pothole", closed=True, target=MAY + target * HOUR, verdict=theirs)
    by_rule, by_target = verdicts("city", [told], kept, {"Pothole"})
    assert (by_rule.equal, by_rule.cases, len(by_rule.faults)) == (ours == theirs, 1, faults)
    assert by_rule.failed is bool(faults)
    assert by_target.failed is ((done <= target) != (theirs == "ONTIME"))


def test_a_case_without_a_promise_of_ours_is_no_equal() -> None:
    """Where there is nothing to compare nothing is equal either."""
    told = Answer("7", "Pothole", closed=True, target=MAY, verdict="ONTIME")
    due = due_times("city", 99, [told], {}, {"Pothole"})
    assert (due.equal, due.cases, due.failed) == (0, 1, True)
    by_rule, by_target = verdicts("city", [told], {}, {"Pothole"})
    assert by_rule.failed and by_target.failed
    assert due_times("city", 99, [told], {}, set()).failed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda text: text.replace(",calendar,", ",lunar,", 1),
            "boston2011_sla_policies.csv has no such rule: {'type': 'New Sign  Crosswalk",
        ),
        (
            lambda text: text.replace(",45", ",0", 1),
            "boston2011_sla_policies.csv has no such rule: {'type': 'New Sign  Crosswalk",
        ),
        (
            lambda text: text.replace("mode", "way", 1),
            "boston2011_sla_policies.csv lacks the column mode",
        ),
    ],
)
def test_rules_that_are_none_are_named(
    data: Path, reference: Path, change: Callable[[str], str], says: str
) -> None:
    path = reference / "boston2011_sla_policies.csv"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    (data / OF_2015).unlink()
    code, told = compared(data, reference)
    assert told[0].startswith(f"boston 2011: nothing was compared, {says}")
    assert code == 1


def test_rules_that_cannot_be_published_are_told(data: Path, reference: Path) -> None:
    """A policy has no more than 500 rows."""
    rules = [{"type": f"type {n}", "mode": "calendar", "days": "3"} for n in range(501)]
    write(reference / "boston2011_sla_policies.csv", rules)
    (data / OF_2015).unlink()
    code, told = compared(data, reference)
    assert told[0].startswith("boston 2011: nothing was compared, ")
    assert code == 1


@pytest.mark.parametrize(
    ("text", "at", "oddity"),
    [
        ("01/02/2015 12:00:09 AM", "2015-01-02T05:00:09+00:00", None),
        ("01/02/2015 12:00:09 PM", "2015-01-02T17:00:09+00:00", None),
        ("2011-07-01T01:32:33", "2011-07-01T05:32:33+00:00", None),
        (
            "11/06/2011 01:30:00 AM",
            "2011-11-06T05:30:00+00:00",
            "wall clock shown twice, first taken",
        ),
        (
            "2015-03-08T02:30:00",
            "2015-03-08T07:00:00+00:00",
            "wall clock skipped, end of the gap taken",
        ),
    ],
)
def test_a_wall_clock_is_an_instant(text: str, at: str, oddity: str | None) -> None:
    moment = local("open_dt", text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.oddity) == (at, oddity)


@pytest.mark.parametrize("text", ["", "NULL"])
def test_what_is_missing_is_no_time(text: str) -> None:
    assert local("target_dt", text) is None


@pytest.mark.parametrize(
    "text", ["01/02/2015 13:00:00 PM", "01/02/2015 00:00:00 AM", "13/01/2015 01:00:00 AM", "soon"]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RowProblem):
        local("closed_dt", text)
