"""Whoever asks does not decide: the database says so too, to an application that has forgotten.

Nothing of the domain is asked here. Events are appended as the product's role appends them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from uuid_utils.compat import uuid7

from domain.complaint.events import (
    RemedyPlanApproved,
    RemedyPlanDrafted,
    RemedyPlanReviewed,
)
from domain.event import Event
from domain.personal import Category, Personal
from domain.privacy.events import PrivacyRequestReceived, RequesterIdentified, RequestType
from domain.staff.events import (
    AccessApproved,
    AccessChanged,
    AccessDeclined,
    AccessGranted,
    AccessRequested,
)
from domain.terms import Channel
from infra.record.batch import Entry, Outcome
from infra.record.postgres import PostgresRecord
from infra.record.registry import registry
from tests.record.submissions import NOON, submission

FIRST, SECOND = UUID(int=1), UUID(int=2)
ASKED, DECIDED = "staff:ann", "staff:bob"


def access_requested(by: str, request: UUID = FIRST, staff: str = "staff:new") -> Event:
    return AccessRequested(
        request=request, staff=staff, post="service", roles=("agent",), markets=None, teams=None,
        requested_by=by, at=NOON,
    )  # fmt: skip


def access_approved(by: str, request: UUID = FIRST) -> Event:
    return AccessApproved(request=request, approved_by=by, at=NOON)


def access_declined(by: str, request: UUID = FIRST) -> Event:
    return AccessDeclined(request=request, declined_by=by, at=NOON)


def access_granted(by: str) -> Event:
    return AccessGranted(
        request=FIRST, post="service", roles=("agent",), markets=None, teams=None,
        granted_by=by, at=NOON,
    )  # fmt: skip


def access_changed(by: str) -> Event:
    return AccessChanged(
        request=FIRST, replaces=SECOND, post="service", roles=("agent",), markets=None, teams=None,
        granted_by=by, at=NOON,
    )  # fmt: skip


def received(by: str, request: UUID = FIRST) -> Event:
    return PrivacyRequestReceived(
        request=request, request_type=RequestType.ERASURE, categories=tuple(Category),
        received_by=by, channel=Channel.PHONE, at=NOON,
    )  # fmt: skip


def identified(by: str, request: UUID = FIRST) -> Event:
    return RequesterIdentified(request=request, method="callback", identified_by=by, at=NOON)


def drafted(by: str, plan: int = 1) -> Event:
    return RemedyPlanDrafted(
        plan=plan, remedy_kinds=("refund",), measures=Personal.sealed("djEC", uuid4()),
        drafted_by=by, at=NOON,
    )  # fmt: skip


def reviewed(by: str, plan: int = 1) -> Event:
    return RemedyPlanReviewed(
        plan=plan, passed=True, reviewer=by, reviewer_role="department_head", at=NOON
    )


def approved(by: str, plan: int = 1) -> Event:
    return RemedyPlanApproved(plan=plan, approver=by, approver_role="management", at=NOON)


PAIRS = [
    (access_requested, access_approved),
    (access_requested, access_declined),
    (received, identified),
    (drafted, reviewed),
    (drafted, approved),
]


class Appending:
    """The product's own way into the record; each event is a command of its own."""

    def __init__(self, record: PostgresRecord) -> None:
        self.record = record
        self.stream = uuid7()
        self._version = 0

    def __call__(self, event: Event, actor: str) -> None:
        self.together([event], actor)

    def together(self, events: Sequence[Event], actor: str) -> None:
        entries = [
            Entry(
                originator_id=self.stream,
                originator_version=self._version + n,
                topic=type(event).__name__,
                state=registry().encode(event),
                event_id=uuid7(),
                schema=1,
                at=event.at,
                at_precision=event.at_precision.value,
                kind="matter",
                subject=self.stream,
            )
            for n, event in enumerate(events, 1)
        ]
        (answer,) = self.record.append([replace(submission(entries), actor=actor)])
        assert answer.outcome is Outcome.RECORDED
        self._version += len(events)


@pytest.fixture
def append(database: str) -> Iterator[Appending]:
    record = PostgresRecord(database)
    yield Appending(record)
    record.close()


