"""What the tables may hold: columns of a closed list, and sealed tokens."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from infra.projector.builds import connected
from projections.catalogue import PROJECTIONS
from projections.columns import CLEAR, TOKEN, Holds
from projections.orders import OrderRow
from projections.table import Table, json_text
from tests.projections.life import erase, lived
from tests.projections.shop import EIGHT, Shop

TYPES = {
    Holds.ID: {"uuid", "text", "bigint"},
    Holds.KIND: {"text", "json"},
    Holds.STATE: {"text", "boolean", "json"},
    Holds.TIME: {"timestamptz", "date", "timestamptz[]"},
    Holds.AMOUNT: {"bigint", "numeric", "json"},
    Holds.RULE: {"text", "bigint"},
}


@dataclass(slots=True)
class NamedRow:
    customer: UUID
    full_name: str


@dataclass(slots=True)
class TokenRow:
    customer: UUID
    name_token: str


@pytest.mark.parametrize("name", CLEAR)
def test_a_clear_column_has_a_type_its_kind_of_value_can_have(name: str) -> None:
    assert CLEAR[name].type in TYPES.get(CLEAR[name].holds, {"text"})
    assert not name.endswith(TOKEN)


def test_every_clear_column_is_used() -> None:
    used = {c.name for p in PROJECTIONS.values() for c in p.table.columns}
    assert CLEAR.keys() - used == set()


def test_a_column_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(KeyError, match="full_name"):
        _ = Table(name="people", says="", row=NamedRow, key=("customer",)).columns


def test_a_token_that_an_erasure_could_not_empty_is_refused() -> None:
    with pytest.raises(TypeError, match="name_token"):
        _ = Table(name="people", says="", row=TokenRow, key=("customer",)).columns


def test_the_database_holds_no_other_column(shop: Shop) -> None:
    shop.catch_up()
    with psycopg.connect(shop.dsn) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name, is_nullable FROM"
            " information_schema.columns WHERE table_schema LIKE 'p\\_%' OR table_schema = 'read'"
        ).fetchall()
    assert {table for _, table, _, _ in columns} == {
        *PROJECTIONS,
        "customers_of_markets",
        "customers_of_teams",
    }
    for _, table, column, nullable in columns:
        assert column in CLEAR or column.endswith(TOKEN), f"{table}.{column}"
        assert column in CLEAR or nullable == "YES", f"{table}.{column}"


class TestAnalysts:
    def test_see_every_projection_without_tokens_and_with_comments(self, shop: Shop) -> None:
        shop.catch_up()
        with psycopg.connect(shop.dsn) as connection:
            connection.execute("SET ROLE dossier_analyst")
            for name, projection in PROJECTIONS.items():
                if not projection.table.for_analysts:
                    with pytest.raises(psycopg.errors.UndefinedTable), connection.transaction():
                        connection.execute(f"SELECT * FROM mart.{name}")
                    continue
                cursor = connection.execute(f"SELECT * FROM mart.{name}")
                shown = [column.name for column in cursor.description or ()]
                assert shown == [c.name for c in projection.table.columns if not c.sealed]
                comments = connection.execute(
                    "SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute a"
                    " WHERE a.attrelid = %s::regclass AND a.attnum > 0",
                    (f"mart.{name}",),
                ).fetchall()
                assert dict(comments) == {column: CLEAR[column].says for column in shown}

    @pytest.mark.parametrize("relation", ["read.customers", "p_customers_v1.customers"])
    def test_cannot_go_past_the_mart(self, shop: Shop, relation: str) -> None:
        shop.catch_up()
        with psycopg.connect(shop.dsn) as connection:
            connection.execute("SET ROLE dossier_analyst")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {relation}")

    def test_cannot_change_what_they_see(self, shop: Shop) -> None:
        shop.catch_up()
        with psycopg.connect(shop.dsn) as connection:
            connection.execute("SET ROLE dossier_analyst")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM mart.orders")


def test_nothing_personal_is_readable_in_any_table(shop: Shop) -> None:
    lived(shop, name="Zebedee")
    shop.catch_up()
    for name in PROJECTIONS:
        assert "Zebedee" not in str(shop.rows(name))


def test_an_erasure_leaves_no_token_of_that_customer_and_all_of_others(shop: Shop) -> None:
    gone, stays = lived(shop, 1), lived(shop, 2)
    shop.catch_up()
    about = {n: p for n, p in PROJECTIONS.items() if hasattr(p.table.row, "customer")}
    before = {name: shop.rows(name, customer=stays.customer) for name in about}
    erase(shop, gone.customer)
    shop.catch_up()
    for name, projection in about.items():
        assert shop.rows(name, customer=stays.customer) == before[name]
        for row in shop.rows(name, customer=gone.customer):
            assert [row[token] for token in projection.table.tokens if row[token]] == []


def test_a_nul_is_shown_as_what_text_can_hold(shop: Shop) -> None:
    shop.catch_up()
    row = OrderRow(
        order_id=UUID(int=1),
        customer=UUID(int=2),
        source="shop",
        number="A\0\\u0000\t",
        what="sale",
        at=EIGHT,
        at_precision="minute",
        country=None,
        currency="GBP",
        amount=Decimal(1),
        lines=1,
        purchase_lines=1,
    )
    with connected(shop.dsn) as connection, connection.cursor() as cursor:
        PROJECTIONS["orders"].table.add(cursor, "p_orders_v1", [row])
    assert shop.row("orders")["number"] == "A\ufffd\\u0000\t"
    assert (
        json_text({"\0": ["b\0", {"c": "\\u0000"}]}) == '{"\ufffd":["b\ufffd",{"c":"\\\\u0000"}]}'
    )
