"""The doctor: says what is not as it has to be, and what an administrator has to allow."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra.home import Home
from infra.servers import postgres
from tests.cli.terminal import Terminal, at_prompt


@pytest.fixture
def server(tmp_path: Path) -> Iterator[postgres.Postgres]:
    """A server on which nobody has ever run Dossier."""
    home = Home.at(tmp_path / "server")
    started = postgres.start(home.pg, home.log / "postgres.log", {"fsync": "off"})
    with psycopg.connect(started.url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE app LOGIN PASSWORD 'sesame'")
        admin.execute('CREATE DATABASE "shop-1"')
    yield started
    started.stop()


@pytest.fixture
def guest(
    server: postgres.Postgres, home: Home, redis_url: str, prompt: subprocess.Popen[str]
) -> Terminal:
    """A terminal whose login at that server may create no roles."""
    named = f"postgresql://app:sesame@127.0.0.1:{server.port}/shop-1"
    return at_prompt(prompt, home, named, redis_url)


def test_at_a_healthy_record_everything_is_fine(at_terminal: Terminal) -> None:
    at_terminal.customer()
    said = at_terminal.types("doctor")
    assert (said.code, said.err) == (0, "")
    assert all(line.startswith("ok ") for line in said.out.splitlines())
    assert len(said.out.splitlines()) > 5


def test_a_guarantee_taken_away_is_named_and_the_exit_code_1(at_terminal: Terminal) -> None:
    at_terminal.customer()
    with psycopg.connect(at_terminal.database) as connection:
        connection.execute("GRANT UPDATE ON es.events TO dossier_writer")
    said = at_terminal.types("doctor")
    assert said.code == 1
    assert said.one_line == "dossier: Of these checks 2 failed. [checks_failed]"
    wrong = [line for line in said.out.splitlines() if line.startswith("WRONG")]
    assert wrong == [
        "WRONG nobody but the append function can write events",
        "WRONG more: es.events: dossier_writer UPDATE",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_login_without_createrole_gets_the_sql_for_its_administrator(
    guest: Terminal, server: postgres.Postgres, language: str
) -> None:
    refused = guest.types("verify", "--lang", language)
    assert refused.one_line.endswith("[rights_missing]")
    assert "dossier doctor" in refused.one_line
    said = guest.types("doctor", "--lang", language)
    assert (said.code, said.one_line) == (1, refused.one_line)
    assert (guest.home.credentials / "analyst.password").read_text().strip() not in said.out
    with psycopg.connect(server.url("shop-1"), autocommit=True) as admin:
        admin.execute(said.out.encode())
    assert guest.types("doctor").code == 0
    customer = guest.customer(name="Ann")
    assert guest.types("projections", "run").code == 0
    assert guest.types("history", str(customer)).code == 0
    told = guest.types("analyst", "dsn")
    assert (told.code, told.err) == (0, "")
    dsn = told.out.strip()
    with psycopg.connect(dsn) as analyst:
        assert analyst.execute("SELECT count(*) FROM mart.customers").fetchone() == (1,)


def test_an_administrator_is_asked_only_for_what_is_missing(
    guest: Terminal, server: postgres.Postgres
) -> None:
    statements = guest.types("doctor").out.splitlines()
    with psycopg.connect(server.url("shop-1"), autocommit=True) as admin:
        for statement in statements[:-1]:
            admin.execute(statement.encode())
    assert len(statements) > 10
    left = guest.types("doctor")
    assert len(left.out.splitlines()) == 1
    assert left.out.startswith('CREATE ROLE "shop-1_mart_login" LOGIN PASSWORD \'SCRAM-SHA-256$')
    assert guest.types("analyst", "dsn").one_line.endswith("[rights_missing]")
