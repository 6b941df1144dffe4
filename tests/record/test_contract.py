"""What both records promise: the same answers in memory and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from psycopg import DatabaseError
from uuid_utils.compat import uuid7

from domain.event import Header
from infra.product import now
from infra.record.batch import (
    Guarded,
    KeyUse,
    Outcome,
    Outgoing,
    OutsideName,
    segment_of,
    split_compatible,
)
from infra.record.chain import ZERO, body_hash, leaf_hash
from infra.record.memory import CommonStream, MemoryRecord
from infra.record.postgres import PostgresRecord
from tests.record.submissions import NOON, entries, submission

Record = MemoryRecord | PostgresRecord


class TestAppending:
    def test_gives_each_event_a_position_in_order(self, record: Record) -> None:
        stream = uuid7()
        (answer,) = record.append([submission(entries(stream, 3))])
        assert answer.outcome is Outcome.RECORDED
        assert list(answer.positions) == sorted(set(answer.positions))
        assert [r.header.position for r in record.read_stream(stream)] == list(answer.positions)

    def test_keeps_every_header_column(self, record: Record) -> None:
        stream, subject, consent, causation = uuid7(), uuid7(), uuid4(), uuid4()
        one = submission(
            entries(
                stream,
                subject=subject,
                at_precision="day",
                policies="a@1 b@2",
                source_ref="file:7",
                market="DE",
            ),
            on_behalf_of="staff:9",
            legal_basis="eu-gdpr:A6-1-b",
            consent_id=consent,
            reason="asked",
            causation=causation,
        )
        record.append([one])
        (kept,) = record.read_stream(stream)
        h = kept.header
        assert h.event_id == one.entries[0].event_id
        assert (h.stream, h.kind, h.version, h.type, h.schema) == (
            stream, "ticket", 1, "SubjectKeyCreated", 1,
        )  # fmt: skip
        assert (h.subject, h.segment) == (subject, segment_of(subject))
        assert (h.at, h.at_precision) == (NOON + timedelta(minutes=1), "day")
        assert (h.actor, h.role, h.purpose) == ("staff:7", "agent", "dpv:CustomerCare")
        assert (h.on_behalf_of, h.legal_basis) == ("staff:9", "eu-gdpr:A6-1-b")
        assert (h.consent_id, h.reason, h.causation) == (consent, "asked", causation)
        assert (h.policies, h.source_ref, h.market) == ("a@1 b@2", "file:7", "DE")
        assert (h.correlation, h.command_id) == (one.correlation, one.command_id)
        assert kept.body == one.entries[0].state
        assert kept.event.at == NOON + timedelta(minutes=1)

    def test_chains_each_stream_from_zero(self, record: Record) -> None:
        stream = uuid7()
        record.append([submission(entries(stream, 2)), submission(entries(uuid7(), 1))])
        record.append([submission(entries(stream, 2, after=2))])
        head = ZERO
        for kept in record.read_stream(stream):
            assert kept.header.prev_hash == head
            assert kept.header.body_hash == body_hash(kept.body or b"")
            assert leaf_hash(kept.header) == kept.header.hash
            head = kept.header.hash
        assert head != ZERO

    def test_recorded_at_is_now_and_not_the_callers(self, record: Record) -> None:
        stream = uuid7()
        before = now() - timedelta(seconds=5)
        record.append([submission(entries(stream, 1))])
        (kept,) = record.read_stream(stream)
        assert before < kept.header.recorded_at < now() + timedelta(seconds=5)


class TestVersions:
    def test_a_stream_that_moved_on_is_a_conflict_and_says_where_it_stands(
        self, record: Record
    ) -> None:
        stream = uuid7()
        record.append([submission(entries(stream, 2))])
        (answer,) = record.append([submission(entries(stream, 1, after=1))])
        assert answer.outcome is Outcome.VERSION_CONFLICT
        assert (answer.stream, answer.actual) == (stream, 2)
        assert len(record.read_stream(stream)) == 2

    def test_a_gap_is_a_conflict(self, record: Record) -> None:
        (answer,) = record.append([submission(entries(uuid7(), 1, after=4))])
        assert answer.outcome is Outcome.VERSION_CONFLICT

    def test_all_streams_of_a_command_or_none(self, record: Record) -> None:
        old, new = uuid7(), uuid7()
        record.append([submission(entries(old, 1))])
        (answer,) = record.append([submission(entries(new, 2), entries(old, 1))])
        assert answer.outcome is Outcome.VERSION_CONFLICT
        assert record.read_stream(new) == []

    def test_a_refused_command_costs_its_neighbours_nothing(self, record: Record) -> None:
        old = uuid7()
        record.append([submission(entries(old, 1))])
        good = [submission(entries(uuid7(), 2)) for _ in range(2)]
        answers = record.append([good[0], submission(entries(old, 1)), good[1]])
        assert [a.outcome for a in answers] == [
            Outcome.RECORDED, Outcome.VERSION_CONFLICT, Outcome.RECORDED,
        ]  # fmt: skip
        for one, answer in ((good[0], answers[0]), (good[1], answers[2])):
            stream = one.entries[0].originator_id
            kept = record.read_stream(stream)  # type: ignore[arg-type]
            assert [r.header.position for r in kept] == list(answer.positions)


class TestGuards:
    @pytest.mark.parametrize(
        ("status", "version", "outcome"),
        [
            ("open", None, Outcome.RECORDED),
            (None, 2, Outcome.RECORDED),
            ("open", 2, Outcome.RECORDED),
            (None, None, Outcome.RECORDED),
            ("closed", None, Outcome.GUARD_FAILED),
            ("absent", None, Outcome.GUARD_FAILED),
            (None, 1, Outcome.GUARD_FAILED),
            ("open", 3, Outcome.GUARD_FAILED),
        ],
    )
    def test_another_stream_must_be_as_expected(
        self, record: Record, status: str | None, version: int | None, outcome: Outcome
    ) -> None:
        guarded, stream = uuid7(), uuid7()
        record.append([submission(entries(guarded, 2))])
        (answer,) = record.append(
            [submission(entries(stream), guards=[Guarded(guarded, version, status)])]
        )
        assert answer.outcome is outcome
        assert len(record.read_stream(stream)) == (outcome is Outcome.RECORDED)
        assert len(record.read_stream(guarded)) == 2

    def test_a_stream_that_must_be_absent_is(self, record: Record) -> None:
        guard = Guarded(uuid7(), status="absent")
        (answer,) = record.append([submission(entries(uuid7()), guards=[guard])])
        assert answer.outcome is Outcome.RECORDED

    def test_two_commands_may_rest_on_one_guard(self, record: Record) -> None:
        guarded = uuid7()
        record.append([submission(entries(guarded))])
        answers = record.append(
            [
                submission(entries(uuid7()), guards=[Guarded(guarded, status="open")])
                for _ in range(3)
            ]
        )
        assert {a.outcome for a in answers} == {Outcome.RECORDED}


class TestStatus:
    def test_a_closed_stream_takes_no_more(self, record: Record) -> None:
        stream = uuid7()
        record.append([submission(entries(stream, status="closed"))])
        (answer,) = record.append([submission(entries(stream, after=1))])
        assert (answer.outcome, answer.status) == (Outcome.CLOSED, "closed")

    def test_a_fenced_stream_is_an_erased_person(self, record: Record) -> None:
        stream = uuid7()
        record.append([submission(entries(stream, status="fenced"))])
        (written,) = record.append([submission(entries(stream, after=1))])
        guard = Guarded(stream, status="open")
        (guarded,) = record.append([submission(entries(uuid7()), guards=[guard])])
        assert {written.outcome, guarded.outcome} == {Outcome.ERASED}


class TestCommandIds:
    def test_a_repeated_command_is_answered_with_its_positions(self, record: Record) -> None:
        stream, command = uuid7(), uuid4()
        (first,) = record.append([submission(entries(stream, 2), command_id=command)])
        (again,) = record.append([submission(entries(uuid7(), 2), command_id=command)])
        assert again.outcome is Outcome.ALREADY_PROCESSED
        assert list(again.positions) == list(first.positions)
        assert len(record.read_stream(stream)) == 2

    def test_another_payload_under_the_same_id_is_refused(self, record: Record) -> None:
        command = uuid4()
        record.append([submission(entries(uuid7()), command_id=command)])
        other = uuid7()
        (answer,) = record.append(
            [submission(entries(other), command_id=command, fingerprint=b"\x02" * 32)]
        )
        assert answer.outcome is Outcome.PAYLOAD_MISMATCH
        assert record.read_stream(other) == []

    def test_a_refusal_is_not_remembered(self, record: Record) -> None:
        stream, command = uuid7(), uuid4()
        (refused,) = record.append([submission(entries(stream, after=5), command_id=command)])
        (accepted,) = record.append([submission(entries(stream), command_id=command)])
        assert refused.outcome is Outcome.VERSION_CONFLICT
        assert accepted.outcome is Outcome.RECORDED

    def test_a_command_without_a_fingerprint_is_not_remembered(self, record: Record) -> None:
        command = uuid4()
        record.append([submission(entries(uuid7()), command_id=command, fingerprint=None)])
        assert record.processed(command) is None


class TestTime:
    def test_what_lies_more_than_five_minutes_ahead_is_refused(self, record: Record) -> None:
        stream = uuid7()
        ahead = now() + timedelta(minutes=6)
        (answer,) = record.append([submission(entries(stream, at=ahead))])
        assert answer.outcome is Outcome.FUTURE_FACT
        assert record.read_stream(stream) == []

    def test_a_clock_that_is_a_little_fast_is_forgiven(self, record: Record) -> None:
        ahead = now() + timedelta(minutes=4)
        (answer,) = record.append([submission(entries(uuid7(), at=ahead))])
        assert answer.outcome is Outcome.RECORDED

    def test_late_facts_are_accepted(self, record: Record) -> None:
        late = datetime(2009, 12, 1, tzinfo=UTC)
        (answer,) = record.append([submission(entries(uuid7(), at=late))])
        assert answer.outcome is Outcome.RECORDED


class TestKeysAndOutsideNames:
    def test_sealing_under_a_key_that_is_gone_is_refused(self, record: Record) -> None:
        use = KeyUse(uuid7(), "content", 1, announces=False)
        (answer,) = record.append([submission(entries(uuid7()), keys=[use])])
        assert answer.outcome is Outcome.ERASED

    def test_an_outside_name_is_taken_once(self, record: Record) -> None:
        def named() -> OutsideName:
            return OutsideName("shop", b"\x07" * 32, uuid7(), "token")

        first = named()
        (taken,) = record.append([submission(entries(uuid7()), outside=[first])])
        (again,) = record.append([submission(entries(uuid7()), outside=[named()])])
        assert (taken.outcome, again.outcome) == (Outcome.RECORDED, Outcome.VERSION_CONFLICT)
        known = record.outside_name("shop", b"\x07" * 32)
        assert known is not None
        assert known.subject == first.subject
        assert record.outside_name("shop", b"\x08" * 32) is None


class TestOutbox:
    def test_a_message_is_kept_with_its_command_and_only_if_it_is_recorded(
        self, record: Record
    ) -> None:
        message = Outgoing("ticket.answered", "{}", None)
        good = submission(entries(uuid7(), 2), outbox=[message])
        bad = submission(entries(uuid7(), after=3), outbox=[message])
        answers = record.append([good, bad])
        assert outbox_of(record) == [(good.command_id, answers[0].positions[-1])]


def outbox_of(record: Record) -> list[tuple[object, object]]:
    if isinstance(record, MemoryRecord):
        return [(command, position) for command, position, _, _ in record.outbox]
    with record.connection() as connection:
        return list(connection.execute("SELECT command_id, position FROM es.outbox"))


class TestBatches:
    def test_commands_that_touch_a_common_stream_are_not_one_batch(self, record: Record) -> None:
        stream = uuid7()
        batch = [submission(entries(stream)), submission(entries(stream, after=1))]
        with pytest.raises((CommonStream, DatabaseError)):
            record.append(batch)
        assert record.read_stream(stream) == []
        taken, waiting = split_compatible(batch, 10)
        assert (taken, waiting) == ([0], [1])

    def test_the_order_of_a_stream_survives_splitting(self) -> None:
        stream, other = uuid7(), uuid7()
        guard = Guarded(stream)
        queue = [
            submission(entries(stream)),
            submission(entries(other)),
            submission(entries(uuid7()), guards=[guard]),
            submission(entries(stream, after=1)),
        ]
        assert split_compatible(queue, 10) == ([0, 1], [2, 3])
        assert split_compatible(queue, 1) == ([0], [1, 2, 3])

    def test_the_same_command_twice_waits_for_the_first(self) -> None:
        command = uuid4()
        queue = [submission(entries(uuid7()), command_id=command) for _ in range(2)]
        assert split_compatible(queue, 10) == ([0], [1])


class TestReading:
    def test_a_stream_nobody_wrote_is_empty(self, record: Record) -> None:
        assert record.read_stream(uuid7()) == []
        assert record.stream_row(uuid7()) is None

    def test_everything_after_a_position_in_order(self, record: Record) -> None:
        record.append([submission(entries(uuid7(), 2)), submission(entries(uuid7(), 3))])
        read = record.read_after(0, 100)
        positions = [r.header.position for r in read]
        assert len(positions) == 5
        assert positions == sorted(positions)
        assert [r.header.position for r in record.read_after(positions[2], 1)] == [positions[3]]

    def test_the_header_names_are_those_of_the_decisions(self) -> None:
        assert Header._fields[:6] == ("position", "event_id", "stream", "kind", "version", "type")
        assert Header._fields[-3:] == ("prev_hash", "body_hash", "hash")
