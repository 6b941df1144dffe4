"""Tokens issued before they had an end, when the schema is brought up to date beneath them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import psycopg
import pytest

from infra.home import Home
from infra.identity import tokens
from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import Unauthenticated
from infra.identity.installation import admin_token
from infra.record import migrate
from infra.record.postgres import PostgresRecord

KEPT = {"dossier_admins": ("admin", ["crm_admin", "auditor"]), "dossier_shops": ("shop", ["agent"])}


@pytest.fixture
def earlier(server_addresses: dict[str, str], worker_id: str) -> Iterator[PostgresRecord]:
    """A database that stopped at migration 9, with tokens in it, and is brought up to date."""
    name = f"test_earlier_{worker_id}"
    known = migrate.migrations()
    with psycopg.connect(server_addresses["postgres"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        dsn = server_addresses["postgres"].removesuffix("postgres") + name
        with psycopg.connect(dsn, autocommit=True) as opened:
            opened.execute(
                "CREATE TABLE public.dossier_migration (number int PRIMARY KEY,"
                " name text NOT NULL, sha256 text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
            for number, file, statements in known:
                if number < 10:
                    opened.execute(statements.encode())
                    opened.execute(
                        "INSERT INTO dossier_migration VALUES (%s, %s, %s)",
                        (number, file, sha256(statements.encode()).hexdigest()),
                    )
            for token, (actor, roles) in KEPT.items():
                opened.execute(
                    "INSERT INTO keys.credential (token_sha256, actor, roles) VALUES (%s, %s, %s)",
                    (sha256(token.encode()).digest(), actor, roles),
                )
        assert "0010_identity.sql" in migrate.migrate(dsn)
        record = PostgresRecord(dsn)
        yield record
        record.close()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_they_go_on_end_some_day_and_are_parted(earlier: PostgresRecord) -> None:
    entry = Authentication.of_own_tokens(earlier.connection)
    for token, (actor, _) in KEPT.items():
        assert entry.authenticate(RequestFacts(f"Bearer {token}", None)).actor == actor
    shown = {token.actor: token for token in tokens.listed(earlier.connection)}
    assert shown["admin"].roles == ["crm_admin"]
    assert shown["admin"].expires_at is None
    left = shown["shop"].expires_at - shown["shop"].made_at  # type: ignore[operator]
    assert timedelta(days=89) < left < timedelta(days=91)


def test_the_administrator_s_file_is_taken_up_and_can_be_taken_back(
    earlier: PostgresRecord, home: Home
) -> None:
    home.credentials.mkdir(parents=True, exist_ok=True)
    (home.credentials / "admin.token").write_text("dossier_admins\n")
    admin_token(home, earlier.connection)
    (known,) = [t for t in tokens.listed(earlier.connection) if t.actor == "admin"]
    tokens.revoke(earlier.connection, known.id)
    admin_token(home, earlier.connection)
    entry = Authentication.of_own_tokens(earlier.connection)
    with pytest.raises(Unauthenticated):
        entry.authenticate(RequestFacts("Bearer dossier_admins", None))
