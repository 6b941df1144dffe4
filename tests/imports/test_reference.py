"""The projections of the shipped samples agree with answers computed elsewhere.

`reference/` holds the independent answers for exactly the customers and cases of the samples
(quartiles ranked anew among them); totals are counted here from the rows alone.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from infra.verify_data.__main__ import main
from infra.verify_data.comparison import compare, same
from infra.verify_data.incidents import mon_fri_minutes
from infra.verify_data.reference import Answers
from infra.verify_data.retail_as_of import ntile
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
        "retail cancellations",
        "retail import counts",
        "incident cases",
        "incident reopens",
        "incident events by state",
        "incident import counts",
        "complaints by company top200",
        "complaints by month",
        "complaints by product",
        "complaints by product issue",
        "complaints import counts",
        "conversations first response",
    ]
    assert "incident cases: 1,474 of 1,474 equal" in lines


@pytest.fixture
def complaints(tmp_path: Path) -> Path:
    """A data folder with one small file; its answers are in `answered`."""
    data, answered = tmp_path / "data", tmp_path / "answered"
    shutil.copytree(ANSWERS, answered)
    data.mkdir()
    rows = rows_of("complaints")[::15]
    with (data / "cfpb_complaints.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    write_answers(answered, rows_of("retail")[:9], rows_of("incidents")[:9], rows)
    return data


def test_what_differs_and_what_cannot_be_compared_is_told_a_line_each(complaints: Path) -> None:
    reference = complaints.with_name("answered")

    def change(name: str, change_text: Callable[[str], str]) -> None:
        path = reference / f"cfpb_{name}.csv"
        path.write_text(change_text(path.read_text("utf-8")), "utf-8")

    header, first, *more = (reference / "cfpb_by_month.csv").read_text().splitlines()
    month, count, *rest = first.split(",")
    wrong = ",".join([month, "99999", *rest])
    change("by_month", lambda _: "\n".join([header, wrong, *more]) + "\n")
    change("by_product", lambda text: text.replace("product", "ware", 1))
    change("by_product_issue", lambda text: text.splitlines()[0] + "\n")
    change("by_company_top200", lambda text: f"{text.splitlines()[0]}\none,two\n")
    change("import_counts", lambda text: f"{text}weight,17\n")
    (reference / "zoo.csv").write_text("animal\n")
    (complaints / "incident_event_log.csv").write_bytes(b"name,age\n")
    (complaints / "helpdesk_conversations.csv").mkdir()
    told: list[str] = []
    assert verify(complaints, reference, told.append) == 1
    assert told[0].startswith("incident_event_log.csv: not imported, The file incident_event_log")
    assert told[1].startswith("cfpb_complaints.csv: 100 rows, 100 cases")
    assert told[2].startswith("helpdesk_conversations.csv: not imported, The file ")
    assert told[3:] == [
        "complaints by company top200: nothing was compared, cfpb_by_company_top200.csv cannot be"
        " read: line 2 has 2 columns instead of 12",
        f"complaints by month: {len(more)} of {len(more) + 1} equal",
        f"  {month}: complaints is {count}, the reference says 99999",
        "complaints by product: nothing was compared, cfpb_by_product.csv lacks the column product",
        "complaints by product issue: nothing was compared, cfpb_by_product_issue.csv has no rows",
        "complaints import counts: 6 of 6 equal",
        "  measures not compared, not answered here: weight",
        "retail_customer_asof, retail_by_country, retail_by_month, retail_cancellations,"
        " retail_import_counts: not compared, online_retail_lines is not in the data",
        "not covered here: zoo.csv",
    ]


def test_a_few_rows_of_a_reference_are_compared_however_it_is_packed(
    complaints: Path, tmp_path: Path
) -> None:
    """Rows in another order, compressed, numbers and truth written otherwise, columns left out."""
    few = tmp_path / "few"
    few.mkdir()
    header, *rows = (
        (complaints.with_name("answered") / "cfpb_by_product.csv").read_text("utf-8").splitlines()
    )
    table = list(csv.DictReader([header, *reversed(rows[:3])]))
    with gzip.open(few / "cfpb_by_product.csv.gz", "wt", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["complaints", "colour", "product"], extrasaction="ignore")
        writer.writeheader()
        for row in table:
            writer.writerow({**row, "complaints": f"{row['complaints']}.0", "colour": "red"})
    told: list[str] = []
    assert verify(complaints, few, told.append) == 0
    assert told[1:3] == [
        "complaints by product: 3 of 3 equal",
        "  columns not compared, not answered here: colour",
    ]
    assert told[3].startswith("  columns missing in cfpb_by_product.csv.gz: consent_provided,")


def test_nothing_to_compare_is_no_success(complaints: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for data, answers in ((empty, empty), (complaints, empty), (empty, ANSWERS)):
        told: list[str] = []
        assert verify(data, answers, told.append) == 1
        assert told[-1].startswith("nothing to compare")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name two folders: make verify-data DATA=DIR REFERENCE=DIR"),
        (["", "demo"], "name two folders: make verify-data DATA=DIR REFERENCE=DIR"),
        (["demo", "nowhere"], "nowhere is no folder"),
        (["README.md", "demo"], "README.md is no folder"),
    ],
)
def test_a_wrong_folder_is_a_line_and_exit_code_one(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err == f"{says}\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        (Decimal("2.50"), "2.5", True),
        (7, "7.0", True),
        (7, "", False),
        (7, "seven", False),
        (None, "", True),
        (None, "0", False),
        (True, "True", True),
        (False, "true", False),
        ("07", "7", False),
    ],
)
def test_numbers_are_compared_by_value_and_the_rest_to_the_letter(
    ours: object, theirs: str, equal: bool
) -> None:
    assert same(ours, theirs) is equal


def test_a_row_we_lack_differs() -> None:
    theirs = Answers("cases.csv", ["number", "events"], [{"number": "1", "events": "4"}])
    result = compare("cases", theirs, ("number",), lambda _: None)
    assert (result.rows, result.differing) == (1, 1)


def test_the_first_parts_of_an_ntile_take_what_is_over() -> None:
    assert list(ntile(6, 4)) == [1, 1, 2, 2, 3, 4]


def test_a_weekend_does_not_count() -> None:
    friday, monday = datetime(2016, 3, 4, 12, tzinfo=UTC), datetime(2016, 3, 7, 12, tzinfo=UTC)
    assert mon_fri_minutes(friday, monday) == 24 * 60
