"""Files as they come: other line ends, stray quotes, endless lines. Read without a database."""

from __future__ import annotations

import gzip
import os
import resource
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from domain.refusal import Refused
from infra.imports import problem
from infra.imports.reading import BadRow, Row, Table

COLUMNS = ("a", "b", "c")
HEADER = b"a,b,c\n"


def read(
    folder: Path, content: bytes, columns: Sequence[str] = COLUMNS
) -> list[tuple[int, object]]:
    """Line and fields of each good row, line and code of each bad one."""
    path = folder / "file.csv"
    path.write_bytes(content)
    with closing(Table(path, columns)) as table:
        pick = table.pick(columns)
        return [
            (row.line, pick(row.fields) if isinstance(row, Row) else row.problem.code)
            for row in table.rows()
        ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "cr lf", "cr"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "not ended"])
def test_lines_end_as_they_do_anywhere(tmp_path: Path, end: bytes, last: bool) -> None:
    lines = [b"a,b,c", b"1,2,3", b'4,"5, ""five""",6', b"", b"7,8"]
    content = end.join(lines) + (end if last else b"")
    assert read(tmp_path, content) == [
        (2, ("1", "2", "3")),
        (3, ("4", '5, "five"', "6")),
        (5, "wrong_column_count"),
    ]


def test_a_quoted_field_may_span_lines(tmp_path: Path) -> None:
    content = HEADER + b'1,"two\nlines, and\r\n\nmore",3\n4,5,6\n'
    assert read(tmp_path, content) == [
        (2, ("1", "two\nlines, and\r\n\nmore", "3")),
        (6, ("4", "5", "6")),
    ]


@pytest.mark.parametrize(
    "stray",
    [b'x,"y,z', b'x,y"y,z', b'"x,y,z', b'x,y,z"', b'x,"y"y,z', b'x,y,"'],
)
def test_two_stray_quotes_do_not_swallow_the_rows_between(tmp_path: Path, stray: bytes) -> None:
    content = HEADER + b"\n".join([stray, b"1,2,3", b"4,5,6", stray, b"7,8,9"]) + b"\n"
    found = read(tmp_path, content)
    assert [line for line, _ in found] == [2, 3, 4, 5, 6]
    assert [found[n][1] for n in (1, 2, 4)] == [("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]


def test_a_quote_within_a_field_is_a_character_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + b'1,19" rack,3\n') == [(2, ("1", '19" rack', "3"))]


def test_a_row_of_several_lines_that_is_malformed_is_one_bad_row(tmp_path: Path) -> None:
    content = HEADER + b'1,"two\nlines and\nmore"\n4,5,6\n'
    assert read(tmp_path, content) == [(2, "wrong_column_count"), (5, ("4", "5", "6"))]


def test_a_carriage_return_outside_quotes_is_no_text(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + b"1,2\r2,3\n4,5,6\n") == [
        (2, "bad_quoting"),
        (3, ("4", "5", "6")),
    ]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_an_endless_line_costs_itself_and_little_memory(
    tmp_path: Path, compressed: bool, end: bytes
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = tmp_path / "file.csv"
    # Of one letter alone it would be given up as a file made of nothing (test_hostile_files).
    letters = os.urandom(500_000).hex().encode() if compressed else b"x" * 1_000_000
    with gzip.open(path, "wb", 1) if compressed else path.open("wb") as file:
        file.write(b"a,b,c" + end + b"1,2,3" + end)
        for _ in range(80 if compressed else 200):
            file.write(letters)
        file.write(end + b"4,5,6" + end)
    with closing(Table(path, COLUMNS)) as table:
        rows = list(table.rows())
    assert [row.line for row in rows] == [2, 3, 4]
    assert isinstance(rows[1], BadRow) and rows[1].problem.code == "row_too_long"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, "kilobytes"


def test_columns_are_found_by_name_whatever_stands_between(tmp_path: Path) -> None:
    assert read(tmp_path, b"c,more,a,b\n3,x,1,2\n") == [(2, ("1", "2", "3"))]


def test_a_column_a_file_need_not_have_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(HEADER + b"1,2,3\n")
    with closing(Table(path, COLUMNS)) as table:
        (row,) = table.rows()
        assert isinstance(row, Row)
        assert table.pick(("c", "d"))(row.fields) == ("3", "")


def test_a_header_alone_holds_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", problem.ImportFileEmpty),
        (b"\n\n", problem.ImportFileEmpty),
        (b"\xef\xbb\xbf", problem.ImportColumnsMissing),
        (b"a,B,c\n1,2,3\n", problem.ImportColumnsMissing),
        (b"a;b;c\n1;2;3\n", problem.ImportColumnsMissing),
        (b"a\tb\tc\n1\t2\t3\n", problem.ImportColumnsMissing),
        (b"a,b,c,b\n1,2,3,4\n", problem.ImportColumnsRepeated),
        (b"a,b,c,\xe9\n", problem.ImportFileNotText),
        (HEADER.decode().encode("utf-16"), problem.ImportFileNotText),
        (HEADER.decode().encode("utf-16-be"), problem.ImportFileNotText),
        (b"\0" * 5_000_000, problem.ImportFileNotText),
        (gzip.compress(HEADER * 9_000, mtime=0)[:-9], problem.ImportFileDamaged),
        (gzip.compress(HEADER, mtime=0) + b"rubbish", problem.ImportFileDamaged),
        (gzip.compress(HEADER, mtime=0)[:5], problem.ImportFileDamaged),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes, expected: type[Refused]
) -> None:
    with pytest.raises(expected):
        read(tmp_path, content)


@pytest.mark.parametrize("name", ["rows.csv", "xl/worksheets/sheet1.xml"])
def test_an_archive_or_a_workbook_is_no_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, HEADER * 100)
    with pytest.raises(problem.ImportFileNotText):
        Table(path, COLUMNS)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(problem.ImportFileUnreadable):
        Table(tmp_path / "pipe.csv", COLUMNS)
    with pytest.raises(problem.ImportFileMissing):
        Table(tmp_path / "pipe.csv" / "rows.csv", COLUMNS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_one_may_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(HEADER)
    path.chmod(0)
    with pytest.raises(problem.ImportFileUnreadable):
        Table(path, COLUMNS)


@pytest.mark.parametrize("change", [b"", b"7,8,9\n"])
def test_a_file_that_changes_while_it_is_read_is_given_up(tmp_path: Path, change: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(HEADER + b"1,2,3\n" * 100_000)
    with closing(Table(path, COLUMNS)) as table:
        rows = table.rows()
        next(rows)
        if change:
            with path.open("ab") as file:
                file.write(change)
        else:
            os.truncate(path, 300_000)
        with pytest.raises(problem.ImportFileChanged):
            list(rows)


def test_the_digest_does_not_lose_the_place(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"1,2,3\n" * 50_000))
    with closing(Table(path, COLUMNS)) as table:
        assert len(table.sha256()) == 64
        assert sum(isinstance(row, Row) for row in table.rows()) == 50_000
