"""Requests carried out from the command line, and certificates checked there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.home import Home
from infra.product import product
from tests.erasure.asking import customer_of, request_of


def dossier(*arguments: str) -> tuple[int, bytes, str]:
    """Exit code, what it printed, and the line of a problem."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *arguments],
        check=False,
        capture_output=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str, redis_url: str) -> Path:
    monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("DOSSIER_DATABASE_URL", database)
    monkeypatch.setenv("DOSSIER_REDIS_URL", redis_url)
    return tmp_path


def test_a_request_is_listed_carried_out_and_certified(data: Path) -> None:
    with product(Home.at()) as running:
        customer = customer_of(running)
        request = request_of(running, customer)
    code, listed, _ = dossier("erasure", "list")
    assert code == 0
    assert str(request).encode() in listed
    code, printed, problem = dossier("erasure", "run")
    assert code == 0, problem
    assert b"next: backups" in printed
    code, whole, problem = dossier("erasure", "certificate", str(customer), str(request))
    assert code == 0, problem
    kept = data / "certificate.json"
    kept.write_bytes(whole)
    assert dossier("erasure", "check", str(kept))[0] == 0
    kept.write_bytes(whole.replace(b'hits\\":0', b'hits\\":9'))
    code, _, line = dossier("erasure", "check", str(kept))
    assert code == 1
    assert line.count("\n") == 1
    assert "certificate_invalid" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("certificate", "nobody", "nothing"),
        (
            "certificate",
            "00000000-0000-0000-0000-000000000001",
            "00000000-0000-0000-0000-000000000002",
        ),
        ("check", "no-such-file"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(data: Path, arguments: tuple[str, ...]) -> None:
    code, _, line = dossier("erasure", *arguments)
    assert code == 1
    assert line.startswith("dossier: ")
    assert line.count("\n") == 1
