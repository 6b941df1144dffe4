"""Databases and data folders that cannot be used: one line says which, and nothing is changed."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from infra.servers.process import free_port
from tests.cli.terminal import Said, Terminal

LANGUAGES = ("en", "zh")
ERASE = ("send", "EraseCustomer", '{"customer_id": "00000000-0000-0000-0000-000000000001"}')
QUESTIONS = (("verify",), ("tiers",), ERASE)


def one_line(said: Said, code: str) -> str:
    assert (said.code, said.out) == (1, ""), said
    assert said.one_line.endswith(f"[{code}]")
    return said.one_line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_database_that_is_down(at_terminal: Terminal, language: str) -> None:
    down = re.sub(r":\d+/", f":{free_port()}/", at_terminal.database)
    for words in QUESTIONS:
        said = at_terminal.types(*words, "--lang", language, DOSSIER_DATABASE_URL=down)
        assert "DOSSIER_DATABASE_URL" in one_line(said, "server_problem")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_which_is_not_repeated(at_terminal: Terminal, language: str) -> None:
    wrong = re.sub(r"(://\w+):[^@]+@", r"\1:hunter2@", at_terminal.database)
    said = at_terminal.types("verify", "--lang", language, DOSSIER_DATABASE_URL=wrong)
    line = one_line(said, "server_problem")
    assert "password authentication failed" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("address", ["mysql://x", "nonsense", "postgresql://:::/"])
def test_an_address_that_is_none(at_terminal: Terminal, address: str) -> None:
    said = at_terminal.types("verify", DOSSIER_DATABASE_URL=address)
    one_line(said, "server_problem")


def test_a_queue_that_is_down(at_terminal: Terminal) -> None:
    down = f"redis://127.0.0.1:{free_port()}/0"
    said = at_terminal.types("verify", DOSSIER_REDIS_URL=down)
    assert "DOSSIER_REDIS_URL" in one_line(said, "server_problem")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_data_folder_that_cannot_be_written(
    at_terminal: Terminal, tmp_path: Path, language: str
) -> None:
    (tmp_path / "file").touch()
    for place in ("/proc/dossier", str(tmp_path / "file"), str(tmp_path / "file" / "below")):
        said = at_terminal.types("verify", "--home", place, "--lang", language)
        assert place in one_line(said, "server_problem")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_database_of_a_newer_release(at_terminal: Terminal, language: str) -> None:
    at_terminal.customer()
    before = at_terminal.recorded()
    with psycopg.connect(at_terminal.database) as connection:
        connection.execute("INSERT INTO public.dossier_migration VALUES (9999, 'x', 'x')")
    for words in QUESTIONS:
        one_line(at_terminal.types(*words, "--lang", language), "database_is_newer")
    assert at_terminal.rows("SELECT max(number) FROM public.dossier_migration") == [(9999,)]
    assert at_terminal.recorded() == before


def test_the_key_of_another_installation(at_terminal: Terminal) -> None:
    at_terminal.customer(name="Ann")
    before = at_terminal.recorded()
    (key,) = at_terminal.home.keys.glob("kek*")
    key.write_bytes(bytes(reversed(key.read_bytes())))
    body = '{"collection_source": "customer_submitted", "profile": {"name": "Bob"}}'
    said = at_terminal.types("send", "RegisterCustomer", body)
    one_line(said, "keys_unavailable")
    assert at_terminal.recorded() == before
