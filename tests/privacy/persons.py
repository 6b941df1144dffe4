"""What tests of keys ask of a product: somebody's name, whether it opens, many keys at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection

from domain.customer.events import CustomerRegistered
from domain.personal import Category
from infra.gate import Reader, SealedValue
from infra.product import Product
from infra.record.packed import Bytes, Texts, Uuids, register
from infra.vault.epochs import bound_to
from infra.vault.keyring import commitment

AGENT = Reader("staff:bob", "agent", uuid4())
CARE = "dpv:CustomerCare"


@contextmanager
def superuser(product: Product) -> Iterator[Connection[tuple[Any, ...]]]:
    """Who may read and change anything; not in a transaction."""
    with psycopg.connect(product.addresses.database_url, autocommit=True) as connection:
        register(connection)
        yield connection


def name_of(product: Product, customer: UUID) -> SealedValue:
    for r in product.record.read_stream(customer):
        if isinstance(r.event, CustomerRegistered):
            assert r.event.profile.name is not None
            assert r.event.profile.name.token is not None
            return SealedValue(r.event.profile.name.token, customer, "profile.name")
    raise AssertionError


def reads(product: Product, value: SealedValue) -> str | None:
    return product.gate.open([value], AGENT, CARE)[0]


def alarms(product: Product) -> list[tuple[object, ...]]:
    """Rows of the trail that tell of keys that are not as they have to be: rule and subjects."""
    with superuser(product) as connection:
        return connection.execute(
            "SELECT rule, subjects FROM trail.access WHERE operation = 'unwrap'"
            " AND decision = 'deny' ORDER BY id"
        ).fetchall()


def many_keys(product: Product, count: int) -> None:
    """So many keys of as many people, in the current epoch."""
    assert product.epochs is not None
    with superuser(product) as connection, connection.transaction():
        epoch, kek = product.epochs.current(connection)
        for start in range(0, count, 20_000):
            people = [uuid4() for _ in range(min(20_000, count - start))]
            secrets = [os.urandom(32) for _ in people]
            bound = [bound_to(epoch, who, Category.CONTENT, 1) for who in people]
            wrapped = kek.wrap(list(zip(secrets, bound, strict=True)))
            connection.execute(
                "INSERT INTO keys.subject_key (subject, category, generation, state, epoch,"
                " wrapped, commitment) SELECT s, 'content', 1, 'active', %s, w, m"
                " FROM unnest(%s, %s, %s) u(s, w, m)",
                (epoch, Uuids(people), Bytes(wrapped), Texts([commitment(s) for s in secrets])),
            )


def unwrapped(product: Product) -> dict[tuple[UUID, str, int], bytes]:
    """Every living key of the table, unwrapped; fails on one that does not fit its commitment."""
    epochs = product.epochs
    assert epochs is not None
    found = {}
    with superuser(product) as connection:
        rows = connection.execute(
            "SELECT subject, category, generation, epoch, wrapped, commitment"
            " FROM keys.subject_key WHERE wrapped IS NOT NULL"
        ).fetchall()
        for subject, category, generation, epoch, wrapped, held in rows:
            bound = bound_to(epoch, subject, category, generation)
            (secret,) = epochs.kek(connection, epoch).unwrap([(bytes(wrapped), bound)])
            assert secret is not None
            assert commitment(secret) == held
            found[subject, category, generation] = secret
    return found
