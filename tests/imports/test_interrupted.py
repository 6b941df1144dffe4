"""Imports that are killed, again and again, and two of the same file at once: one effect."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra.home import Home
from infra.imports.run import import_file
from infra.product import Product, assembled
from infra.servers.owner import Addresses
from tests.imports.office import DEMO, ROOT, Office

PROGRAM = Path(__file__).with_name("other_import.py")
CASES = {"retail": 150, "incidents": 150, "complaints": 150, "conversations": 30}


@pytest.fixture
def elsewhere(tmp_path: Path, server_addresses: dict[str, str]) -> Iterator[Office]:
    """Another installation, in which nobody is killed."""
    name = f"elsewhere_{tmp_path.name.replace('-', '_')}".lower()[:60]
    with psycopg.connect(server_addresses["postgres"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_dossier STRATEGY FILE_COPY")
        address = server_addresses["postgres"].removesuffix("postgres") + name
        home = Home.at(tmp_path / "elsewhere")
        addresses = Addresses(address, server_addresses["valkey"], owner=False)
        with assembled(home, addresses) as product:
            yield Office(product, tmp_path)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def started(office: Office, database: str, redis: str, kind: str) -> subprocess.Popen[str]:
    path = str(office.folder / "sample.csv")
    arguments = [str(office.product.home.path), database, redis, kind, path]
    return subprocess.Popen(
        [sys.executable, PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == "ready 0\n"
    process.stdin.write("\n")
    process.stdin.flush()


def killed(process: subprocess.Popen[str], after: int) -> bool:
    """Whether it was killed while it recorded, once it had told so often how far it was."""
    with process:
        go_on(process)
        assert process.stdout is not None
        told = 0
        for line in process.stdout:
            told += line.startswith("recording")
            if told > after:
                process.kill()
                break
    return process.returncode == -signal.SIGKILL


def assert_same(office: Office, kind: str, elsewhere: Office) -> None:
    """As if the file had been imported once, in one go."""
    import_file(elsewhere.product, kind, office.folder / "sample.csv")
    assert office.plain() == elsewhere.plain()
    for name in ("CustomerRegistered", "SubjectKeyCreated"):
        assert len(office.events(name)) == len(elsewhere.events(name)), name
    assert list((office.product.home.path / "spool").iterdir()) == []


@pytest.mark.parametrize("kind", DEMO)
def test_an_import_killed_again_and_again_is_resumed_by_starting_it_again(
    office: Office, elsewhere: Office, database: str, redis_url: str, kind: str
) -> None:
    path = office.sample(kind, CASES[kind])
    kills = [killed(started(office, database, redis_url, kind), after) for after in (0, 2)]
    assert kills[0]
    before = len(office.events())
    report = import_file(office.product, kind, path)
    assert report.unchanged > 0 and before > 0
    assert report.rejected == 1
    ended = kills.count(False)
    assert runs(office.product) == [(True, report.rows)] * (1 + ended), "a killed run goes on"
    assert_same(office, kind, elsewhere)
    rejects = office.product.home.path / "rejects"
    names = [file.name for file in rejects.iterdir() if "left-out" not in file.name]
    assert len(names) == 1 + ended and all(name.startswith(kind) for name in names)


def runs(product: Product) -> list[tuple[bool, int]]:
    """Whether each run is closed, and the rows it accounts for."""
    with product.record.connection() as connection:
        return connection.execute(
            "SELECT closed_at IS NOT NULL, rows_done FROM ref.import_run ORDER BY id"
        ).fetchall()


@pytest.mark.parametrize("kind", ["retail", "incidents"])
def test_two_imports_of_a_file_at_once_have_one_effect(
    office: Office, elsewhere: Office, database: str, redis_url: str, kind: str
) -> None:
    office.sample(kind, CASES[kind])
    both = [started(office, database, redis_url, kind) for _ in range(2)]
    for process in both:
        go_on(process)
    for process in both:
        process.communicate()
        assert process.returncode == 0
    assert {closed for closed, _ in runs(office.product)} == {True}
    assert_same(office, kind, elsewhere)
    for file in (office.product.home.path / "rejects").iterdir():
        text = file.read_text("utf-8")
        assert file.name[0] != "." and text.startswith("file,line,code,reason")
        assert text.endswith("\n") and text.count("file,line,code") == 1
