"""What an analyst's own login sees: the rows of its markets, no token, and no way around that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql

from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.terms import CollectionSource
from projections.catalogue import PROJECTIONS
from tests.projections.shop import Shop
from tests.projections.staff import staffed

REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)


def customer(shop: Shop, market: str) -> None:
    shop.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market=market,
            profile=ProfileFields(name="Ann Example"),
        )
    )


@pytest.fixture(scope="module")
def markets(lasting_shop: Shop) -> Shop:
    for market in ("GB", "GB", "DE", "CN"):
        customer(lasting_shop, market)
    staffed(lasting_shop)
    lasting_shop.catch_up()
    return lasting_shop


@contextmanager
def login(shop: Shop, role: str, *sees: str) -> Iterator[Connection[Any]]:
    """A login of its own, member of this role, for these markets."""
    name = f"login_{uuid4().hex[:12]}"
    admin = psycopg.connect(shop.dsn, autocommit=True)
    admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'sesame'").format(sql.Identifier(name)))
    admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(name)))
    admin.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            sql.Identifier(admin.info.dbname), sql.Identifier(name)
        )
    )
    for market in sees:
        admin.execute("INSERT INTO ref.analyst_market VALUES (%s, %s)", (name, market))
    try:
        with psycopg.connect(shop.dsn, user=name, password="sesame", autocommit=True) as opened:
            yield opened
    finally:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
        admin.close()


def seen(connection: Connection[Any], table: str = "mart.customers") -> list[str]:
    rows = connection.execute(f"SELECT market FROM {table} ORDER BY 1".encode())
    return [market for (market,) in rows]


class TestRows:
    @pytest.mark.parametrize(
        ("sees", "rows"),
        [
            (["GB"], ["GB", "GB"]),
            (["GB", "DE"], ["DE", "GB", "GB"]),
            (["*"], ["CN", "DE", "GB", "GB"]),
            ([], []),
        ],
    )
    def test_of_the_markets_of_who_logged_in(
        self, markets: Shop, sees: list[str], rows: list[str]
    ) -> None:
        with login(markets, "dossier_analyst", *sees) as analyst:
            assert seen(analyst) == rows

    def test_a_table_that_names_no_market_is_for_who_sees_all(self, markets: Shop) -> None:
        without = [
            p.table.name
            for p in PROJECTIONS.values()
            if p.table.for_analysts and "market" not in [c.name for c in p.table.columns]
        ]
        assert "tier_view" in without
        with login(markets, "dossier_analyst", "GB", "DE", "CN") as analyst:
            for table in without:
                assert analyst.execute(f"SELECT * FROM mart.{table}".encode()).fetchall() == []

    @pytest.mark.case("AC-09")
    @pytest.mark.parametrize(
        "statement",
        [
            "SET app.country = 'DE'",
            "SET app.market = '*'",
            "SELECT set_config('dossier.market', '*', false)",
            "SET row_security = off",
            "SET session_replication_role = replica",
            "SET ROLE dossier_mart",
            "SET ROLE dossier_reader",
            "SET SESSION AUTHORIZATION dossier_owner",
            "SET search_path = pg_temp, mart",
            "CREATE TEMP TABLE analyst_market (login name, market text)",
            "CREATE OR REPLACE VIEW mart.customers AS SELECT 1 AS one",
            "INSERT INTO ref.analyst_market VALUES (session_user, '*')",
        ],
    )
    def test_no_setting_shows_a_foreign_row(self, markets: Shop, statement: str) -> None:
        with login(markets, "dossier_analyst", "GB") as analyst:
            try:
                analyst.execute(statement.encode())
            except psycopg.Error:
                analyst.execute("SET row_security = on")
            try:
                rows = seen(analyst)
            except psycopg.errors.InsufficientPrivilege:
                rows = []
            assert set(rows) <= {"GB"}

    @pytest.mark.case("AC-09")
    def test_nor_does_a_function_that_looks_at_rows_on_the_way(self, markets: Shop) -> None:
        """A filter of the analyst's own is asked only about rows the analyst may see."""
        with login(markets, "dossier_analyst", "GB") as analyst:
            heard: list[str] = []
            analyst.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
            with pytest.raises(psycopg.errors.DivisionByZero):
                analyst.execute(
                    "SELECT 1 / (CASE WHEN market = 'GB' THEN 0 ELSE 1 END) FROM mart.customers"
                )
            answer = analyst.execute(
                "SELECT 1 / (CASE WHEN market = 'DE' THEN 0 ELSE 1 END) FROM mart.customers"
            )
            assert answer.fetchall() == [(1,), (1,)]

    def test_nothing_about_staff_even_for_who_sees_all(self, markets: Shop) -> None:
        with login(markets, "dossier_analyst", "*") as analyst:
            kinds = {
                kind
                for table in ("history", "sla_timers")
                for (kind,) in analyst.execute(f"SELECT kind FROM mart.{table}".encode())
            }
        assert kinds == {"customer"}
        assert "staff" in {row["kind"] for row in markets.rows("history")}


