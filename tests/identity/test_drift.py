"""Drift: each way in which rights can slip is really made, and named by one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from infra.identity.drift import drift
from infra.identity.rights import FILE, text, written_down
from projections.orders import ORDERS
from tests.projections.shop import Shop


@pytest.fixture
def connection(lasting_shop: Shop) -> Iterator[Connection[Any]]:
    """A superuser's, in a transaction that is given up: what is made of drift leaves no trace."""
    lasting_shop.catch_up()
    with psycopg.connect(lasting_shop.dsn) as opened:
        opened.execute("SELECT 1")
        yield opened
        opened.rollback()


def test_nothing_has_slipped_in_a_fresh_database(connection: Connection[Any]) -> None:
    assert drift(connection) == []


def test_what_is_written_down_is_what_the_migrations_give(connection: Connection[Any]) -> None:
    """After a new migration: see infra/identity/rights.py."""
    made = {
        tuple(line.split(": ", 1))
        for line in text(connection).splitlines()
        if not line.startswith("#")
    }
    assert made == written_down(), FILE


def test_whoever_asks(connection: Connection[Any]) -> None:
    for role in ("dossier_writer", "dossier_reader", "dossier_auditor"):
        connection.execute(f"SET ROLE {role}".encode())
        assert drift(connection) == []


def test_logins_of_analysts_and_of_scopes_are_expected_as_long_as_they_are_no_more(
    connection: Connection[Any],
) -> None:
    """In the product's own database they are named like our roles."""
    connection.execute("CREATE ROLE dossier_1_mart_login LOGIN IN ROLE dossier_analyst")
    connection.execute("CREATE ROLE dossier_scope_0123456789abcdef01234567 LOGIN")
    connection.execute("GRANT dossier_scope TO dossier_scope_0123456789abcdef01234567")
    assert drift(connection) == []
    connection.execute("ALTER ROLE dossier_1_mart_login BYPASSRLS CREATEDB")
    assert drift(connection) == ["more: role dossier_1_mart_login: login bypassrls createdb"]


