"""`dossier verify` finds whatever was touched, and names position and column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from uuid_utils.compat import uuid7

from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.event import Header
from domain.terms import Channel, CollectionSource, Direction
from infra.dispatch import Caller
from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses
from infra.verify import Finding, Verified, verify

CRM = Caller("staff:ann", "crm_admin")


@pytest.fixture
def running(database: str, home: Home) -> Iterator[Product]:
    with assembled(home, Addresses(database, "redis://127.0.0.1:1/0", owner=False)) as product:
        yield product


@pytest.fixture
def people(running: Product) -> list[UUID]:
    """Three customers, each with contacts and a ticket: 8 to 9 events apiece."""
    made = []
    for name in ("Ann", "Bob", "Cem"):
        registration = RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market="DE",
            profile=ProfileFields(name=name),
        )
        customer = running.dispatcher.dispatch(registration, CRM, uuid4()).ids["customer"]
        for text in ("hello", "again"):
            contact = RecordInteraction(
                customer_id=customer,
                channel=Channel.EMAIL,
                direction=Direction.INBOUND,
                content=text,
            )
            running.dispatcher.dispatch(contact, CRM, uuid4())
        inquiry = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, text="where is it")
        running.dispatcher.dispatch(inquiry, CRM, uuid4())
        made.append(customer)
    return made


@pytest.fixture
def tamperer(database: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody with the superuser's rights, who switches the triggers off first."""
    with psycopg.connect(database, autocommit=True) as connection:
        for (table,) in connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'es.events'::regclass"
        ).fetchall():
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE es.events DISABLE TRIGGER ALL")
        yield connection


def checked(database: str, customer: UUID | None = None) -> Verified:
    with psycopg.connect(database) as connection:
        return verify(connection, customer)


def found(database: str, customer: UUID | None = None) -> Finding:
    finding = checked(database, customer).finding
    assert finding is not None
    return finding


def position_of(tamperer: psycopg.Connection[Any], customer: UUID, type_: str) -> int:
    row = tamperer.execute(
        "SELECT min(position) FROM es.events WHERE subject = %s AND type = %s", (customer, type_)
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_an_untouched_record_verifies(database: str, people: list[UUID]) -> None:
    everything = checked(database)
    assert everything.finding is None
    with psycopg.connect(database) as connection:
        on_record = connection.execute(
            "SELECT count(DISTINCT stream), count(*) FROM es.events"
        ).fetchone()
    assert (everything.streams, everything.events) == on_record
    one = checked(database, people[1])
    assert one.finding is None
    assert one.streams == 2
    assert 0 < one.events * 3 < everything.events


ALTERED = {
    "event_id": f"'{uuid7()}'",
    "stream": f"'{uuid7()}'",
    "kind": "'order'",
    "version": "version + 700",
    "type": "'CustomerMarkedDormant'",
    "schema": "schema + 1",
    "subject": f"'{uuid7()}'",
    "segment": "segment # 1",
    "at": "at - interval '1 minute'",
    "at_precision": "'day'",
    "recorded_at": "recorded_at - interval '1 minute'",
    "actor": "'staff:eve'",
    "role": "'agent'",
    "on_behalf_of": "'staff:eve'",
    "purpose": "'dpv:Marketing'",
    "legal_basis": "'eu-gdpr:A6-1-f'",
    "consent_id": f"'{uuid7()}'",
    "reason": "'because'",
    "policies": "'none@9'",
    "correlation": f"'{uuid7()}'",
    "causation": f"'{uuid7()}'",
    "command_id": f"'{uuid7()}'",
    "source_ref": "'row:9'",
    "market": "'CN'",
    "prev_hash": "sha256('x')",
    "body_hash": "sha256('x')",
    "hash": "sha256('x')",
    "body": "body || ' '",
}


def test_every_column_is_altered_in_these_tests() -> None:
    assert {*ALTERED, "position"} == {*Header._fields, "body"}


@pytest.mark.parametrize("column", ALTERED)
def test_an_altered_column_is_named(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any], column: str
) -> None:
    position = position_of(tamperer, people[1], "InteractionRecorded")
    tamperer.execute(
        f"UPDATE es.events SET {column} = {ALTERED[column]} WHERE position = %s", (position,)
    )
    finding = found(database)
    assert (finding.position, finding.column) == (position, column)