class TestColumns:
    def test_no_token_and_no_table_beneath(self, markets: Shop) -> None:
        with login(markets, "dossier_analyst", "*") as analyst:
            for projection in PROJECTIONS.values():
                table = projection.table
                if not table.for_analysts:
                    continue
                cursor = analyst.execute(f"SELECT * FROM mart.{table.name}".encode())
                assert not [c.name for c in cursor.description or () if "token" in c.name]
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    analyst.execute(f"SELECT 1 FROM p_{table.name}_v1.{table.name}".encode())

    def test_who_runs_the_views_may_read_no_token_either(self, markets: Shop) -> None:
        with psycopg.connect(markets.dsn) as connection:
            connection.execute("SET ROLE dossier_mart")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT name_token FROM p_customers_v1.customers")

    @pytest.mark.case("AC-11")
    @pytest.mark.clause("CB-14.1d")
    def test_who_may_read_all_data_sees_no_value_in_the_open(self, markets: Shop) -> None:
        with psycopg.connect(markets.dsn) as monitor:
            # Given up at the end: no other test ever sees a member of this role.
            monitor.execute("CREATE ROLE monitor IN ROLE pg_read_all_data")
            monitor.execute("SET LOCAL ROLE monitor")
            bodies = monitor.execute("SELECT encode(body, 'escape') FROM es.events").fetchall()
            assert len(bodies) > 4
            assert "Ann Example" not in str(bodies)
            assert seen(monitor, "p_customers_v1.customers") == []
            monitor.rollback()


@pytest.mark.case("AC-12")
class TestUniqueness:
    def test_an_analyst_inserts_nowhere_and_so_asks_no_constraint(self, markets: Shop) -> None:
        with login(markets, "dossier_analyst", "GB") as analyst:
            for table in ("mart.customers", "read.customers", "p_customers_v1.customers"):
                with pytest.raises(REFUSED):
                    analyst.execute(
                        f"INSERT INTO {table} (customer) VALUES (gen_random_uuid())".encode()
                    )
            writable = analyst.execute(
                "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n"
                " ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%'"
                " AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'v', 'p', 'm')"
                " AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
            ).fetchall()
        assert writable == []

    def test_ids_are_random_or_say_nothing_of_another_row(self, markets: Shop) -> None:
        ids = [row["customer"] for row in markets.rows("customers")]
        assert {id.version for id in ids} == {7}
        assert len({id.bytes[6:] for id in ids}) == len(ids)


class TestLocksAndObjects:
    @pytest.mark.parametrize(
        "call", ["pg_advisory_lock_shared(4723)", "pg_try_advisory_lock(4724)", "lo_create(0)"]
    )
    def test_an_analyst_holds_nobody_up_and_leaves_nothing(self, markets: Shop, call: str) -> None:
        with (
            login(markets, "dossier_analyst", "GB") as analyst,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            analyst.execute(f"SELECT {call}".encode())
