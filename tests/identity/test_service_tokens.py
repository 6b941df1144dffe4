"""Service tokens: what they reach, from where, until when; and that only their hashes are kept."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.refusal import NotFound
from domain.staff.roles import RolesExclude
from infra.identity import tokens
from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import OutOfScope, Unauthenticated
from infra.identity.tokens import Grant
from infra.record.postgres import PostgresRecord

ROOT = Path(__file__).parents[2]
NARROW = Grant(
    actor="shop",
    roles=["agent"],
    scopes=["command:ReceiveInquiry"],
    markets=["GB"],
    networks=["10.1.0.0/16", "2001:db8::/32"],
)


def facts(token: str, remote: str | None = "10.1.2.3") -> RequestFacts:
    return RequestFacts(f"Bearer {token}", remote)


def trail(record: PostgresRecord) -> list[Any]:
    with record.connection() as connection:
        return connection.execute(
            "SELECT decision, method, rule, actor, host(source) FROM trail.login ORDER BY id"
        ).fetchall()


def sql(record: PostgresRecord, statement: bytes, *values: object) -> None:
    with record.connection() as connection:
        connection.execute("RESET ROLE")
        connection.execute(statement, values)
        connection.execute("SET ROLE dossier_writer")


@pytest.mark.case("AC-28")
class TestScope:
    def test_reaches_what_it_was_issued_for(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        token = tokens.issue(record.connection, NARROW).token
        known = entry.authenticate(facts(token))
        assert known.caller(ReceiveInquiry) == ("shop", "agent")
        assert known.markets == frozenset({"GB"})

    @pytest.mark.parametrize("scope", ["export:customers", "open", "read:tickets"])
    def test_and_nothing_else(
        self, record: PostgresRecord, entry: Authentication, scope: str
    ) -> None:
        known = entry.authenticate(facts(tokens.issue(record.connection, NARROW).token))
        with pytest.raises(OutOfScope):
            known.must_reach(scope)
        with pytest.raises(OutOfScope):
            known.caller(RegisterCustomer)

    def test_a_star_is_all_of_a_kind(self, record: PostgresRecord, entry: Authentication) -> None:
        grant = replace(NARROW, scopes=["read:*"])
        known = entry.authenticate(facts(tokens.issue(record.connection, grant).token))
        known.must_reach("read:anything")
        with pytest.raises(OutOfScope):
            known.must_reach("export:anything")


@pytest.mark.case("AC-28")
class TestNetwork:
    @pytest.mark.parametrize("remote", ["10.1.255.1", "::ffff:10.1.0.9", "2001:db8::7%eth0"])
    def test_from_within_it_comes_in(
        self, record: PostgresRecord, entry: Authentication, remote: str
    ) -> None:
        token = tokens.issue(record.connection, NARROW).token
        assert entry.authenticate(facts(token, remote)).actor == "shop"

    @pytest.mark.parametrize("remote", ["10.2.0.1", "::1", None, "10.1.0.1, 10.2.0.1", "unix"])
    def test_from_elsewhere_it_is_nobody_s_and_the_trail_says_why(
        self, record: PostgresRecord, entry: Authentication, remote: str | None
    ) -> None:
        token = tokens.issue(record.connection, NARROW).token
        with pytest.raises(Unauthenticated) as refused:
            entry.authenticate(facts(token, remote))
        assert refused.value.parameters == {}
        assert [row[:4] for row in trail(record)] == [("deny", "token", "network", "shop")]


@pytest.mark.case("AC-28")
class TestEnd:
    def test_a_revoked_token_is_refused_at_once(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        issued = tokens.issue(record.connection, NARROW)
        entry.authenticate(facts(issued.token))
        tokens.revoke(record.connection, issued.id)
        with pytest.raises(Unauthenticated):
            entry.authenticate(facts(issued.token))
        assert trail(record)[-1] == ("deny", "token", "revoked", "shop", "10.1.2.3")

    def test_in_every_process_within_five_seconds(
        self, record: PostgresRecord, database: str
    ) -> None:
        issued = tokens.issue(record.connection, replace(NARROW, networks=None))
        program = [sys.executable, "-m", "tests.identity.knocking_program", database]
        with subprocess.Popen(
            program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            print(issued.token, file=other.stdin, flush=True)
            assert other.stdout.readline() == "in\n"
            tokens.revoke(record.connection, issued.id)
            revoked = time.monotonic()
            assert [line for line in other.stdout if line != "in\n"] == ["out\n"]
            assert time.monotonic() - revoked < 5
        assert other.returncode == 0

    @pytest.mark.case("AC-02")
    def test_an_expired_token_is_refused(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        token = tokens.issue(record.connection, NARROW).token
        sql(record, b"UPDATE keys.credential SET expires_at = clock_timestamp()")
        with pytest.raises(Unauthenticated):
            entry.authenticate(facts(token))
        assert [row[2] for row in trail(record)] == ["expired"]

    def test_revoking_what_is_not_there(self, record: PostgresRecord) -> None:
        with pytest.raises(NotFound):
            tokens.revoke(record.connection, uuid4())

    @pytest.mark.parametrize("days", [0, -1, 367, 10**9])
    def test_a_lifetime_of_a_day_to_a_year(self, record: PostgresRecord, days: int) -> None:
        with pytest.raises(tokens.LifetimeInvalid):
            tokens.issue(record.connection, replace(NARROW, days=days))


class TestRotation:
    def test_the_new_one_holds_before_the_old_one_ends(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        old = tokens.issue(record.connection, NARROW)
        new = tokens.rotate(record.connection, old.id, overlap=timedelta(hours=2))
        both = [entry.authenticate(facts(issued.token)) for issued in (old, new)]
        assert both[0][:5] == both[1][:5]
        shown = {listed.id: listed for listed in tokens.listed(record.connection)}
        left = shown[old.id].expires_at - shown[new.id].made_at  # type: ignore[operator]
        assert timedelta(hours=1.9) < left < timedelta(hours=2.1)
        assert shown[old.id].replaced_by == new.id

    def test_the_old_one_ends_after_the_overlap(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        old = tokens.issue(record.connection, NARROW)
        new = tokens.rotate(record.connection, old.id, overlap=timedelta(0))
        with pytest.raises(Unauthenticated):
            entry.authenticate(facts(old.token))
        assert entry.authenticate(facts(new.token)).actor == "shop"

    def test_what_has_ended_is_not_rotated(self, record: PostgresRecord) -> None:
        issued = tokens.issue(record.connection, NARROW)
        tokens.rotate(record.connection, issued.id)
        with pytest.raises(tokens.TokenHasEnded):
            tokens.rotate(record.connection, issued.id)
        assert len(tokens.listed(record.connection, all=True)) == 2

    def test_a_rotation_never_prolongs_the_old_one(self, record: PostgresRecord) -> None:
        old = tokens.issue(record.connection, replace(NARROW, days=1))
        tokens.rotate(record.connection, old.id, overlap=timedelta(days=30))
        (shown,) = [t for t in tokens.listed(record.connection) if t.id == old.id]
        assert shown.expires_at == old.expires_at


@pytest.mark.case("AC-28")
class TestAtRest:
    def test_only_the_hash_is_stored(self, record: PostgresRecord, entry: Authentication) -> None:
        token = tokens.issue(record.connection, NARROW).token
        entry.authenticate(facts(token))
        with record.connection() as connection:
            (stored,) = connection.execute("SELECT token_sha256 FROM keys.credential").fetchall()
            rows = connection.execute(
                "SELECT c::text FROM keys.credential c UNION ALL SELECT l::text FROM trail.login l"
            ).fetchall()
        assert bytes(stored[0]) == sha256(token.encode()).digest()
        assert len(rows) == 2
        assert not any(token[15:] in row for (row,) in rows)

    def test_last_use_is_kept_to_the_hour_and_shown_in_the_trail_once(
        self, record: PostgresRecord, entry: Authentication
    ) -> None:
        token = tokens.issue(record.connection, NARROW).token
        for _ in range(3):
            entry.authenticate(facts(token))
        (shown,) = tokens.listed(record.connection)
        assert shown.last_used_at is not None
        assert (shown.last_used_at.minute, shown.last_used_at.second) == (0, 0)
        assert trail(record) == [("permit", "token", "used", "shop", "10.1.2.3")]
        sql(record, b"UPDATE keys.credential SET last_used_at = last_used_at - interval '1 hour'")
        entry.authenticate(facts(token))
        assert len(trail(record)) == 2


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("grant", "refusal"),
        [
            (replace(NARROW, roles=["root"]), tokens.RoleUnknown),
            (replace(NARROW, roles=[]), tokens.RoleUnknown),
            (replace(NARROW, networks=["10.0.0.1/8"]), tokens.NetworkInvalid),
            (replace(NARROW, networks=["' OR 1=1"]), tokens.NetworkInvalid),
            (replace(NARROW, scopes=["everything"]), tokens.ScopeUnknown),
            (replace(NARROW, scopes=["command:"]), tokens.ScopeUnknown),
            (replace(NARROW, scopes=["open:all"]), tokens.ScopeUnknown),
        ],
    )
    def test_a_grant_that_means_nothing(
        self, record: PostgresRecord, grant: Grant, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            tokens.issue(record.connection, grant)
        assert tokens.listed(record.connection, all=True) == []

    @pytest.mark.case("AC-06")
    @pytest.mark.parametrize(
        "roles", [["key_custodian", "crm_admin"], ["auditor", "agent"], ["agent", "auditor"]]
    )
    def test_roles_nobody_holds_together_here_and_in_the_database(
        self, record: PostgresRecord, roles: Sequence[str]
    ) -> None:
        with pytest.raises(RolesExclude):
            tokens.issue(record.connection, replace(NARROW, roles=roles))
        with pytest.raises(psycopg.errors.CheckViolation), record.connection() as connection:
            connection.execute(
                "INSERT INTO keys.credential (token_sha256, actor, roles, expires_at)"
                " VALUES (sha256('x'), 'x', %s, clock_timestamp() + interval '1 day')",
                (list(roles),),
            )

    def test_a_token_without_an_end_is_the_installation_s_alone(
        self, record: PostgresRecord
    ) -> None:
        with pytest.raises(psycopg.errors.CheckViolation):
            tokens.issue(record.connection, replace(NARROW, days=None))
