"""Connections that see one scope: each scope has a database login of its own, and row rules show it
the rows of its markets, its teams and its own cases alone, whatever the question forgets to ask.

A login is made when it is first needed and is a member of one group of row rules and of nothing
else, so no SET ROLE leads anywhere. What it may see stands in `ref.scope`, which only the owner
changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from infra.projector.row_rules import BY_MARKET, BY_TEAM
from infra.request import ProjectionBehind
from infra.servers.problem import ServerProblem
from infra.vault.kek import InstallationKey
from queries.within import Within

AT_ONCE = 16
"""Connections of all scopes together, waiting ones included."""
LOCK = 4728
ALL = ["*"]


def login_of(database: str, within: Within) -> str:
    """Another one for every scope and every database: logins belong to the whole server."""
    markets, teams, actor = _line(within)
    told = json.dumps([database, sorted(markets), sorted(teams), actor])
    begins = database.encode()[:32].decode(errors="ignore")  # PostgreSQL cuts a name after 63 bytes
    return f"{begins}_scope_{sha256(told.encode()).hexdigest()[:24]}"


def group_of(within: Within) -> str:
    return BY_MARKET if within.teams is None else BY_TEAM


class ScopedConnections:
    def __init__(self, dsn: str, installation: InstallationKey) -> None:
        self._dsn = dsn
        self._database = str(conninfo_to_dict(dsn)["dbname"])
        self._installation = installation
        self._room = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._waiting: list[tuple[str, Connection[Any]]] = []
        self._busy = 0
        self._made: set[str] = set()

    @contextmanager
    def connection(self, within: Within) -> Iterator[Connection[tuple[Any, ...]]]:
        """Each statement commits by itself. Raises ServerProblem where our own login may not make
        others, ProjectionBehind where what is asked for has no row rules yet."""
        login = login_of(self._database, within)
        with self._room:
            held = self._take(login) or self._open(login, within)
            try:
                yield held
            except psycopg.errors.InsufficientPrivilege:
                raise ProjectionBehind(position=1) from None
            finally:
                self._put_back(login, held)

    def replace_dead_connections(self) -> None:
        """After an outage: those that wait are closed, and opened again when they are wanted."""
        with self._lock:
            left, self._waiting = self._waiting, []
            self._made.clear()
        for _, held in left:
            held.close()

    def close(self) -> None:
        self.replace_dead_connections()

    def _take(self, login: str) -> Connection[Any] | None:
        """One that waits; where none does there is room for one more."""
        with self._lock:
            self._busy += 1
            for n in reversed(range(len(self._waiting))):
                if self._waiting[n][0] == login:
                    return self._waiting.pop(n)[1]
            full = self._busy + len(self._waiting) > AT_ONCE
            oldest = self._waiting.pop(0)[1] if full else None
        if oldest is not None:
            oldest.close()
        return None

    def _put_back(self, login: str, held: Connection[Any]) -> None:
        fit = not held.closed and held.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            self._busy -= 1
            if fit:
                self._waiting.append((login, held))
        if not fit:
            held.close()

    def _open(self, login: str, within: Within) -> Connection[Any]:
        try:
            if login not in self._made:
                self._make(login, within)
            return psycopg.connect(
                self._dsn,
                user=login,
                password=self._installation.scope_login(login),
                autocommit=True,
                connect_timeout=5,
                application_name="dossier scope",
                options="-c jit=off -c idle_in_transaction_session_timeout=60000",
            )
        except BaseException:
            with self._lock:
                self._busy -= 1
            raise

    def _make(self, login: str, within: Within) -> None:
        """Whatever it was before, it is what it should be afterwards."""
        name = sql.Identifier(login)
        with psycopg.connect(self._dsn, connect_timeout=5) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,))
            verb = sql.SQL("CREATE" if known.fetchone() is None else "ALTER")
            password = self._installation.scope_login(login).encode()
            # What goes to the server is the verifier: a statement may stand in its log.
            verifier = connection.pgconn.encrypt_password(
                password, login.encode(), b"scram-sha-256"
            )
            try:
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                        verb, name, sql.Literal(verifier.decode())
                    )
                )
                connection.execute(
                    sql.SQL("GRANT {} TO {}").format(sql.Identifier(group_of(within)), name)
                )
            except psycopg.errors.InsufficientPrivilege:
                raise ServerProblem(
                    "the database login may not make the logins that narrowed callers read with"
                    " (CREATEROLE)"
                ) from None
            connection.execute("SET LOCAL ROLE dossier_owner")
            connection.execute(
                "INSERT INTO ref.scope (login, markets, teams, actor) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (login) DO UPDATE SET markets = excluded.markets,"
                " teams = excluded.teams, actor = excluded.actor",
                (login, *_line(within)),
            )
        self._made.add(login)


def _line(within: Within) -> tuple[list[str], list[str], str | None]:
    """As `ref.scope` has it. Nobody's own cases count who is not narrowed to teams."""
    markets = ALL if within.markets is None else _named(within.markets)
    if within.teams is None:
        return markets, ALL, None
    return markets, _named(within.teams), within.actor


def _named(codes: Sequence[str]) -> list[str]:
    """A team that is called like the sign for all teams is no way to all of them."""
    return [code for code in codes if code not in ALL]
