"""Bodies stored in older shapes are read as today's events; the stored bytes stay as they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.customer.events import (
    ConsentGranted,
    ConsentWithdrawn,
    PersonalDataErased,
    Retained,
)
from domain.event import Event, Header
from domain.keys import DestroyedKey
from domain.personal import Category
from domain.privacy.events import ResidueScanned
from domain.terms import Channel, ConsentForm, ConsentPurpose, ConsentScope, Tier
from domain.timer_events import (
    FulfilledTimer,
    PausedTimer,
    ResumedTimer,
    RetargetedTimer,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersRetargeted,
    SlaTimersStarted,
    StartedTimer,
)
from infra.record.chain import ZERO, body_hash
from infra.record.registry import UnknownEventType, registry
from infra.record.upcasts import UPCASTS

GOLDEN = json.loads((Path(__file__).parent / "golden_bodies.json").read_text("utf-8"))
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = AT.replace(hour=13)
ID = UUID(int=1)


def header(type_: str, schema: int, body: bytes) -> Header:
    return Header(
        1, ID, ID, "customer", 1, type_, schema, ID, 0, AT, "instant", AT, "a", "agent", None, "p",
        None, None, None, "", ID, None, ID, None, None, ZERO, body_hash(body), ZERO,
    )  # fmt: skip


READ: dict[str, Event] = {
    "PersonalDataErased": PersonalDataErased(
        categories=tuple(Category),
        keys=(
            DestroyedKey(category=Category.CONTACT, generation=1, commitment="5e1b"),
            DestroyedKey(category=Category.IDENTITY, generation=2, commitment="77aa"),
        ),
        retained=(Retained.IDENTIFIERS,),
        at=AT,
    ),
    "ConsentGranted": ConsentGranted(
        consent=ID,
        purpose=ConsentPurpose.MARKETING,
        scope=ConsentScope.OWN_USE,
        categories=(Category.IDENTITY, Category.CONTACT, Category.CONTENT),
        channel=Channel.WEB_FORM,
        form=ConsentForm.ONLINE,
        notice_version="2026-01",
        notice_language="en",
        expires_at=AT.replace(year=2027),
        at=AT,
    ),
    "ConsentWithdrawn": ConsentWithdrawn(
        consent=ID,
        purpose=ConsentPurpose.MARKETING,
        scope=ConsentScope.OWN_USE,
        channel=Channel.EMAIL,
        at=AT,
    ),
    "ResidueScanned": ResidueScanned(
        request=ID, scanner="scan:1", needles=2, objects=127, bytes=4096, hits=0, unread=0, at=AT
    ),
    "SlaTimersStarted": SlaTimersStarted(
        timers=(
            StartedTimer(
                timer=ID,
                cycle=1,
                metric="first_response",
                rule="cb-10.1d",
                clause="CB-10.1d",
                policy="cross_border_crm@1",
                calendar="de@1",
                target="PT30M working",
                tier=Tier.CORE,
                started_at=AT,
                due_at=LATER,
                fulfilled_by="FirstResponseSent",
            ),
        ),
        at=AT,
    ),
    "SlaTimersPaused": SlaTimersPaused(timers=(PausedTimer(timer=ID, left_seconds=90),), at=AT),
    "SlaTimersResumed": SlaTimersResumed(timers=(ResumedTimer(timer=ID, due_at=LATER),), at=AT),
    "SlaTimersRetargeted": SlaTimersRetargeted(
        timers=(RetargetedTimer(timer=ID, old_due_at=AT, due_at=LATER),), at=AT
    ),
    "SlaTimersFulfilled": SlaTimersFulfilled(
        timers=(FulfilledTimer(timer=ID, due_at=LATER, fulfilled_at=AT, breached=False),), at=AT
    ),
    "SlaTimersCancelled": SlaTimersCancelled(timers=(ID,), cause="TicketClosed", at=AT),
}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g["says"])
def test_golden_bytes_of_every_shape_read_as_the_same_event(golden: dict[str, str]) -> None:
    body = golden["body"].encode()
    event = registry().decode(header(golden["type"], int(golden["schema"]), body), body)
    assert event == READ[golden["type"]]


def test_every_older_shape_has_its_golden_bytes() -> None:
    assert UPCASTS.keys() <= {(golden["type"], golden["schema"]) for golden in GOLDEN}


def test_todays_event_is_stored_in_todays_bytes() -> None:
    today = [g for g in GOLDEN if g["schema"] == type(READ[g["type"]]).SCHEMA]
    assert len(today) == len(READ)
    for golden in today:
        assert registry().encode(READ[golden["type"]]).decode() == golden["body"]


@pytest.mark.parametrize(("type_", "schema"), [("PersonalDataErased", 3), ("NeverHeardOf", 1)])
def test_what_a_newer_release_wrote_is_refused(type_: str, schema: int) -> None:
    with pytest.raises(UnknownEventType):
        registry().decode(header(type_, schema, b"{}"), b"{}")


def test_a_stored_name_is_never_imported() -> None:
    with pytest.raises(UnknownEventType):
        registry().decode(header("os.path:join", 1, b"{}"), b"{}")
