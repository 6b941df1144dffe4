"""The keeper: old commands are forgotten and younger ones are not; partitions are made ahead."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from infra.record.batch import Outcome
from infra.record.keeper import forget_commands, keep
from infra.record.postgres import PostgresRecord
from tests.record.submissions import entries, submission


def remembered(admin: psycopg.Connection[Any]) -> set[UUID]:
    return {row[0] for row in admin.execute("SELECT command_id FROM es.command")}


def partition_17(admin: psycopg.Connection[Any]) -> bool:
    row = admin.execute("SELECT to_regclass('es.events_000017')::text").fetchone()
    return row is not None and row[0] is not None


def test_commands_of_the_last_thirty_days_are_remembered_and_no_others(
    postgres: PostgresRecord, admin: psycopg.Connection[Any]
) -> None:
    sent = [submission(entries(uuid7(), 1)) for _ in range(7)]
    assert {a.outcome for a in postgres.append(sent)} == {Outcome.RECORDED}
    ids = [command.command_id for command in sent]
    admin.execute(
        "UPDATE es.command SET recorded_at = now() - interval '30 days 1 minute'"
        " WHERE command_id = ANY (%s)",
        (ids[:5],),
    )
    admin.execute(
        "UPDATE es.command SET recorded_at = now() - interval '29 days 23 hours'"
        " WHERE command_id = %s",
        (ids[5],),
    )
    assert forget_commands(postgres, batch=2) == 5
    assert remembered(admin) == set(ids[5:])
    assert forget_commands(postgres, batch=2) == 0
    assert [a.outcome for a in postgres.append([sent[5]])] == [Outcome.ALREADY_PROCESSED]


def test_two_keepers_at_once_forget_all_of_it(
    postgres: PostgresRecord, admin: psycopg.Connection[Any]
) -> None:
    postgres.append([submission(entries(uuid7(), 1)) for _ in range(200)])
    admin.execute("UPDATE es.command SET recorded_at = now() - interval '31 days'")
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: forget_commands(postgres, batch=7), range(2)))
    assert sum(found) == 200 and remembered(admin) == set()


def test_it_goes_on_until_told_to_stop_and_makes_partitions_ahead(
    postgres: PostgresRecord, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("SELECT setval('es.position_seq', 9999999)")
    stop = threading.Event()
    thread = threading.Thread(target=keep, args=(postgres, stop))
    thread.start()
    patience, there = time.monotonic() + 20, False
    while time.monotonic() < patience:
        if there := partition_17(admin):
            break
        time.sleep(0.02)
    stop.set()
    thread.join(10)
    assert there and not thread.is_alive()
    (answer,) = postgres.append([submission(entries(uuid7(), 1))])
    assert answer.positions == [10_000_000]