PARTITION = "es.events_000003"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        # grants
        ("GRANT UPDATE ON es.events TO dossier_writer",
         ["more: es.events: dossier_writer UPDATE"]),
        (f"GRANT SELECT ON {PARTITION} TO dossier_analyst",
         [f"more: {PARTITION}: dossier_analyst SELECT"]),
        ("GRANT SELECT (wrapped) ON keys.subject_key TO dossier_auditor",
         ["more: keys.subject_key(wrapped): dossier_auditor SELECT"]),
        ("GRANT USAGE ON SCHEMA keys TO PUBLIC", ["more: schema keys: PUBLIC USAGE"]),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA trail TO PUBLIC", None),
        ("REVOKE SELECT ON trail.access FROM dossier_auditor",
         ["missing: trail.access: dossier_auditor SELECT"]),
        ("REVOKE EXECUTE ON FUNCTION es.watermark_v1() FROM dossier_reader",
         ["missing: es.watermark_v1/0: dossier_reader EXECUTE"]),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", ["more: public: PUBLIC CREATE"]),
        ("GRANT SELECT (name_token) ON p_customers_v1.customers TO dossier_mart",
         ["more: p_customers_v1.customers(name_token): dossier_mart SELECT"]),
        ("GRANT SELECT ON read.customers TO dossier_analyst",
         ["more: read.customers: dossier_analyst SELECT"]),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE dossier_owner GRANT SELECT ON TABLES TO PUBLIC",
         ["more: new r of dossier_owner: PUBLIC SELECT"]),
        ("GRANT EXECUTE ON FUNCTION pg_advisory_lock_shared(bigint) TO PUBLIC",
         ["PUBLIC may call pg_advisory_lock_shared(bigint)"]),
        # triggers
        (f"ALTER TABLE {PARTITION} DISABLE TRIGGER no_rewrite",
         [f"missing: {PARTITION}: trigger no_rewrite A es.refuse_rewrite",
          f"more: {PARTITION}: trigger no_rewrite D es.refuse_rewrite"]),
        (f"ALTER TABLE {PARTITION} ENABLE TRIGGER no_truncate",
         [f"missing: {PARTITION}: trigger no_truncate A es.refuse_rewrite",
          f"more: {PARTITION}: trigger no_truncate O es.refuse_rewrite"]),
        ("DROP TRIGGER no_truncate ON trail.login",
         ["missing: trail.login: trigger no_truncate A es.refuse_rewrite"]),
        # owners
        (f"ALTER TABLE {PARTITION} OWNER TO dossier_writer",
         [f"missing: {PARTITION}: owner dossier_owner",
          f"more: {PARTITION}: owner dossier_writer"]),
        ("ALTER SCHEMA keys OWNER TO dossier_projector", None),
        ("ALTER FUNCTION es.append_v1 OWNER TO dossier_writer", None),
        ("ALTER VIEW mart.customers OWNER TO dossier_projector", None),
        # attributes and members
        ("ALTER ROLE dossier_analyst BYPASSRLS",
         ["missing: role dossier_analyst: nologin",
          "more: role dossier_analyst: nologin bypassrls"]),
        ("ALTER ROLE dossier_writer LOGIN", None),
        ("CREATE ROLE drift_passer BYPASSRLS", ["drift_passer is above row rules"]),
        ("CREATE ROLE drift_super SUPERUSER", ["drift_super is a superuser"]),
        ("CREATE ROLE drift_monitor LOGIN IN ROLE pg_read_all_data",
         ["drift_monitor is a member of pg_read_all_data"]),
        ("GRANT pg_execute_server_program TO dossier_reader",
         ["dossier_reader is a member of pg_execute_server_program"]),
        ("GRANT dossier_keys TO dossier_writer",
         ["dossier_writer is a member of dossier_keys"]),
        ("CREATE ROLE drift_both LOGIN IN ROLE dossier_analyst, dossier_auditor",
         ["drift_both is a member of dossier_analyst and dossier_auditor"]),
        ("CREATE ROLE drift_group IN ROLE dossier_auditor",
         ["drift_group is a member of dossier_auditor"]),
        # functions that run as their owner
        ("ALTER FUNCTION es.watermark_v1() RESET search_path",
         ["missing: es.watermark_v1/0: owner dossier_owner definer search_path=es, pg_temp",
          "more: es.watermark_v1/0: owner dossier_owner definer WITHOUT search_path"]),
        ("CREATE FUNCTION public.help_me() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
         ["more: public.help_me/0: runs as its owner"]),
        ("CREATE FUNCTION es.help_me() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1", None),
        # row rules
        ("ALTER TABLE p_customers_v1.customers DISABLE ROW LEVEL SECURITY",
         ["missing: p_customers_v1.customers: row rules"]),
        ("DROP POLICY by_market ON p_customers_v1.customers",
         ["missing: p_customers_v1.customers: policy by_market for dossier_mart by session_user"]),
        ("ALTER POLICY by_market ON p_customers_v1.customers"
         " USING (market = current_setting('app.market', true) OR session_user = 'x')",
         ["missing: p_customers_v1.customers: policy by_market for dossier_mart by session_user",
          "more: p_customers_v1.customers: policy by_market for dossier_mart by a setting"]),
        ("CREATE POLICY all_rows ON p_customers_v1.customers FOR SELECT USING (true)",
         ["more: p_customers_v1.customers: policy all_rows for PUBLIC by true"]),
        ("DROP POLICY for_dossier_scope ON p_orders_v1.orders",
         ["missing: p_orders_v1.orders: policy for_dossier_scope for dossier_scope"
          " by customers_of_markets"]),
        ("ALTER POLICY for_dossier_team_scope ON p_tickets_v1.tickets USING (true)",
         ["missing: p_tickets_v1.tickets: policy for_dossier_team_scope for dossier_team_scope"
          " by session_user and customers_of_markets and customers_of_teams",
          "more: p_tickets_v1.tickets: policy for_dossier_team_scope for dossier_team_scope"
          " by true"]),
        ("ALTER TABLE p_staff_access_v1.staff_access DISABLE ROW LEVEL SECURITY",
         ["missing: p_staff_access_v1.staff_access: row rules"]),
        ("ALTER VIEW read.history SET (security_invoker = false)",
         ["missing: read.history: view security_invoker=true",
          "more: read.history: view security_invoker=false"]),
        ("CREATE OR REPLACE VIEW read.customers_of_teams WITH (security_barrier) AS"
         " SELECT customer FROM p_customers_v1.customers",
         ["missing: read.customers_of_teams: view security_barrier=true by session_user",
          "more: read.customers_of_teams: view security_barrier=true"]),
        ("GRANT SELECT ON read.staff_access TO dossier_scope",
         ["more: read.staff_access: dossier_scope SELECT"]),
        ("GRANT UPDATE ON ref.scope TO dossier_writer",
         ["more: ref.scope: dossier_writer UPDATE"]),
        ("ALTER POLICY own_line ON ref.scope USING (true)",
         ["missing: ref.scope: policy own_line for dossier_scope,dossier_team_scope"
          ",dossier_projector by session_user",
          "more: ref.scope: policy own_line for dossier_scope,dossier_team_scope"
          ",dossier_projector by true"]),
        ("CREATE ROLE drift_two LOGIN IN ROLE dossier_scope, dossier_analyst",
         ["drift_two is a member of dossier_analyst and dossier_scope"]),
        ("CREATE VIEW mart.more AS SELECT * FROM p_customers_v1.customers", None),
    ],
)  # fmt: skip
@pytest.mark.case("AC-08")
@pytest.mark.case("AC-11")
def test_what_slips_is_named(
    connection: Connection[Any], made: str, told: list[str] | None
) -> None:
    connection.execute(made.encode())
    found = drift(connection)
    assert found != []
    if told is not None:
        assert found == told


