"""The number that tells every process that the rules have changed, in memory and on PostgreSQL."""

from __future__ import annotations

from threading import Barrier, Thread
from uuid import uuid4

import psycopg
import pytest
from uuid_utils.compat import uuid7

from infra.record.memory import RULES, MemoryRecord
from infra.record.postgres import PostgresRecord
from tests.record.submissions import entries, submission

Record = MemoryRecord | PostgresRecord


@pytest.mark.parametrize("kind", sorted(RULES))
def test_it_grows_with_every_append_to_rules(record: Record, kind: str) -> None:
    stream, seen = uuid7(), [record.rules_changed()]
    for after in (0, 2):
        record.append([submission(entries(stream, 2, kind=kind, after=after))])
        seen.append(record.rules_changed())
    assert seen == sorted(set(seen))


def test_it_stays_for_everything_else(record: Record) -> None:
    before = record.rules_changed()
    record.append([submission(entries(uuid7(), 3))])
    assert record.rules_changed() == before


def test_it_is_told_with_what_became_of_a_command(record: Record) -> None:
    command = uuid4()
    assert record.before_deciding(command) == (record.rules_changed(), None)
    done = submission(entries(uuid7(), kind="policy"), command_id=command, fingerprint=b"f")
    (answer,) = record.append([done])
    assert record.before_deciding(command) == (
        record.rules_changed(),
        (b"f", list(answer.positions)),
    )
    assert record.before_deciding(uuid4()) == (record.rules_changed(), None)


def test_the_streams_of_a_kind_of_rules_are_read_whole(record: Record) -> None:
    streams = sorted([uuid7(), uuid7()])
    for stream in streams:
        record.append([submission(entries(stream, 2, kind="policy"))])
    record.append([submission(entries(uuid7(), 2, kind="calendar"))])
    record.append([submission(entries(uuid7(), 2))])
    read = [(r.header.stream, r.header.version) for r in record.read_kind("policy")]
    assert read == [(stream, version) for stream in streams for version in (1, 2)]
    assert len(record.read_kind("calendar")) == 2
    assert record.read_kind("ticket") == record.read_kind("service_calendars") == []


def test_no_change_is_lost_among_many_at_once(postgres: PostgresRecord) -> None:
    """Eight policies at once: whoever reads the number after an append sees it counted."""
    together, before = Barrier(8), postgres.rules_changed()

    def append() -> None:
        together.wait()
        for _ in range(5):
            postgres.append([submission(entries(uuid7(), kind="policy"))])

    threads = [Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert postgres.rules_changed() == before + 40


def test_the_index_on_rules_holds_no_column_that_an_append_changes(
    admin: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Otherwise no update of es.streams would stay within its page (heap-only tuples)."""
    columns = admin.execute(
        "SELECT DISTINCT a.attname::text FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        " WHERE i.indrelid = 'es.streams'::regclass ORDER BY 1"
    ).fetchall()
    assert columns == [("kind",), ("stream",), ("subject",)]
