"""The record under the library's seams, seen only through the library's public names."""

from __future__ import annotations

import pytest
from eventsourcing.application import Application
from eventsourcing.persistence import IntegrityError
from uuid_utils.compat import uuid7

from infra.record.library import Ledger, Proposed
from infra.record.memory import MemoryRecord
from infra.record.postgres import PostgresRecord
from tests.record.submissions import happening

PROVENANCE = {"actor": "staff:7", "role": "agent", "purpose": "dpv:CustomerCare"}


@pytest.fixture
def application(record: MemoryRecord | PostgresRecord) -> Application:  # type: ignore[type-arg]
    return Ledger(record, record.registry)


def proposed(stream: object, version: int) -> Proposed:
    return Proposed(
        originator_id=stream,  # type: ignore[arg-type]
        originator_version=version,
        event_id=uuid7(),
        kind="ticket",
        subject=stream,  # type: ignore[arg-type]
        event=happening(version),
    )


def test_what_the_application_saves_it_loads(application: Application) -> None:  # type: ignore[type-arg]
    stream = uuid7()
    recordings = application.save(proposed(stream, 1), proposed(stream, 2), **PROVENANCE)
    loaded = list(application.events.get(stream))
    assert [e.originator_version for e in loaded] == [1, 2]
    assert [e.event for e in loaded] == [happening(1), happening(2)]  # type: ignore[attr-defined]
    ids = [r.notification.id for r in recordings]
    assert ids == sorted(ids)
    assert next(iter(application.events.get(stream, gt=1))).originator_version == 2
    (latest,) = application.events.get(stream, desc=True, limit=1)
    assert latest.originator_version == 2


def test_a_conflict_is_the_librarys_own_error(application: Application) -> None:  # type: ignore[type-arg]
    stream = uuid7()
    application.save(proposed(stream, 1), **PROVENANCE)
    with pytest.raises(IntegrityError):
        application.save(proposed(stream, 1), **PROVENANCE)
    assert len(list(application.events.get(stream))) == 1


def test_the_notification_log_shows_every_event_in_order(application: Application) -> None:  # type: ignore[type-arg]
    first, second = uuid7(), uuid7()
    application.save(proposed(first, 1), proposed(second, 1), **PROVENANCE)
    application.save(proposed(first, 2), **PROVENANCE)
    notifications = application.notification_log.select(start=1, limit=10)
    assert [(n.originator_id, n.originator_version) for n in notifications] == [
        (first, 1), (second, 1), (first, 2),
    ]  # fmt: skip
    assert [n.topic for n in notifications] == ["SubjectKeyCreated"] * 3
    assert application.recorder.max_notification_id() == notifications[-1].id


def test_saving_nothing_records_nothing(application: Application) -> None:  # type: ignore[type-arg]
    assert application.save(**PROVENANCE) == []
    assert application.recorder.max_notification_id() is None
