"""The projections of the shipped samples agree with answers computed elsewhere.

`reference/` holds the independent answers for exactly the customers and cases of the samples
(quartiles ranked anew among them); totals are counted here from the rows alone.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.verify_data.comparison import compare
from infra.verify_data.incidents import mon_fri_minutes
from infra.verify_data.reference import Answers
from infra.verify_data.retail import ntile
from infra.verify_data.verify import verify
from tests.imports.counting import write_answers
from tests.imports.office import ROOT, rows_of

ANSWERS = Path(__file__).with_name("reference")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    folder = tmp_path / "reference"
    shutil.copytree(ANSWERS, folder)
    write_answers(folder, rows_of("retail"), rows_of("incidents"), rows_of("complaints"))
    return folder


def test_every_comparison_is_equal(reference: Path) -> None:
    told: list[str] = []
    assert verify(ROOT / "demo", reference, told.append) == 0
    lines = [line for line in told if line.endswith(" equal")]
    assert [line.split(":")[0] for line in lines] == [
        "retail as-of",
        "retail by country",
        "retail by month",
        "incident cases",
        "incident reopens",
        "complaints by company top200",
        "complaints by month",
        "complaints by product",
        "complaints by product issue",
        "complaints import counts",
        "conversations first response",
    ]
    assert "incident cases: 1,474 of 1,474 equal" in lines


def test_one_wrong_answer_ends_with_exit_code_one_and_is_shown(
    reference: Path, tmp_path: Path
) -> None:
    answers = reference / "conversation_first_response.csv"
    header, first, *rest = answers.read_text().splitlines()
    values = first.split(",")
    values[1] = "999"
    answers.write_text("\n".join([header, ",".join(values), *rest]) + "\n")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(ROOT / "demo" / "helpdesk_conversations.csv.gz", data)
    told: list[str] = []
    assert verify(data, reference, told.append) == 1
    (line,) = (n for n, line in enumerate(told) if "130 of 131" in line)
    assert f"  {values[0]}: comments is" in told[line + 1]


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    told: list[str] = []
    assert verify(tmp_path, tmp_path, told.append) == 1
    assert told[-1].startswith("nothing to compare")


def test_a_row_we_lack_differs() -> None:
    theirs = Answers("cases.csv", ["number", "events"], [{"number": "1", "events": "4"}])
    result = compare("cases", theirs, ("number",), lambda _: None)
    assert (result.rows, result.differing) == (1, 1)


def test_the_first_parts_of_an_ntile_take_what_is_over() -> None:
    assert list(ntile(6, 4)) == [1, 1, 2, 2, 3, 4]


def test_a_weekend_does_not_count() -> None:
    friday, monday = datetime(2016, 3, 4, 12, tzinfo=UTC), datetime(2016, 3, 7, 12, tzinfo=UTC)
    assert mon_fri_minutes(friday, monday) == 24 * 60
