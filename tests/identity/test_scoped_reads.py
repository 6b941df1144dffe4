"""The second line behind a narrowed caller: what a login of their scope sees, whatever is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from commands.complaint.assign_complaint import AssignComplaint
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.ticket.assign_ticket import AssignTicket
from domain.personal import Category
from domain.privacy.events import RequestType
from domain.terms import Channel
from infra.identity.drift import drift
from infra.identity.scoped import AT_ONCE, ScopedConnections, login_of
from infra.projector import rebuild
from infra.servers.problem import ServerProblem
from infra.vault.kek import InstallationKey
from projections.catalogue import PROJECTIONS
from queries.breaches_as_of import breaches_as_of
from queries.complaint_shown import complaint_shown
from queries.complaints_found import complaints_found
from queries.consents_shares import shares_found
from queries.customer_shown import customer_shown
from queries.customers_found import customers_found
from queries.customers_of_tier import customers_of_tier
from queries.fact_version import fact_version
from queries.history_as_of import history_as_of
from queries.orders_of_customer import order_shown, orders_of_customer
from queries.ticket_shown import ticket_shown
from queries.tickets_found import tickets_found
from queries.tiers_held import tiers_held
from queries.timers_of_case import timers_of_case
from queries.within import Within
from tests.projections.life import Life, after, lived
from tests.projections.policies import ROW, drafted
from tests.projections.shop import Shop
from tests.projections.staff import staffed

CN = Within(markets=("CN",))
INSTALLATION = InstallationKey(bytes(32))
LATER = datetime(2027, 1, 1, tzinfo=UTC)
OF_CUSTOMERS = [
    name
    for name, projection in PROJECTIONS.items()
    if "customer" in {column.name for column in projection.table.columns}
]


class Markets(NamedTuple):
    """Ada of China and Bea of Germany have gone through the same."""

    shop: Shop
    scoped: ScopedConnections
    ada: Life
    bea: Life


@pytest.fixture(scope="module")
def markets(lasting_shop: Shop) -> Iterator[Markets]:
    shop = lasting_shop
    ada, bea = lived(shop, 1, "Ada"), lived(shop, 2, "Bea", market="DE")
    for life in (ada, bea):
        shop.ask(
            ReceivePrivacyRequest(
                customer_id=life.customer,
                request_type=RequestType.ERASURE,
                categories=(Category.CONTENT,),
                channel=Channel.EMAIL,
            )
        )
    shop.ask(AssignTicket(ticket_id=bea.ticket, owner="dan", group="two", at=after(120)))
    shop.ask(AssignComplaint(complaint_id=bea.complaint, owner="eva", participants=("kim", "lou")))
    shop.ask(AssignComplaint(complaint_id=bea.complaint, owner="eva", participants=("lou",)))
    staffed(shop)
    drafted(shop, "house_rules", ROW)
    shop.catch_up()
    with closing(ScopedConnections(shop.dsn, INSTALLATION)) as scoped:
        yield Markets(shop, scoped, ada, bea)


def customers(connection: Connection[Any], relation: str) -> set[Any]:
    return {c for (c,) in connection.execute(f"SELECT customer FROM {relation}".encode())}


def base(shop: Shop, name: str) -> str:
    with psycopg.connect(shop.dsn) as admin:
        row = admin.execute(
            "SELECT version FROM es.projection WHERE name = %s AND state = 'live'", (name,)
        ).fetchone()
    assert row is not None
    return f"p_{name}_v{row[0]}.{name}"


@pytest.mark.case("AC-08")
class TestRows:
    @pytest.mark.parametrize("name", OF_CUSTOMERS)
    def test_of_every_table_are_those_of_the_scope_alone(self, markets: Markets, name: str) -> None:
        both = {markets.ada.customer, markets.bea.customer}
        assert {row["customer"] for row in markets.shop.rows(name)} >= both
        with markets.scoped.connection(CN) as scoped:
            assert customers(scoped, f"read.{name}") == {markets.ada.customer}
        with markets.scoped.connection(Within(markets=("DE", "CN"))) as scoped:
            assert customers(scoped, f"read.{name}") == both
        with markets.scoped.connection(Within(markets=("GB",))) as scoped:
            assert customers(scoped, f"read.{name}") == set()

    @pytest.mark.parametrize("name", OF_CUSTOMERS)
    def test_of_the_table_beneath_too_if_it_could_be_named(
        self, markets: Markets, name: str
    ) -> None:
        table = base(markets.shop, name)
        with (
            markets.scoped.connection(CN) as scoped,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            customers(scoped, table)
        schema = sql.Identifier(table.partition(".")[0])
        with psycopg.connect(markets.shop.dsn, autocommit=True) as admin:
            admin.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO dossier_scope").format(schema))
            try:
                with markets.scoped.connection(CN) as scoped:
                    assert customers(scoped, table) == {markets.ada.customer}
            finally:
                admin.execute(
                    sql.SQL("REVOKE USAGE ON SCHEMA {} FROM dossier_scope").format(schema)
                )

    def test_nothing_about_staff_and_all_rules(self, markets: Markets) -> None:
        with markets.scoped.connection(CN) as scoped:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), scoped.transaction():
                scoped.execute("SELECT FROM read.staff_access")
            kinds = {k for (k,) in scoped.execute("SELECT kind FROM read.history")}
            assert scoped.execute("SELECT policy FROM read.policies").fetchall() != []
        assert "staff" not in kinds
        assert "staff" in {row["kind"] for row in markets.shop.rows("history")}

    @pytest.mark.parametrize(
        ("within", "seen"),
        [
            (Within(teams=("two",), actor="amy"), "bea"),
            (Within(teams=("one", "two"), actor="amy"), "ada bea"),
            (Within(teams=(), actor="cid"), "ada"),
            (Within(teams=(), actor="eva"), "bea"),
            (Within(teams=(), actor="lou"), "bea"),
            (Within(teams=(), actor="kim"), ""),
            (Within(teams=("*",), actor="*"), ""),
            (Within(markets=("CN",), teams=("two",), actor="amy"), ""),
            (Within(markets=("DE",), teams=("two",), actor="amy"), "bea"),
            (Within(markets=("*",)), ""),
            (Within(markets=()), ""),
        ],
        ids=str,
    )
    def test_by_team_and_whose_case_it_is(
        self, markets: Markets, within: Within, seen: str
    ) -> None:
        expected = {getattr(markets, name).customer for name in seen.split()}
        with markets.scoped.connection(within) as scoped:
            for name in OF_CUSTOMERS:
                assert customers(scoped, f"read.{name}") == expected, name


QUESTIONS: dict[str, Callable[[Connection[Any], Life], Any]] = {
    "customer": lambda db, life: customer_shown(db, life.customer),
    "order": lambda db, life: order_shown(db, life.order),
    "orders": lambda db, life: orders_of_customer(db, life.customer),
    "ticket": lambda db, life: ticket_shown(db, life.ticket),
    "timers": lambda db, life: timers_of_case(db, life.ticket),
    "complaint": lambda db, life: complaint_shown(db, life.complaint),
    "history": lambda db, life: history_as_of(db, life.customer),
    "version": lambda db, life: fact_version(db, life.ticket, ["tickets"]),
    "tickets": lambda db, life: tickets_found(db, customer=life.customer),
    "complaints": lambda db, life: complaints_found(db, customer=life.customer),
    "breaches": lambda db, life: breaches_as_of(db, LATER, customer=life.customer),
    "shares": lambda db, life: shares_found(db, customer=life.customer),
    "customers": lambda db, life: [c for c in customers_found(db) if c.customer == life.customer],
    "tiers": lambda db, life: [
        holder
        for held in tiers_held(db)
        for holder in customers_of_tier(db, held.scheme, held.tier)
        if holder.customer == life.customer
    ],
}


@pytest.mark.case("AC-08")
class TestWithoutTheApplicationsCheck:
    """Every question is asked as for somebody whom nothing narrows."""

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_question_finds_nobody_of_another_market(
        self, markets: Markets, question: str
    ) -> None:
        ask = QUESTIONS[question]
        with markets.scoped.connection(CN) as scoped, markets.shop.reading() as whole:
            assert not ask(scoped, markets.bea)
            assert ask(whole, markets.bea)
            assert ask(scoped, markets.ada) == ask(whole, markets.ada)

    def test_nor_counts_them(self, markets: Markets) -> None:
        with markets.scoped.connection(CN) as scoped, markets.shop.reading() as whole:
            assert [row.customers for row in tiers_held(scoped)] == [1]
            assert [row.customers for row in tiers_held(whole)] == [2]


@pytest.mark.case("AC-08")
@pytest.mark.case("AC-09")
class TestWideningIt:
    @pytest.mark.parametrize(
        "statement",
        [
            "SET app.country = 'DE'",
            "SELECT set_config('dossier.market', '*', false)",
            "SELECT set_config('role', 'dossier_writer', false)",
            "SET ROLE dossier_writer",
            "SET ROLE dossier_reader",
            "SET ROLE dossier_projector",
            "SET ROLE dossier_mart",
            "SET ROLE {other}",
            "SET ROLE dossier_team_scope",
            "RESET ROLE",
            "SET SESSION AUTHORIZATION {other}",
            "SET row_security = off",
            "SET session_replication_role = replica",
            "SET search_path = pg_temp, ref, read",
            "CREATE TEMP TABLE scope (login name, markets text[], teams text[], actor text)",
            "INSERT INTO ref.scope VALUES (session_user, '{{*}}', '{{*}}')",
            "UPDATE ref.scope SET markets = '{{*}}'",
            "DELETE FROM ref.scope",
            "CREATE OR REPLACE VIEW read.customers_of_markets AS SELECT gen_random_uuid() customer",
            "GRANT dossier_writer TO {mine}",
            "ALTER ROLE {mine} BYPASSRLS",
            "ALTER VIEW read.customers SET (security_invoker = false)",
        ],
    )
    def test_no_statement_shows_a_row_more(self, markets: Markets, statement: str) -> None:
        database = conninfo_to_dict(markets.shop.dsn)["dbname"]
        other = Within(markets=("DE",))
        with markets.scoped.connection(other):
            pass  # its login is there
        names = {"mine": login_of(str(database), CN), "other": login_of(str(database), other)}
        with markets.scoped.connection(CN) as scoped:
            try:
                scoped.execute(statement.format(**names).encode())
            except psycopg.Error:
                scoped.execute("SET row_security = on")
            for table in ("customers", "history", "tickets", "customers_of_markets"):
                try:
                    seen = customers(scoped, f"read.{table}")
                except psycopg.errors.InsufficientPrivilege:
                    seen = set()
                assert seen <= {markets.ada.customer}, table
            scoped.close()

    def test_no_function_looks_at_rows_on_the_way(self, markets: Markets) -> None:
        with markets.scoped.connection(CN) as scoped:
            for relation in ("read.customers", "read.orders", "read.customers_of_markets"):
                question = f"SELECT 1 / (customer <> %s)::int FROM {relation}".encode()
                assert scoped.execute(question, (markets.bea.customer,)).fetchall()
                with pytest.raises(psycopg.errors.DivisionByZero):
                    scoped.execute(question, (markets.ada.customer,))

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT * FROM ref.scope",
            "SELECT * FROM es.events",
            "SELECT * FROM es.streams",
            "SELECT * FROM trail.access",
            "SELECT * FROM keys.credential",
            "SELECT * FROM mart.customers",
            "DELETE FROM read.customers",
            "SELECT pg_advisory_lock(1)",
        ],
    )
    def test_nothing_else_is_theirs(self, markets: Markets, statement: str) -> None:
        with (
            markets.scoped.connection(CN) as scoped,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            scoped.execute(statement.encode())

    def test_a_login_without_a_line_sees_nobody(self, markets: Markets) -> None:
        with (
            psycopg.connect(markets.shop.dsn, autocommit=True) as owner,
            markets.scoped.connection(Within(markets=("CN", "GB"))) as scoped,
        ):
            assert customers(scoped, "read.customers") == {markets.ada.customer}
            owner.execute("DELETE FROM ref.scope WHERE login = %s", (scoped.info.user,))
            for name in OF_CUSTOMERS:
                assert customers(scoped, f"read.{name}") == set(), name

    @pytest.mark.parametrize("role", ["dossier_writer", "dossier_projector", "dossier_mart"])
    def test_only_the_owner_says_who_sees_what(self, markets: Markets, role: str) -> None:
        with psycopg.connect(markets.shop.dsn, autocommit=True) as product:
            product.execute(f"SET ROLE {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                product.execute("UPDATE ref.scope SET markets = '{*}'")


@pytest.mark.case("AC-08")
class TestRebuilding:
    @pytest.mark.parametrize("name", OF_CUSTOMERS)
    def test_keeps_the_rules_of_every_table(self, markets: Markets, name: str) -> None:
        before = base(markets.shop, name)
        rebuild(markets.shop.dsn, name)
        assert base(markets.shop, name) != before
        with markets.scoped.connection(CN) as scoped:
            for table in OF_CUSTOMERS:
                assert customers(scoped, f"read.{table}") == {markets.ada.customer}, table
        with psycopg.connect(markets.shop.dsn) as connection:
            assert drift(connection) == []


@pytest.mark.case("AC-08")
def test_a_build_without_what_a_rule_asks_for_shows_less_until_it_is_made_anew(shop: Shop) -> None:
    """As after an upgrade, while the projections are made anew one by one."""
    ada = lived(shop)
    shop.ask(AssignComplaint(complaint_id=ada.complaint, owner="eva", participants=("lou",)))
    shop.catch_up()
    by_team, takes_part = Within(teams=("one",), actor="amy"), Within(teams=(), actor="lou")
    with closing(ScopedConnections(shop.dsn, INSTALLATION)) as scoped:

        def sees(within: Within) -> bool:
            with scoped.connection(within) as connection:
                return customers(connection, "read.customers") == {ada.customer}

        assert sees(by_team)
        assert sees(takes_part)
        with psycopg.connect(shop.dsn) as admin:
            table = base(shop, "complaints")
            admin.execute(f"ALTER TABLE {table} DROP COLUMN participants CASCADE".encode())
        rebuild(shop.dsn, "tickets")
        rebuild(shop.dsn, "customers")
        assert sees(by_team)
        assert not sees(takes_part)
        rebuild(shop.dsn, "complaints")
        assert sees(takes_part)


class TestLogins:
    def test_every_scope_of_every_database_has_one_whose_name_is_whole(self) -> None:
        scopes = (
            CN,
            Within(markets=("DE",)),
            Within(markets=("CN", "DE")),
            Within(teams=("CN",), actor="a"),
            Within(teams=("CN",), actor="b"),
            Within(markets=("CN",), teams=("CN",), actor="a"),
        )
        databases = ("dossier", "dossier2", "\u00fc" * 31, "\u00fc" * 30 + "x")
        logins = {login_of(name, scope) for name in databases for scope in scopes}
        assert len(logins) == len(databases) * len(scopes)
        assert all(len(login.encode()) <= 63 for login in logins)
        assert login_of("dossier", Within(("DE", "CN"))) == login_of("dossier", scopes[2])

    def test_what_one_may_see_is_put_right_by_the_next_process(self, markets: Markets) -> None:
        with psycopg.connect(markets.shop.dsn, autocommit=True) as owner:
            owner.execute(
                "UPDATE ref.scope SET markets = '{*,DE}' WHERE login = %s",
                (login_of(owner.info.dbname, CN),),
            )
        with (
            closing(ScopedConnections(markets.shop.dsn, INSTALLATION)) as anew,
            anew.connection(CN) as scoped,
        ):
            assert customers(scoped, "read.customers") == {markets.ada.customer}


class TestConnections:
    def test_wait_for_the_next_of_their_scope_and_never_are_too_many(
        self, markets: Markets
    ) -> None:
        pids = set()
        for _ in range(3):
            with markets.scoped.connection(CN) as scoped:
                pids.add(scoped.info.backend_pid)
        assert len(pids) == 1
        for number in range(AT_ONCE + 4):
            with markets.scoped.connection(Within(teams=(f"team-{number}",))) as scoped:
                scoped.execute("SELECT 1")
        with psycopg.connect(markets.shop.dsn) as admin:
            row = admin.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'dossier scope' AND datname = current_database()"
            ).fetchone()
        assert row is not None
        assert 4 < row[0] <= AT_ONCE

    def test_are_opened_again_after_an_outage(self, markets: Markets) -> None:
        with markets.scoped.connection(CN) as scoped:
            pid = scoped.info.backend_pid
        with psycopg.connect(markets.shop.dsn) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with (
            pytest.raises(psycopg.OperationalError),
            markets.scoped.connection(CN) as scoped,
        ):
            scoped.execute("SELECT 1")
        markets.scoped.replace_dead_connections()
        with markets.scoped.connection(CN) as scoped:
            assert customers(scoped, "read.customers") == {markets.ada.customer}

    def test_where_our_login_may_make_no_other_it_is_said(self, markets: Markets) -> None:
        with psycopg.connect(markets.shop.dsn, autocommit=True) as admin:
            admin.execute("CREATE ROLE plain_login LOGIN PASSWORD 'sesame' IN ROLE dossier_owner")
            admin.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO plain_login").format(
                    sql.Identifier(admin.info.dbname)
                )
            )
            admin.execute("GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO plain_login")
            dsn = make_conninfo(markets.shop.dsn, user="plain_login", password="sesame")
            try:
                with (
                    closing(ScopedConnections(dsn, INSTALLATION)) as scoped,
                    pytest.raises(ServerProblem, match="CREATEROLE"),
                    scoped.connection(Within(markets=("FR",))),
                ):
                    pass
            finally:
                admin.execute("DROP OWNED BY plain_login")
                admin.execute("DROP ROLE plain_login")
