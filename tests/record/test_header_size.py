"""A header stays small enough for bundles of leaves; a body is only referenced by its hash."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from domain.refusal import HeaderTooLong
from infra.record.batch import HEADER_BYTES, Outcome
from infra.record.memory import MemoryRecord
from infra.record.postgres import PostgresRecord
from tests.record.submissions import entries, submission


@pytest.mark.case("AC-18")
@pytest.mark.parametrize("text", ["x", "ä", "理", "😀"])
def test_a_header_of_the_most_bytes_is_recorded_and_one_more_refused(
    record: MemoryRecord | PostgresRecord, text: str
) -> None:
    one = submission(entries(uuid4()))
    beside = sum(len(t) for t in (one.actor, one.role, one.purpose)) + sum(
        len(t or "")
        for e in one.entries
        for t in (e.kind, e.topic, e.at_precision, e.policies, e.source_ref, e.market)
    )
    width = len(text.encode())
    count, rest = divmod(HEADER_BYTES - beside, width)
    reason = text * count + "x" * rest
    [answer] = record.append([replace(one, reason=reason)])
    assert answer.outcome is Outcome.RECORDED
    with pytest.raises(HeaderTooLong) as refused:
        replace(submission(entries(uuid4())), reason=reason + "x")
    assert refused.value.parameters == {"size": HEADER_BYTES + 1, "most": HEADER_BYTES}


@pytest.mark.case("AC-18")
def test_a_body_does_not_count(record: MemoryRecord | PostgresRecord) -> None:
    stream = uuid4()
    one = submission(entries(stream))
    [entry] = one.entries
    large = replace(one, entries=[replace(entry, state=b'{"note":"' + b"x" * 200_000 + b'"}')])
    [answer] = record.append([large])
    [stored] = record.read_stream(stream)
    assert answer.outcome is Outcome.RECORDED
    assert stored.body is not None
    assert len(stored.body) > 200_000
