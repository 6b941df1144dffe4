"""Failed attempts: counted by source and by how a token begins; waiting tells nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.identity import tokens
from infra.identity.attempts import FREE, LONGEST, address_of, keys_of
from infra.identity.authentication import LONGEST_HEADER, Authentication, RequestFacts
from infra.identity.credential import TooManyFailures, Unauthenticated
from infra.identity.tokens import Grant
from infra.record.postgres import PostgresRecord
from tests.examples import examples

NUMBERS = count(1)


def knock(
    entry: Authentication, remote: str | None, begins: str | None = None
) -> Unauthenticated | TooManyFailures:
    """A token nobody knows; by default each begins differently."""
    number = next(NUMBERS)
    token = f"{begins or f'dossier_{number:08d}'}{number:040d}"
    with pytest.raises((Unauthenticated, TooManyFailures)) as refused:
        entry.authenticate(RequestFacts(f"Bearer {token}", remote))
    assert isinstance(refused.value, Unauthenticated | TooManyFailures)
    return refused.value


def waits(record: PostgresRecord) -> list[Any]:
    with record.connection() as connection:
        return connection.execute(
            "SELECT what, failures, round(extract(epoch FROM blocked_until - last_at))::int"
            " FROM keys.failed_login WHERE blocked_until IS NOT NULL"
        ).fetchall()


def test_after_ten_failures_a_source_waits(record: PostgresRecord, entry: Authentication) -> None:
    token = tokens.issue(record.connection, Grant(actor="shop", roles=["agent"])).token
    for _ in range(FREE):
        assert isinstance(knock(entry, "192.0.2.7"), Unauthenticated)
    refused = knock(entry, "192.0.2.7")
    assert isinstance(refused, TooManyFailures)
    assert refused.parameters in ({"retry_after": 1}, {"retry_after": 2})
    with pytest.raises(TooManyFailures):
        entry.authenticate(RequestFacts(f"Bearer {token}", "192.0.2.7"))
    assert entry.authenticate(RequestFacts(f"Bearer {token}", "192.0.2.8")).actor == "shop"


def test_and_each_time_twice_as_long_up_to_five_minutes(
    record: PostgresRecord, entry: Authentication
) -> None:
    seen = []
    for _ in range(FREE + 10):
        knock(entry, "192.0.2.7")
        seen += [seconds for _, _, seconds in waits(record)]
        with record.connection() as connection:
            connection.execute(
                "UPDATE keys.failed_login SET blocked_until = clock_timestamp()"
                " WHERE blocked_until IS NOT NULL"
            )
    assert seen == [2, 4, 8, 16, 32, 64, 128, 256, LONGEST, LONGEST, LONGEST]


def test_a_token_that_begins_alike_waits_from_every_source(
    record: PostgresRecord, entry: Authentication
) -> None:
    for number in range(FREE):
        knock(entry, f"192.0.2.{number}", "dossier_guessedX")
    assert isinstance(knock(entry, "198.51.100.1", "dossier_guessedX"), TooManyFailures)
    assert isinstance(knock(entry, "198.51.100.1", "dossier_anotherX"), Unauthenticated)


def test_an_ipv6_source_counts_by_its_64(entry: Authentication) -> None:
    for number in range(FREE):
        knock(entry, f"2001:db8::{number:x}")
    assert isinstance(knock(entry, "2001:db8::ffff:1"), TooManyFailures)
    assert isinstance(knock(entry, "2001:db8:0:1::1"), Unauthenticated)


def test_a_quarter_of_an_hour_without_failures_is_forgotten(
    record: PostgresRecord, entry: Authentication
) -> None:
    for _ in range(FREE - 1):
        knock(entry, "192.0.2.7")
    with record.connection() as connection:
        connection.execute(
            "UPDATE keys.failed_login SET last_at = last_at - interval '15 minutes 1 second'"
        )
    knock(entry, "192.0.2.7")
    assert isinstance(knock(entry, "192.0.2.7"), Unauthenticated)


def test_known_and_unknown_tokens_are_refused_alike(
    record: PostgresRecord, entry: Authentication
) -> None:
    """No oracle: revoked, from elsewhere, expired or never issued, the answer is one."""
    revoked = tokens.issue(record.connection, Grant(actor="a", roles=["agent"]))
    tokens.revoke(record.connection, revoked.id)
    elsewhere = tokens.issue(
        record.connection, Grant(actor="b", roles=["agent"], networks=["10.0.0.0/8"])
    )
    answers = set()
    for token in (revoked.token, elsewhere.token, "dossier_never_issued"):
        with pytest.raises(Unauthenticated) as refused:
            entry.authenticate(RequestFacts(f"Bearer {token}", "192.0.2.1"))
        answers.add((refused.value.code, str(refused.value.parameters)))
    assert len(answers) == 1
    with record.connection() as connection:
        rules = connection.execute("SELECT rule FROM trail.login ORDER BY id").fetchall()
    assert rules == [("revoked",), ("network",), ("unknown",)]


def test_many_at_once_are_all_counted(record: PostgresRecord, entry: Authentication) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: knock(entry, f"192.0.2.{n % 8}"), range(64)))
    with record.connection() as connection:
        counted = connection.execute(
            "SELECT failures FROM keys.failed_login WHERE what = 'source'"
        ).fetchall()
    assert counted == [(8,)] * 8


def test_waiting_writes_no_row_per_attempt(record: PostgresRecord, entry: Authentication) -> None:
    for _ in range(FREE + 5):
        knock(entry, "192.0.2.7")
    with record.connection() as connection:
        rows = connection.execute("SELECT count(*) FROM trail.login").fetchall()
    assert rows == [(FREE,)]


def test_nobody_changes_the_trail_of_log_ins(record: PostgresRecord, entry: Authentication) -> None:
    knock(entry, "192.0.2.7")
    with record.connection() as connection:
        connection.execute("RESET ROLE")
        for statement in (
            b"UPDATE trail.login SET rule = 'used'",
            b"DELETE FROM trail.login",
            b"TRUNCATE trail.login",
        ):
            with pytest.raises(Exception, match="append-only"):
                connection.execute(statement)
        connection.execute("SET ROLE dossier_writer")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "dossier_x", "Bearer " + "x" * LONGEST_HEADER],
)
def test_what_is_no_bearer_token_is_no_attempt(
    record: PostgresRecord, entry: Authentication, header: str | None
) -> None:
    with pytest.raises(Unauthenticated):
        entry.authenticate(RequestFacts(header, "192.0.2.7"))
    with record.connection() as connection:
        assert connection.execute("SELECT * FROM trail.login").fetchall() == []


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(st.characters(exclude_categories=())), st.text() | st.none())
def test_whatever_is_sent_is_refused_by_name(
    entry: Authentication, header: str, remote: str | None
) -> None:
    with pytest.raises((Unauthenticated, TooManyFailures)):
        entry.authenticate(RequestFacts(f"Bearer {header}", remote))


@pytest.mark.parametrize(
    ("remote", "key"),
    [
        ("192.0.2.7", b"192.0.2.7/32"),
        ("::ffff:192.0.2.7", b"192.0.2.7/32"),
        ("2001:db8::1", b"2001:db8::/64"),
        ("fe80::1%eth0", b"fe80::/64"),
    ],
)
def test_what_a_source_is_counted_under(remote: str, key: bytes) -> None:
    assert keys_of(address_of(remote), None) == [("source", key)]
