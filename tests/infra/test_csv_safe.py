"""CSV that a spreadsheet does not run, and that is read back to what it was."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.csv_safe import Rows, inert, original, rows_of
from infra.imports.rejects import RowList

ROOT = Path(__file__).parents[2]
ACTIVE = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u200b=1",
    "\u202e=1",
    "\ufeff=1",
    "\u00a0=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "%0A=1",
    "|calc",
    "'=1",
    '=HYPERLINK("http://x","y")',
    '=1,"\n=2',
)
PLAIN = ("", "Ann", "O'Neil", "a=1", "1-2", "ann@example.org", "\u4e2d=", 'say "x"', " ")


def cell_in_a_spreadsheet(text: str) -> str:
    """What a spreadsheet has once it took quotes off, blanks and what nobody sees."""
    (cell,) = next(csv.reader(io.StringIO(text, newline="")))
    return cell.strip().lstrip("\u200b\u202e\ufeff\u00a0")


def written(*cells: str) -> str:
    file = io.StringIO(newline="")
    Rows(file).write(cells)
    return file.getvalue()


@pytest.mark.case("AC-21")
@pytest.mark.parametrize("cell", ACTIVE)
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    shown = cell_in_a_spreadsheet(written(cell))
    assert shown.startswith("'")
    assert original(inert(cell)) == cell


@pytest.mark.case("AC-21")
@pytest.mark.parametrize("cell", PLAIN)
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert inert(cell) == cell == original(cell)


@pytest.mark.case("AC-21")
@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1)))
def test_everything_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    writing = Rows(file)
    for row in rows:
        writing.write(row)
    file.seek(0)
    assert [row or [""] for row in rows_of(file)] == rows


@pytest.mark.case("AC-21")
def test_the_list_of_rejected_rows_is_written_so(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    rejected = RowList(path, "=cmd|'x'!A0.csv")
    rejected.add(7, "bad_number", "@SUM is no number", ["a", "b"])
    rejected.close()
    text = path.read_text("utf-8")
    assert "\n'=cmd" in text and ",'@SUM" in text
    with path.open(encoding="utf-8", newline="") as file:
        assert list(rows_of(file))[1] == ["=cmd|'x'!A0.csv", "7", "bad_number", "@SUM is no number"]


@pytest.mark.case("AC-21")
def test_nothing_else_writes_csv() -> None:
    writers = []
    for path in sorted((ROOT / "infra").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter"):
                value = node.value
                if isinstance(value, ast.Name) and value.id == "csv":
                    writers.append(path.relative_to(ROOT).as_posix())
    assert set(writers) == {"infra/csv_safe.py"}
