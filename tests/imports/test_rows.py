"""Malformed files and rows: each named, the rest goes in."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from domain.refusal import Refused
from infra.imports import problem
from infra.imports.retail import COLUMNS
from infra.imports.run import import_file
from tests.imports.office import Office
from tests.imports.test_retail import LINE

HEADER = ",".join(COLUMNS).encode() + b"\n"
GOOD = b"1,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50\n"


def imported(office: Office, body: bytes) -> list[tuple[int, str]]:
    path = office.folder / "rows.csv"
    path.write_bytes(HEADER + body + GOOD)
    report = import_file(office.product, "retail", path)
    assert report.recorded == 1, "the rest goes in"
    assert report.rows == body.count(b"\n") + 1
    return office.rejects(report)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1\n", "wrong_column_count"),
        (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50,x\n", "wrong_column_count"),
        (b"2,1,sale,yesterday,17,France,A,1,2.50\n", "bad_date"),
        (b"2,1,sale,2010-02-30T10:00:00,17,France,A,1,2.50\n", "bad_date"),
        (b"2,1,sale,2990-01-01T10:00:00,17,France,A,1,2.50\n", "future_date"),
        (b"2,1,sale,2010-01-01T10:00:00,17,France,A,many,2.50\n", "bad_number"),
        (b"2,1,sale,2010-01-01T10:00:00,17,France,A,99999999999,2.50\n", "bad_number"),
        (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,NaN\n", "bad_number"),
        (b"2,one,sale,2010-01-01T10:00:00,17,France,A,1,2.50\n", "bad_number"),
        (b"2,1,gift,2010-01-01T10:00:00,17,France,A,1,2.50\n", "unknown_value"),
        (b",1,sale,2010-01-01T10:00:00,17,France,A,1,2.50\n", "missing_value"),
        (b"2,1,sale,2010-01-01T10:00:00,17,Fran\xe7a,A,1,2.50\n", "bad_encoding"),
        (b"2,1,sale,2010-01-01T10:00:00,17,Fr\0nce,A,1,2.50\n", "nul_character"),
        (b'2,1,sale,2010-01-01T10:00:00,17,"France,A,1,2.50\n', "bad_quoting"),
    ],
)
def test_a_malformed_row_costs_itself_only(office: Office, row: bytes, code: str) -> None:
    assert imported(office, row) == [(2, code)]


def test_a_row_that_comes_twice_is_recorded_once(office: Office) -> None:
    report = office.take("retail", [LINE, LINE])
    assert office.rejects(report) == [(3, "repeated_row")]
    assert report.recorded == 1


def test_the_reject_file_names_file_line_and_reason(office: Office) -> None:
    report = office.take("retail", [LINE | {"quantity": "x"}])
    assert report.reject_file is not None
    header, row = report.reject_file.read_text().splitlines()
    assert header == "file,line,code,reason,row"
    assert row.startswith("rows.csv,2,bad_number,quantity is no whole number: 'x',")
    assert report.reject_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", problem.ImportFileEmpty),
        (b"name,age\n", problem.ImportColumnsMissing),
        (HEADER.decode().encode("utf-16"), problem.ImportFileNotText),
        (gzip.compress(HEADER + GOOD * 2_000)[:-9], problem.ImportFileDamaged),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    office: Office, content: bytes, expected: type[Refused]
) -> None:
    path = office.folder / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(expected):
        import_file(office.product, "retail", path)
    assert office.events() == []
    with office.product.record.connection() as connection:
        assert connection.execute("SELECT count(*) FROM ref.import_run").fetchone() == (0,)


def test_what_is_no_file_at_all_is_named(office: Office, tmp_path: Path) -> None:
    plain = tmp_path / "rows.csv.gz"
    plain.write_bytes(HEADER + GOOD)
    for path, expected in (
        (tmp_path / "missing.csv", problem.ImportFileMissing),
        (tmp_path, problem.ImportFileUnreadable),
        (plain, problem.ImportFileDamaged),
    ):
        with pytest.raises(expected):
            import_file(office.product, "retail", path)
    with pytest.raises(problem.ImportKindUnknown):
        import_file(office.product, "parcels", plain)
    assert office.events() == []


def test_plain_and_gzip_with_windows_line_ends_and_a_mark_read_alike(office: Office) -> None:
    path = office.folder / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + (HEADER + GOOD).replace(b"\n", b"\r\n")))
    report = import_file(office.product, "retail", path)
    assert (report.recorded, report.rejected) == (1, 0)
