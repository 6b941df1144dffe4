"""Requests carried out from the command line, and certificates checked there."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.product import assembled
from infra.servers.owner import Addresses
from tests.cli.terminal import Terminal
from tests.erasure.asking import EMAIL, customer_of, request_of


def test_a_request_is_listed_carried_out_and_certified(
    at_terminal: Terminal, redis_url: str, tmp_path: Path
) -> None:
    dossier = at_terminal.types
    addresses = Addresses(at_terminal.database, redis_url, owner=False)
    with assembled(at_terminal.home, addresses) as running:
        customer = customer_of(running)
        request = request_of(running, customer)
    listed = dossier("erasure", "list")
    assert listed.code == 0
    assert str(request) in listed.out
    run = dossier("erasure", "run")
    assert run.code == 0, run.err
    assert "next: backups" in run.out
    whole = dossier("erasure", "certificate", str(customer), str(request))
    assert whole.code == 0, whole.err
    kept = tmp_path / "certificate.json"
    kept.write_text(whole.out, "utf-8")
    assert dossier("erasure", "check", str(kept)).code == 0
    kept.write_text(whole.out.replace('hits\\":0', 'hits\\":9'), "utf-8")
    changed = dossier("erasure", "check", str(kept))
    assert changed.code == 1
    assert "certificate_invalid" in changed.one_line


def test_a_value_found_in_the_open_stops_the_certificate_and_no_other_request(
    at_terminal: Terminal, redis_url: str
) -> None:
    addresses = Addresses(at_terminal.database, redis_url, owner=False)
    with assembled(at_terminal.home, addresses) as running:
        requests = [request_of(running, customer_of(running)) for _ in range(2)]
    left = at_terminal.home.log / "careless.log"
    left.write_text(f"sent to {EMAIL}\n")
    run = at_terminal.types("erasure", "run")
    assert run.code == 1
    assert run.err.rstrip().endswith("[residue_found]")
    for request in requests:
        assert f"{request}: stopped, residue_found" in run.out
    assert EMAIL not in run.out + run.err


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
def test_wrong_arguments_are_told_in_one_line(
    at_terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    said = at_terminal.types("erasure", *arguments)
    assert said.code == 1
    assert said.one_line.startswith("dossier: ")
