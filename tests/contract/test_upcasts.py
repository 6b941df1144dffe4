"""Bodies stored in older shapes are read as today's events; the stored bytes stay as they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.customer.events import PersonalDataErased
from domain.event import Header
from domain.keys import DestroyedKey
from domain.personal import Category
from infra.record.chain import ZERO, body_hash
from infra.record.registry import UnknownEventType, registry

GOLDEN = json.loads((Path(__file__).parent / "golden_bodies.json").read_text("utf-8"))
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ID = UUID(int=1)


def header(type_: str, schema: int, body: bytes) -> Header:
    return Header(
        1, ID, ID, "customer", 1, type_, schema, ID, 0, AT, "instant", AT, "a", "agent", None, "p",
        None, None, None, "", ID, None, ID, None, None, ZERO, body_hash(body), ZERO,
    )  # fmt: skip


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g["says"])
def test_golden_bytes_of_every_shape_read_as_the_same_event(golden: dict[str, str]) -> None:
    body = golden["body"].encode()
    event = registry().decode(header(golden["type"], int(golden["schema"]), body), body)
    assert isinstance(event, PersonalDataErased)
    assert event.at == AT
    assert event.keys == (
        DestroyedKey(category=Category.CONTACT, generation=1, commitment="5e1b"),
        DestroyedKey(category=Category.IDENTITY, generation=2, commitment="77aa"),
    )


def test_todays_event_is_stored_in_todays_bytes() -> None:
    body = GOLDEN[1]["body"].encode()
    event = registry().decode(header("PersonalDataErased", 2, body), body)
    assert registry().encode(event) == body


@pytest.mark.parametrize(("type_", "schema"), [("PersonalDataErased", 3), ("NeverHeardOf", 1)])
def test_what_a_newer_release_wrote_is_refused(type_: str, schema: int) -> None:
    with pytest.raises(UnknownEventType):
        registry().decode(header(type_, schema, b"{}"), b"{}")


def test_a_stored_name_is_never_imported() -> None:
    with pytest.raises(UnknownEventType):
        registry().decode(header("os.path:join", 1, b"{}"), b"{}")