def test_a_right_on_the_database(connection: Connection[Any]) -> None:
    connection.execute(f"GRANT TEMPORARY ON DATABASE {connection.info.dbname} TO PUBLIC".encode())
    assert drift(connection) == ["more: database: PUBLIC TEMPORARY"]


@pytest.mark.case("AC-09")
def test_no_row_rule_rests_on_a_setting_and_no_view_of_analysts_on_its_owner(
    connection: Connection[Any],
) -> None:
    """The owner of a table is above its row rules, so views of analysts belong to somebody else."""
    rules = connection.execute(
        "SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE pg_get_expr(p.polqual, p.polrelid) ~* 'current_setting|current_user'"
    ).fetchall()
    views = connection.execute(
        "SELECT v.relname, b.relrowsecurity, v.relowner <> b.relowner, r.rolbypassrls"
        " FROM pg_class v JOIN pg_namespace n ON n.oid = v.relnamespace AND n.nspname = 'mart'"
        " JOIN pg_roles r ON r.oid = v.relowner JOIN pg_rewrite w ON w.ev_class = v.oid"
        " JOIN pg_depend d ON d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass"
        " JOIN pg_class b ON b.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass"
        " AND b.relkind = 'r' GROUP BY 1, 2, 3, 4"
    ).fetchall()
    assert rules == []
    assert len(views) > 5
    assert {row[1:] for row in views} == {(True, True, False)}


def test_every_function_that_runs_as_its_owner_says_where_it_looks(
    connection: Connection[Any],
) -> None:
    loose = connection.execute(
        "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname <> 'pg_catalog' AND NOT coalesce("
        " (SELECT bool_or(s LIKE 'search_path=%pg_temp') FROM unnest(p.proconfig) s), false)"
    ).fetchall()
    assert loose == []


def test_a_build_kept_for_a_switch_back_has_what_it_was_given_and_no_more(shop: Shop) -> None:
    shop.catch_up({"orders": replace(ORDERS, version=ORDERS.version + 1)})
    shop.catch_up({"orders": ORDERS})
    shop.catch_up()
    with psycopg.connect(shop.dsn, autocommit=True) as connection:
        states = connection.execute("SELECT state FROM es.projection WHERE name = 'orders'")
        assert sorted(state for (state,) in states) == ["live", "retired"]
        assert _of_orders(connection) == []
        connection.execute("GRANT UPDATE ON p_orders_v1.orders TO dossier_reader")
        connection.execute("GRANT SELECT ON p_orders_v1.orders TO dossier_auditor")
        assert _of_orders(connection) == [
            "more: p_orders_v1.orders: dossier_auditor SELECT",
            "more: p_orders_v1.orders: dossier_reader UPDATE",
        ]


def _of_orders(connection: Connection[Any]) -> list[str]:
    """The database of one test has no rights on itself yet; they are given when it is opened."""
    return [line for line in drift(connection) if "orders" in line]
