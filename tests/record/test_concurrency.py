"""Many writers at once: nothing lost, nothing applied twice, no reader overtaken."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from uuid_utils.compat import uuid7

from infra.record.batch import Guarded, Outcome
from infra.record.group import GroupCommit, append_through_races
from infra.record.postgres import PostgresRecord
from tests.record.submissions import entries, submission


def test_one_command_id_from_sixteen_callers_is_applied_once(postgres: PostgresRecord) -> None:
    command, writers = uuid4(), [GroupCommit(postgres) for _ in range(4)]

    def send(n: int) -> tuple[Outcome, tuple[int, ...]]:
        answer = writers[n % 4].append(submission(entries(uuid7(), 2), command_id=command))
        return answer.outcome, tuple(answer.positions)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(16)))
    assert sorted(o for o, _ in answers) == [Outcome.RECORDED] + [Outcome.ALREADY_PROCESSED] * 15
    assert len({positions for _, positions in answers}) == 1
    assert len(postgres.read_after(0, 100)) == 2


def test_writers_of_one_stream_are_all_heard_in_turn(postgres: PostgresRecord) -> None:
    stream, writer = uuid7(), GroupCommit(postgres)
    writer.append(submission(entries(stream)))

    def append_until_heard(_: int) -> None:
        while True:
            version = postgres.stream_row(stream)
            assert version is not None
            answer = writer.append(submission(entries(stream, after=version[0])))
            if answer.outcome is Outcome.RECORDED:
                return
            assert answer.outcome is Outcome.VERSION_CONFLICT

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append_until_heard, range(24)))
    assert [r.header.version for r in postgres.read_stream(stream)] == list(range(1, 26))


def test_guards_and_writes_across_each_other_do_not_deadlock(postgres: PostgresRecord) -> None:
    streams = [uuid7() for _ in range(4)]
    for stream in streams:
        postgres.append([submission(entries(stream))])

    def cross(n: int) -> Outcome:
        a, b = streams[n % 4], streams[(n + 1 + n // 4) % 4]
        if a == b:
            b = streams[(n + 1) % 4]
        version = postgres.stream_row(a)
        assert version is not None
        one = submission(entries(a, after=version[0]), guards=[Guarded(b, status="open")])
        (answer,) = append_through_races(postgres, [one])
        return answer.outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(cross, range(64)))
    assert set(outcomes) <= {Outcome.RECORDED, Outcome.VERSION_CONFLICT}
    recorded = sum(len(postgres.read_stream(stream)) for stream in streams)
    assert recorded == 4 + outcomes.count(Outcome.RECORDED)


def test_a_reader_behind_the_watermark_misses_nothing(postgres: PostgresRecord) -> None:
    """The negative control reads to the newest visible position and is overtaken."""
    stop = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        position = 0
        while True:
            done = stop.is_set()
            read = [r.header.position for r in postgres.read_after(position, 10_000)]
            seen.extend(read)
            position = read[-1] if read else position
            if done and not read:
                return

    def write(_: int) -> list[int]:
        positions: list[int] = []
        for n in range(25):
            (answer,) = append_through_races(postgres, [submission(entries(uuid7(), 1 + n % 3))])
            positions.extend(answer.positions)
        return positions

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(8) as pool:
        written = [p for positions in pool.map(write, range(8)) for p in positions]
    stop.set()
    follower.join(30)
    assert not follower.is_alive()
    assert seen == sorted(seen)
    assert seen == sorted(written)


def test_the_watermark_waits_for_a_writer_that_holds_a_position(
    postgres: PostgresRecord, database: str
) -> None:
    (early,) = postgres.append([submission(entries(uuid7()))])
    with psycopg.connect(database) as slow:
        slow.execute("SELECT pg_advisory_xact_lock_shared(4723)")
        (late,) = postgres.append([submission(entries(uuid7()))])
        held = [r.header.position for r in postgres.read_after(0, 10)]
        slow.rollback()
    free = [r.header.position for r in postgres.read_after(0, 10)]
    assert held == [] or held == list(early.positions)
    assert free == [*early.positions, *late.positions]


def test_no_append_takes_a_table_lock(postgres: PostgresRecord, database: str) -> None:
    with psycopg.connect(database) as vacuuming:
        vacuuming.execute("LOCK TABLE es.events IN SHARE UPDATE EXCLUSIVE MODE")
        started = time.monotonic()
        (answer,) = postgres.append([submission(entries(uuid7()))])
        waited = time.monotonic() - started
    assert answer.outcome is Outcome.RECORDED
    assert waited < 5


class TestGroupCommit:
    def test_one_failing_command_does_not_fail_its_neighbours(
        self, postgres: PostgresRecord
    ) -> None:
        writer = GroupCommit(postgres)
        started = threading.Barrier(9)

        def send(n: int) -> Outcome | str | None:
            started.wait()
            precision = "century" if n == 4 else "day"
            try:
                return writer.append(submission(entries(uuid7(), at_precision=precision))).outcome
            except psycopg.errors.CheckViolation as fault:
                return fault.sqlstate

        with ThreadPoolExecutor(9) as pool:
            answers = list(pool.map(send, range(9)))
        assert answers.count(Outcome.RECORDED) == 8
        assert answers[4] == "23514"

    def test_a_database_that_is_down_is_said_to_every_caller(self, database: str) -> None:
        unreachable = PostgresRecord(database.replace("127.0.0.1", "127.0.0.9"))
        unreachable.datastore.pool.timeout = 0.3  # seconds, instead of five
        writer = GroupCommit(unreachable)
        with pytest.raises(psycopg.OperationalError):
            writer.append(submission(entries(uuid7())))
        unreachable.close()

    def test_positions_rise_with_versions_in_every_stream(self, postgres: PostgresRecord) -> None:
        writer = GroupCommit(postgres)

        def write(_: int) -> UUID:
            stream = uuid7()
            for n in range(5):
                writer.append(submission(entries(stream, after=n)))
            return stream

        with ThreadPoolExecutor(8) as pool:
            for stream in list(pool.map(write, range(8))):
                positions = [r.header.position for r in postgres.read_stream(stream)]
                assert positions == sorted(positions)
                assert len(positions) == 5
