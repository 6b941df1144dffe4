"""Partitions are there before they are needed."""

from __future__ import annotations

from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from infra.home import Home
from infra.product import assembled
from infra.record.batch import Outcome
from infra.servers.owner import Addresses
from tests.record.submissions import entries, submission


def test_opening_the_product_makes_those_that_are_missing_ahead(
    admin: psycopg.Connection[Any], database: str, home: Home
) -> None:
    admin.execute("SELECT setval('es.position_seq', 8999999)")
    with assembled(home, Addresses(database, "redis://127.0.0.1:1/0", owner=False)) as running:
        (answer,) = running.record.append([submission(entries(uuid7(), 2))])
        first = admin.execute("SELECT min(position) FROM es.events").fetchone()
    assert answer.outcome is Outcome.RECORDED
    assert first == (9_000_000,)
    assert min(answer.positions) > 9_000_000