@pytest.fixture
def admin(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def types(append: Appending) -> list[str]:
    return [r.header.type for r in append.record.read_stream(append.stream)]


def refused(append: Appending, event: Event, actor: str) -> None:
    before = types(append)
    with pytest.raises(psycopg.DatabaseError, match="who asks does not decide") as fault:
        append(event, actor)
    assert fault.value.sqlstate == "DS004"
    assert types(append) == before, "the whole append is lost"


@pytest.mark.case("AC-06")
@pytest.mark.parametrize(("asks", "decides"), PAIRS)
class TestOneMatter:
    def test_another_decides(self, append: Appending, asks: Any, decides: Any) -> None:
        append(asks(ASKED), ASKED)
        append(decides(DECIDED), DECIDED)
        assert len(types(append)) == 2

    def test_not_who_asked(self, append: Appending, asks: Any, decides: Any) -> None:
        append(asks(ASKED), ASKED)
        refused(append, decides(ASKED), ASKED)
        append(decides(DECIDED), DECIDED)

    def test_not_under_another_name(self, append: Appending, asks: Any, decides: Any) -> None:
        """Who acted counts, and who is named: neither alone gets through."""
        append(asks(ASKED), ASKED)
        refused(append, decides(DECIDED), ASKED)
        refused(append, decides(ASKED), DECIDED)

    def test_not_in_one_append(self, append: Appending, asks: Any, decides: Any) -> None:
        with pytest.raises(psycopg.DatabaseError, match="who asks does not decide"):
            append.together([asks(ASKED), decides(ASKED)], ASKED)
        assert types(append) == []

    def test_not_who_decided_asks_afterwards(
        self, append: Appending, asks: Any, decides: Any
    ) -> None:
        append(decides(ASKED), ASKED)
        refused(append, asks(ASKED), ASKED)


@pytest.mark.parametrize(
    ("asks", "decides", "other"),
    [
        (access_requested, access_approved, SECOND),
        (received, identified, SECOND),
        (drafted, reviewed, 2),
    ],
)
def test_of_another_matter_and_another_stream_who_asked_may_decide(
    append: Appending, asks: Any, decides: Any, other: Any
) -> None:
    append(asks(ASKED), ASKED)
    append(asks(DECIDED, other), DECIDED)
    append(decides(ASKED, other), ASKED)
    elsewhere = Appending(append.record)
    elsewhere(decides(ASKED), ASKED)
    assert len(types(append)) == 3


def test_nobody_approves_or_carries_out_access_of_their_own(append: Appending) -> None:
    append(access_requested(ASKED, staff="staff:new"), ASKED)
    refused(append, access_approved("staff:new"), "staff:new")
    append(access_approved(DECIDED), DECIDED)
    refused(append, access_granted("staff:new"), "staff:new")
    refused(append, access_changed("staff:new"), "staff:new")
    append(access_granted(ASKED), ASKED)
    assert types(append) == ["AccessRequested", "AccessApproved", "AccessGranted"]


def test_in_a_partition_made_later_it_holds_as_well(
    append: Appending, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("SELECT es.ensure_partitions(12)")
    admin.execute("SELECT setval('es.position_seq', 11000000)")
    append(drafted(ASKED), ASKED)
    refused(append, reviewed(ASKED), ASKED)
    state = admin.execute(
        "SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname = 'separate_duties'"
    ).fetchall()
    assert state == [("A",)]


@pytest.mark.parametrize(
    "rewrite",
    ["UPDATE ref.duties SET duty = 'asks'", "DELETE FROM ref.duties", "TRUNCATE ref.duties"],
)
def test_nobody_changes_who_did_what(
    append: Appending, admin: psycopg.Connection[Any], rewrite: str
) -> None:
    append(drafted(ASKED), ASKED)
    with pytest.raises(psycopg.DatabaseError) as fault:
        admin.execute(rewrite)
    assert fault.value.sqlstate == "DS002"
    admin.execute("SET ROLE dossier_writer")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        admin.execute("INSERT INTO ref.duties VALUES (%s, 'plan 1', 'staff:x', 'asks')", (uuid4(),))


def test_other_events_leave_no_duty(append: Appending, admin: psycopg.Connection[Any]) -> None:
    append(drafted(ASKED), ASKED)
    append(reviewed(DECIDED), DECIDED)
    append(RemedyPlanReviewed(plan=2, passed=False, reviewer=DECIDED, reviewer_role="x", at=NOON),
           DECIDED)  # fmt: skip
    rows = admin.execute("SELECT matter, person, duty FROM ref.duties ORDER BY 1, 2").fetchall()
    assert rows == [
        ("plan 1", ASKED, "asks"),
        ("plan 1", DECIDED, "decides"),
        ("plan 2", DECIDED, "decides"),
    ]
