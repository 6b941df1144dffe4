"""What tests ask of the gate, and how they read its trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import namedtuple_row

from infra.gate import (
    Gate,
    PostgresGlass,
    PostgresSubjects,
    PostgresTrail,
    Reader,
    SealedValue,
)
from infra.gate.consents import RecordedConsents
from infra.product import Product

CARE, DISPUTE, LAW = "dpv:CustomerCare", "dpv:DisputeManagement", "dpv:LegalCompliance"
DIRECT = "dpv:DirectMarketing"


def reader(role: str = "agent", actor: str = "staff:bob", **more: Any) -> Reader:
    return Reader(actor, role, uuid4(), **more)


def values(product: Product, customer: UUID) -> list[SealedValue]:
    """Every sealed value of the customer's own stream, with its path."""
    found = []
    for recorded in product.record.read_stream(customer):
        name = recorded.header.type

        def note(path: str, _: Any, value: Any) -> Any:
            found.append(SealedValue(value.token, customer, path))
            return value

        product.record.registry.personal(name).change(recorded.event, note)
    return found


def value(product: Product, customer: UUID, path: str = "profile.name") -> SealedValue:
    return next(v for v in values(product, customer) if v.path == path)


def trail(product: Product) -> list[Any]:
    """The rows of trail.access, oldest first, with columns as attributes."""
    with product.record.connection() as connection:
        cursor = connection.cursor(row_factory=namedtuple_row)
        return cursor.execute("SELECT * FROM trail.access ORDER BY id").fetchall()


@contextmanager
def gate_at(product: Product, moments: list[datetime]) -> Iterator[Gate]:
    """The product's gate with a clock that gives the last of `moments`."""
    book = PostgresTrail(product.addresses.database_url)
    try:
        yield Gate(
            product.keyring,
            book,
            consents=RecordedConsents(product.record.connection),
            subjects=PostgresSubjects(product.record.connection),
            glass=PostgresGlass(product.record.connection),
            clock=lambda: moments[-1],
        )
    finally:
        book.close()
