"""Files and names that mean harm: refused by name, and nothing is written outside."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.imports import problem
from infra.imports.expanding import FREE
from infra.imports.reading import Table
from infra.imports.retail import COLUMNS
from infra.imports.run import import_file
from tests.imports.office import Office

HEADER = ",".join(COLUMNS).encode() + b"\n"
ROW = b"1,1,sale,2010-01-01T10:00:00,17,France,A,1,2.50\n"
MIB = 1024 * 1024


def bomb(path: Path, block: bytes, blocks: int) -> None:
    with gzip.open(path, "wb", 9) as file:
        file.write(HEADER)
        for _ in range(blocks):
            file.write(block)


@pytest.mark.case("AC-16")
@pytest.mark.parametrize("block", [b"\0" * MIB, b"\n" * MIB, b"," * (MIB - 1) + b"\n"])
def test_a_file_that_expands_without_end_is_given_up(tmp_path: Path, block: bytes) -> None:
    path = tmp_path / "bomb.csv.gz"
    bomb(path, block, 64)
    free = MIB if block.isspace() else FREE  # a million lines are enough
    assert path.stat().st_size < MIB
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with closing(Table(path, COLUMNS, free=free)) as table:
            with pytest.raises(problem.ImportFileDamaged, match="import_file_damaged") as told:
                for _ in table.rows():
                    pass
            assert table.bytes_read < path.stat().st_size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told.value.parameters["detail"] == "it holds more than 200 times its size"
    assert peak < 50 * MIB
    assert time.monotonic() - begun < 60


@pytest.mark.case("AC-16")
def test_what_compresses_well_and_is_small_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv.gz"
    bomb(path, ROW, 50_000)
    with closing(Table(path, COLUMNS)) as table:
        assert sum(1 for _ in table.rows()) == 50_000
    with (
        closing(Table(path, COLUMNS, free=MIB)) as table,
        pytest.raises(problem.ImportFileDamaged),
    ):
        list(table.rows())


def files_below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "log" not in path.parts:
            yield path.relative_to(folder).as_posix()


@pytest.mark.case("AC-15")
@pytest.mark.parametrize("kind", ["../../etc/x", "/etc/x", "retail/../x", "retail\0", "", "."])
def test_a_kind_is_no_path(office: Office, tmp_path: Path, kind: str) -> None:
    path = office.file("retail", [])
    before = set(files_below(tmp_path))
    with pytest.raises(problem.ImportKindUnknown):
        import_file(office.product, kind, path)
    assert set(files_below(tmp_path)) == before


@pytest.mark.case("AC-15")
@pytest.mark.parametrize("name", ["..csv", "a\nb.csv", "=cmd|x.csv", "..\\x.csv", "\u202ex.csv"])
def test_the_name_of_a_file_names_nothing_we_write(
    office: Office, tmp_path: Path, name: str
) -> None:
    path = office.folder / name
    path.write_bytes(HEADER + ROW.replace(b"2010-01-01T10:00:00", b"yesterday"))
    home = office.product.home.path
    outside = {f for f in files_below(tmp_path) if not (tmp_path / f).is_relative_to(home)}
    report = import_file(office.product, "retail", path)
    assert report.rejected == 1 and report.reject_file is not None
    assert report.reject_file.resolve().parent == (home / "rejects").resolve()
    assert report.reject_file.name.isascii() and "cmd" not in report.reject_file.name
    after = {f for f in files_below(tmp_path) if not (tmp_path / f).is_relative_to(home)}
    assert after == outside


@pytest.mark.case("AC-15")
def test_what_is_no_file_is_told(office: Office, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, wrong in (
        (loop, problem.ImportFileUnreadable),
        (tmp_path, problem.ImportFileUnreadable),
        (Path("/dev/zero"), problem.ImportFileUnreadable),
        (tmp_path / "none", problem.ImportFileMissing),
        (tmp_path / ("x" * 300), problem.ImportFileUnreadable),
    ):
        with pytest.raises(wrong):
            import_file(office.product, "retail", path)
    with pytest.raises((problem.ImportProblem, ValueError)):
        import_file(office.product, "retail", tmp_path / "a\0b")
