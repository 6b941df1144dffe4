"""`dossier token`, `dossier staff` and `dossier analyst markets`, typed at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from subprocess import Popen

import psycopg
import pytest
from psycopg import sql

from infra.home import Home
from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import Credential, Unauthenticated
from infra.record.postgres import PostgresRecord
from tests.cli.terminal import Terminal, at_prompt, prompted

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def prompt() -> Iterator[Popen[str]]:
    with prompted() as opened:
        yield opened


@pytest.fixture
def at_terminal(home: Home, database: str, redis_url: str, prompt: Popen[str]) -> Terminal:
    return at_prompt(prompt, home, database, redis_url)


def comes_in(database: str, token: str, remote: str = "10.0.0.1") -> Credential:
    record = PostgresRecord(database)
    try:
        entry = Authentication.of_own_tokens(record.connection)
        return entry.authenticate(RequestFacts(f"Bearer {token}", remote))
    finally:
        record.close()


def token_id(at_terminal: Terminal, begins: str) -> str:
    rows = at_terminal.rows("SELECT id, shown FROM keys.credential")
    return str({shown: id for id, shown in rows}[begins[:14]])


@pytest.mark.case("AC-28")
def test_issued_shown_rotated_and_revoked(at_terminal: Terminal, database: str) -> None:
    words = ("--role", "agent", "--scope", "read:*", "--network", "10.0.0.0/8", "--market", "GB")
    said = at_terminal.types("token", "issue", "shop", *words)
    assert (said.code, said.err) == (0, "")
    old = said.out.strip()
    known = comes_in(database, old)
    assert (known.actor, known.scopes, known.markets) == (
        "shop",
        frozenset({"read:*"}),
        frozenset({"GB"}),
    )
    shown = at_terminal.types("token", "list", COLUMNS="240").out
    assert old[:14] in shown
    assert old not in shown
    new = at_terminal.types("token", "rotate", token_id(at_terminal, old)).out.strip()
    assert comes_in(database, new)[:5] == comes_in(database, old)[:5]
    assert at_terminal.types("token", "revoke", token_id(at_terminal, old)).code == 0
    with pytest.raises(Unauthenticated):
        comes_in(database, old)
    assert comes_in(database, new).actor == "shop"
    assert old[:14] not in at_terminal.types("token", "list", COLUMNS="240").out
    assert old[:14] in at_terminal.types("token", "list", "--all", COLUMNS="240").out


def test_a_staff_token_needs_no_role(at_terminal: Terminal) -> None:
    said = at_terminal.types("token", "issue", "gil", "--kind", "staff")
    assert (said.code, said.err) == (0, "")
    rows = at_terminal.rows("SELECT kind, roles FROM keys.credential WHERE actor = 'gil'")
    assert rows == [("staff", [])]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_makes_no_sense_is_one_line_and_issues_nothing(
    at_terminal: Terminal, subtests: pytest.Subtests, language: str
) -> None:
    issue = ("token", "issue", "shop", "--role", "agent")
    for words, code in (
        (("token", "issue", "shop"), "role_unknown"),
        (("token", "issue", "shop", "--role", "captain"), "role_unknown"),
        (("token", "issue", "", "--role", "agent"), "invalid_request"),
        (("token", "issue", "two words", "--role", "agent"), "invalid_request"),
        ((*issue, "--role", "auditor"), "roles_exclude"),
        ((*issue, "--days", "0"), "lifetime_invalid"),
        ((*issue, "--days", "367"), "lifetime_invalid"),
        ((*issue, "--network", "10.0.0.1/8"), "network_invalid"),
        ((*issue, "--scope", "all"), "scope_unknown"),
        ((*issue, "--market", "Germany"), "invalid_request"),
        ((*issue, "--team", "a\nb"), "invalid_request"),
        ((*issue, "--kind", "robot"), "invalid_request"),
        (("token", "rotate", NOBODY), "not_found"),
        (("token", "revoke", NOBODY), "not_found"),
        (("token", "revoke", "mine"), "invalid_request"),
        (("token", "rotate", NOBODY, "--overlap-hours", "-1"), "invalid_request"),
        (("staff", "held", "--as-of", "yesterday"), "invalid_request"),
        (("staff", "held", "--staff", "\udcff"), "invalid_request"),
        (("analyst", "markets", "ann", "--market", "de"), "invalid_request"),
        (("analyst", "markets", "ann"), "invalid_request"),
    ):
        with subtests.test(ascii(" ".join(words))):
            said = at_terminal.types(*words, "--lang", language)
            assert (said.code, said.out) == (1, "")
            assert f"[{code}]" in said.one_line
            assert said.one_line.isascii() == (language == "en")
    assert at_terminal.types("token", "list").code == 0
    assert at_terminal.rows("SELECT actor FROM keys.credential") == []


def test_an_analyst_sees_the_markets_said_last(at_terminal: Terminal) -> None:
    at_terminal.customer(name="Ann")
    assert at_terminal.types("projections", "run").code == 0
    dsn = at_terminal.types("analyst", "dsn").out.strip()
    with psycopg.connect(dsn, autocommit=True) as analyst:
        login = analyst.info.user
        seen = []
        for market in ("GB", "DE", "*"):
            assert at_terminal.types("analyst", "markets", login, "--market", market).code == 0
            seen += analyst.execute("SELECT count(*) FROM mart.customers").fetchall()
    assert seen == [(1,), (0,), (1,)]
    assert at_terminal.types("analyst", "dsn").code == 0
    rows = at_terminal.rows("SELECT market FROM ref.analyst_market")
    assert rows == [("*",)]
    with psycopg.connect(at_terminal.database, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(login)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))


def test_what_staff_hold_is_a_table(at_terminal: Terminal) -> None:
    at_terminal.sends("RecordJoiner", {"staff_id": "gil", "post": "service"})
    assert at_terminal.types("projections", "run").code == 0
    said = at_terminal.types("staff", "held", "--as-of", "2999-01-01")
    assert (said.code, said.err) == (0, "")
    assert "approved by" in said.out
