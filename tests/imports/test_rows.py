"""Malformed files and rows: each named, the rest goes in."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.imports import problem
from infra.imports.retail import COLUMNS
from infra.imports.run import import_file
from tests.imports.office import Office
from tests.imports.test_complaints import ROW as COMPLAINT
from tests.imports.test_conversations import ASKED
from tests.imports.test_incidents import ROW as INCIDENT
from tests.imports.test_retail import LINE

HEADER = ",".join(COLUMNS).encode() + b"\n"
GOOD = b"1,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50\n"


BAD: Sequence[tuple[bytes, str]] = [
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1", "wrong_column_count"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50,x", "wrong_column_count"),
    (b"2;1;sale;2010-01-01T10:00:00;17;France;A;1;2.50", "wrong_column_count"),
    (b"2,1,sale,yesterday,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-01-01,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-02-30T10:00:00,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-01-01T24:00:00,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-01-01T10:00:60,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,01/02/2010 10:00,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,20100101T100000,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-W01-1T10:00:00,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2010-01-01T10:00:00Z,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,0001-01-01T10:00:00,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,9999-12-31T23:59:59,17,France,A,1,2.50", "bad_date"),
    (b"2,1,sale,2990-01-01T10:00:00,17,France,A,1,2.50", "future_date"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,many,2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,99999999999,2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,10000000,2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1.0,2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1_0,2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A, 1,2.50", "bad_number"),
    ("2,1,sale,2010-01-01T10:00:00,17,France,A,\u0663,2.50".encode(), "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A," + b"9" * 5_000 + b",2.50", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,NaN", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,sNaN", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,-Infinity", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,1e400", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,1e-400", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,2.5000001", "bad_number"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,A,1,123456789012345", "bad_number"),
    (b'2,1,sale,2010-01-01T10:00:00,17,France,A,1,"2,50"', "bad_number"),
    (b"2,one,sale,2010-01-01T10:00:00,17,France,A,1,2.50", "bad_number"),
    (b"2,1,gift,2010-01-01T10:00:00,17,France,A,1,2.50", "unknown_value"),
    (b",1,sale,2010-01-01T10:00:00,17,France,A,1,2.50", "missing_value"),
    (b"  ,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50", "missing_value"),
    (b"2,1,sale,2010-01-01T10:00:00,  ,France,A,1,2.50", "missing_value"),
    (b"2,1,sale,2010-01-01T10:00:00,17,France,,1,2.50", "missing_value"),
    (b"2\x1b[2J,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50", "bad_characters"),
    (b"2" * 51 + b",1,sale,2010-01-01T10:00:00,17,France,A,1,2.50", "value_too_long"),
    (b"2,1,sale,2010-01-01T10:00:00,17," + b"F" * 301 + b",A,1,2.50", "value_too_long"),
    (b"2,1,sale,2010-01-01T10:00:00,17,Fran\xe7a,A,1,2.50", "bad_encoding"),
    (b"2,1,sale,2010-01-01T10:00:00,17,\xed\xa0\x80,A,1,2.50", "bad_encoding"),
    (b"2,1,sale,2010-01-01T10:00:00,17,Fr\0nce,A,1,2.50", "nul_character"),
    (b'2,1,sale,2010-01-01T10:00:00,17,"France,A,1,2.50', "bad_quoting"),
    (b'2,1,sale,2010-01-01T10:00:00,17,"Fran"ce,A,1,2.50', "bad_quoting"),
    (b"2,1,sale,2010-01-01T10:00:00,17,Fra\rnce,A,1,2.50", "bad_quoting"),
    (b"x" * 10_000_000, "row_too_long"),
]


def test_every_malformed_row_costs_itself_only(office: Office) -> None:
    """A good row stands between any two of them."""
    path = office.folder / "rows.csv"
    good = [GOOD.replace(b"1", str(n).encode(), 1) for n in range(1_000, 1_000 + len(BAD))]
    pairs = zip(BAD, good, strict=True)
    path.write_bytes(HEADER + b"".join(bad + b"\n" + row for (bad, _), row in pairs))
    report = import_file(office.product, "retail", path)
    assert office.rejects(report) == [(2 + 2 * n, code) for n, (_, code) in enumerate(BAD)]
    assert (report.recorded, report.rows) == (len(good), 2 * len(BAD))
    assert all(len(reason) < 200 for reason in office.reasons(report))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "incidents",
            INCIDENT,
            [
                ({"number": ""}, "missing_value"),
                ({"event_seq": "1.5"}, "bad_number"),
                ({"incident_state": ""}, "missing_value"),
                ({"caller_id": " "}, "missing_value"),
                ({"opened_at": "2016-02-29"}, "bad_date"),
                ({"opened_at": "2015-02-29T10:00"}, "bad_date"),
                ({"opened_at": "2999-01-01T10:00"}, "future_date"),
                ({"sys_updated_at": "?"}, "bad_date"),
                ({"sys_updated_at": "9998-12-31T23:59-23:59"}, "future_date"),
                ({"location": "x" * 301}, "value_too_long"),
            ],
        ),
        (
            "complaints",
            COMPLAINT,
            [
                ({"complaint_id": ""}, "missing_value"),
                ({"date_received": "08/06/2012"}, "bad_date"),
                ({"date_received": "2012-08-06T10:00:00"}, "bad_date"),
                ({"date_received": "2012-02-30"}, "bad_date"),
                ({"date_sent_to_company": "later"}, "bad_date"),
                ({"date_sent_to_company": "2999-01-01"}, "future_date"),
                ({"timely_response": "Maybe"}, "unknown_value"),
                ({"consumer_disputed": "1"}, "unknown_value"),
                ({"product": "x" * 301}, "value_too_long"),
                ({"source_copy": "x" * 301}, "value_too_long"),
                ({"consumer_complaint_narrative": "x" * 100_001}, "value_too_long"),
            ],
        ),
        (
            "conversations",
            ASKED,
            [
                ({"issue_id": ""}, "missing_value"),
                ({"comment_id": ""}, "missing_value"),
                ({"is_private": "yes"}, "unknown_value"),
                ({"author_role": "boss"}, "unknown_value"),
                ({"author": ""}, "missing_value"),
                ({"created_utc": "2022-01-05T05:27:14 GMT"}, "bad_date"),
                ({"utr_seq": "-"}, "bad_number"),
                ({"text": "x" * 100_001}, "value_too_long"),
            ],
        ),
    ],
)
def test_every_kind_names_what_is_wrong(
    office: Office, kind: str, good: dict[str, str], bad: Sequence[tuple[dict[str, str], str]]
) -> None:
    report = office.take(kind, [good, *(good | change for change, _ in bad)])
    assert office.rejects(report) == [(n, code) for n, (_, code) in enumerate(bad, 3)]
    assert report.recorded == 1


def test_a_row_that_comes_twice_is_recorded_once(office: Office) -> None:
    report = office.take("retail", [LINE, LINE])
    assert office.rejects(report) == [(3, "repeated_row")]
    assert report.recorded == 1


def test_the_reject_file_names_file_line_and_reason(office: Office) -> None:
    report = office.take("retail", [LINE | {"quantity": "x"}])
    assert report.reject_file is not None
    header, row = report.reject_file.read_text().splitlines()
    assert header == "file,line,code,reason"
    assert row == "rows.csv,2,bad_number,quantity is no whole number: -"
    assert report.reject_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"name,age\n", gzip.compress(GOOD * 2_000, mtime=0)[:-9]])
def test_a_file_that_cannot_be_read_changes_nothing(office: Office, content: bytes) -> None:
    path = office.folder / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(problem.ImportProblem):
        import_file(office.product, "retail", path)
    assert office.events() == []
    with office.product.record.connection() as connection:
        assert connection.execute("SELECT count(*) FROM ref.import_run").fetchone() == (0,)


def test_a_file_that_ends_too_early_changes_nothing_though_its_header_is_good(
    office: Office,
) -> None:
    path = office.folder / "rows.csv"
    path.write_bytes(gzip.compress(HEADER + GOOD * 2_000)[:-9])
    with pytest.raises(problem.ImportFileDamaged):
        import_file(office.product, "retail", path)
    assert office.events() == []
    assert list((office.product.home.path / "spool").iterdir()) == []


def test_a_header_alone_is_a_file_without_rows(office: Office) -> None:
    report = office.take("retail", [])
    assert (report.rows, report.recorded, report.rejected) == (0, 0, 0)


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
