"""Rows that the server makes of headers say what the codec reads in the bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from infra.projector import rebuild
from infra.projector.parking import parked
from infra.record.registry import UnknownEventType, registry
from projections.catalogue import PROJECTIONS
from projections.history import HISTORY
from projections.projection import BodyMissing
from projections.table import json_text
from tests.projections.life import lived
from tests.projections.shop import Shop

GOLDEN = Path(__file__).parents[1] / "contract" / "golden_bodies.json"
STORED = json.loads(GOLDEN.read_text("utf-8"))
ONLY = {"history": HISTORY}


class Shape(NamedTuple):
    type: str
    schema: int


def stored(shop: Shop, type_: str, schema: int, body: bytes | None) -> int:
    """The position of an event that was written in a shape no command writes today."""
    with psycopg.connect(shop.dsn) as admin:
        row = admin.execute(
            "INSERT INTO es.events SELECT (jsonb_populate_record(e, jsonb_build_object("
            "'position', nextval('es.position_seq'), 'type', %s::text, 'schema', %s::int,"
            " 'body', %s::bytea))).* FROM es.events e WHERE type = 'CustomerRegistered'"
            " ORDER BY position LIMIT 1 RETURNING position",
            (type_, schema, body),
        ).fetchone()
    assert row is not None
    return int(row[0])


def shown(shop: Shop, position: int) -> tuple[str, str | None]:
    with shop.reading() as connection:
        row = connection.execute(
            "SELECT facts::text, sealed_token::text FROM read.history WHERE position = %s",
            (position,),
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_every_row_says_what_the_body_says(shop: Shop) -> None:
    lived(shop)
    shop.catch_up(ONLY)
    with shop.reading() as connection:
        events = connection.execute(
            "SELECT position, type, schema, body FROM es.events ORDER BY position"
        ).fetchall()
    assert len(events) > 30
    sealed = 0
    for position, type_, schema, body in events:
        facts = registry().values(Shape(type_, schema), body)  # type: ignore[arg-type]
        tokens = HISTORY.split(type_, facts)
        sealed += bool(tokens)
        assert shown(shop, position) == (json_text(facts), json_text(tokens) if tokens else None)
    assert 5 < sealed < len(events)


@pytest.mark.parametrize("golden", STORED, ids=[f"{s['type']}-{s['schema']}" for s in STORED])
def test_older_shapes_are_shown_as_of_today(shop: Shop, golden: dict[str, Any]) -> None:
    lived(shop)
    type_, schema, body = golden["type"], golden["schema"], golden["body"].encode()
    position = stored(shop, type_, schema, body)
    shop.catch_up(ONLY)
    facts = registry().values(Shape(type_, schema), body)  # type: ignore[arg-type]
    HISTORY.split(type_, facts)
    assert shown(shop, position)[0] == json_text(facts)


def test_a_nul_is_shown_as_no_text_of_postgresql_could_hold_it(shop: Shop) -> None:
    lived(shop)
    nul = stored(shop, "TicketResolved", 1, rb'{"result":"a\u0000b"}')
    written = stored(shop, "TicketResolved", 1, rb'{"result":"a\\u0000b"}')
    shop.catch_up(ONLY)
    assert shown(shop, nul) == ('{"result":"a\ufffdb"}', None)
    assert shown(shop, written) == (r'{"result":"a\\u0000b"}', None)


@pytest.mark.parametrize(
    ("type_", "body", "fault"),
    [("TicketResolved", None, BodyMissing), ("Imagined", b"{}", UnknownEventType)],
)
def test_what_cannot_be_read_is_parked_and_named(
    shop: Shop, type_: str, body: bytes | None, fault: type[Exception]
) -> None:
    lived(shop)
    shop.catch_up(ONLY)
    rows = len(shop.rows("history"))
    position = stored(shop, type_, 1, body)
    shop.catch_up(ONLY)
    with shop.reading() as connection:
        (stuck,) = parked(connection)
    assert (stuck.position, stuck.type) == (position, type_)
    assert stuck.error.startswith(fault.__name__)
    assert f"while history read position {position}" in stuck.error
    assert len(shop.rows("history")) == rows


@pytest.mark.parametrize("name", ["history", "tickets"])
def test_a_build_has_all_its_indexes_once_it_is_shown(shop: Shop, name: str) -> None:
    lived(shop)
    shop.catch_up()
    build = rebuild(shop.dsn, name)
    with shop.reading() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_indexes WHERE schemaname = %s", (build.schema,)
        ).fetchone()
    table = PROJECTIONS[name].table
    assert table.late(build.schema) != []
    assert row is not None
    assert row[0] == 1 + len(table.indexes)
