"""Files that cannot be imported: one line, exit code 1, nothing recorded and no run begun."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from infra.imports.run import SOURCES
from tests.cli.terminal import Terminal

WRONG = {
    "nowhere.csv": "import_file_missing",
    "folder": "import_file_unreadable",
    "empty.csv": "import_file_empty",
    "blank.csv": "import_file_empty",
    "other.csv": "import_columns_missing",
    "binary.csv": "import_file_not_text",
    "utf16.csv": "import_file_not_text",
    "latin1.csv": "import_file_not_text",
    "cut-{kind}.csv.gz": "import_file_damaged",
    "renamed.csv.gz": "import_file_damaged",
    "binary.gz": "import_file_damaged",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    noise = random.Random(1).randbytes(4_000)
    for kind in SOURCES:
        whole = gzip.compress(
            ",".join(SOURCES[kind].columns).encode() + b"\n" + noise.hex().encode()
        )
        (tmp_path / f"cut-{kind}.csv.gz").write_bytes(whole[: len(whole) // 2])
    for name, content in {
        "empty.csv": b"",
        "blank.csv": b"\n\n\n",
        "other.csv": b"name,email\nAnn,ann@example.org\n",
        "binary.csv": b"\xff\xfe\x00" + noise,
        "utf16.csv": "invoice_no,stock_code\n1,2\n".encode("utf-16"),
        "latin1.csv": "invoice_no,prénom\n".encode("latin-1"),
        "renamed.csv.gz": b"invoice_no,stock_code\n",
        "binary.gz": noise,
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "language"), [*((kind, "en") for kind in SOURCES), ("retail", "zh")]
)
def test_nothing_of_it_goes_in(
    at_terminal: Terminal, files: Path, subtests: pytest.Subtests, kind: str, language: str
) -> None:
    for name, code in WRONG.items():
        with subtests.test(name):
            said = at_terminal.types(
                "import", kind, str(files / name.format(kind=kind)), "--lang", language
            )
            assert (said.code, said.out) == (1, ""), said
            assert said.one_line.endswith(f"[{code}]")
    assert at_terminal.recorded() == 0
    assert at_terminal.rows("SELECT id FROM ref.import_run") == []


def test_a_kind_there_is_not_is_told_with_those_there_are(at_terminal: Terminal) -> None:
    said = at_terminal.types("import", "rumours", "nowhere.csv")
    assert said.code == 1
    assert all(kind in said.one_line for kind in SOURCES)