@pytest.mark.parametrize("shift", [1_000, 700_000])
def test_a_moved_position_is_named(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any], shift: int
) -> None:
    position = position_of(tamperer, people[1], "InteractionRecorded")
    tamperer.execute(
        "UPDATE es.events SET position = position + %s WHERE position = %s", (shift, position)
    )
    finding = found(database)
    assert (finding.position, finding.column) == (position + shift, "position")


def test_every_body_is_covered(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any]
) -> None:
    assert people
    rows = tamperer.execute("SELECT position FROM es.events WHERE actor <> 'dossier'").fetchall()
    positions = [position for (position,) in rows]
    for position in positions:
        tamperer.execute("UPDATE es.events SET body = body || ' ' WHERE position = %s", (position,))
        finding = found(database)
        assert (finding.position, finding.column) == (position, "body")
        tamperer.execute(
            "UPDATE es.events SET body = substr(body, 1, length(body) - 1) WHERE position = %s",
            (position,),
        )
    assert checked(database).finding is None


@pytest.mark.parametrize("which", ["first", "middle", "last", "all"])
def test_a_deleted_row_is_missed(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any], which: str
) -> None:
    positions = [
        p
        for (p,) in tamperer.execute(
            "SELECT position FROM es.events WHERE stream = %s ORDER BY version", (people[1],)
        ).fetchall()
    ]
    gone = {
        "first": positions[:1], "middle": positions[2:3], "last": positions[-1:], "all": positions,
    }[which]  # fmt: skip
    tamperer.execute("DELETE FROM es.events WHERE position = ANY(%s)", (gone,))
    finding = found(database, people[1])
    assert str(people[1]) in finding.detail
    assert finding.position in {"first": positions[1:2], "middle": positions[3:4]}.get(which, gone)
    assert checked(database, people[0]).finding is None


def test_swapped_rows_are_named(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any]
) -> None:
    first, second = (position_of(tamperer, p, "InteractionRecorded") for p in people[:2])
    tamperer.execute(
        "UPDATE es.events e SET body = o.body FROM es.events o"
        " WHERE e.position IN (%(a)s, %(b)s) AND o.position IN (%(a)s, %(b)s)"
        " AND o.position <> e.position",
        {"a": first, "b": second},
    )
    finding = found(database)
    assert finding.position in (first, second)
    assert finding.column == "body"


def test_rows_with_exchanged_positions_are_named(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any]
) -> None:
    first, second = (position_of(tamperer, p, "InteractionRecorded") for p in people[:2])
    for old, new in ((first, 900_000), (second, first), (900_000, second)):
        tamperer.execute("UPDATE es.events SET position = %s WHERE position = %s", (new, old))
    finding = found(database)
    assert finding.position in (first, second)
    assert finding.column == "position"


@pytest.mark.parametrize(
    ("column", "value"),
    [("head_hash", "sha256('x')"), ("kind", "'order'"), ("segment", "segment # 1")],
)
def test_the_stream_table_is_held_to_its_events(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any], column: str, value: str
) -> None:
    tamperer.execute(f"UPDATE es.streams SET {column} = {value} WHERE stream = %s", (people[2],))
    assert found(database).column == f"es.streams.{column}"


def test_a_forged_event_at_the_end_does_not_fit(
    database: str, people: list[UUID], tamperer: psycopg.Connection[Any]
) -> None:
    columns = ", ".join(c for c in (*Header._fields, "body") if c not in ("position", "version"))
    tamperer.execute(
        f"INSERT INTO es.events (position, version, {columns})"
        f" SELECT position + 500000, version + 1, {columns} FROM es.events"
        " WHERE stream = %s ORDER BY version DESC LIMIT 1",
        (people[0],),
    )
    assert found(database, people[0]).position > 500_000
