"""Golden vectors of the preimage: bytes that must come out the same in every release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack
from uuid import UUID

import pytest

from domain.event import Header
from infra.record.chain import ZERO, body_hash, leaf_hash, preimage

VECTORS = json.loads((Path(__file__).parent / "chain_vectors.json").read_text("utf-8"))


def header(values: dict[str, object]) -> Header:
    made = dict(values)
    for name in ("event_id", "stream", "subject", "consent_id", "correlation", "causation",
                 "command_id"):  # fmt: skip
        made[name] = made[name] and UUID(str(made[name]))
    for name in ("at", "recorded_at"):
        made[name] = datetime.fromisoformat(str(made[name]))
    for name in ("prev_hash", "body_hash", "hash"):
        made[name] = bytes.fromhex(str(made[name]))
    return Header(**made)  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["says"])
def test_the_bytes_are_those_committed(vector: dict[str, str | dict[str, object]]) -> None:
    made = header(vector["header"])  # type: ignore[arg-type]
    assert preimage(made).hex() == vector["preimage"]
    assert leaf_hash(made) == made.hash
    assert body_hash(str(vector["body"]).encode()) == made.body_hash


def columns(raw: bytes) -> Iterator[bytes | None]:
    """An independent reader of the format, as an auditor would write one."""
    assert raw[:16] == b"dossier-event/v1"
    at = 16
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        at += 4
        if length == 0xFFFFFFFF:
            yield None
            continue
        yield raw[at : at + length]
        at += length


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["says"])
def test_the_format_can_be_read_back_from_its_description(vector: dict[str, object]) -> None:
    made = header(vector["header"])  # type: ignore[arg-type]
    read = list(columns(preimage(made)))
    assert len(read) == len(Header._fields) - 1
    assert read[0] == made.position.to_bytes(8, "big")
    assert read[3] == made.kind.encode()
    since = timedelta(microseconds=int.from_bytes(read[9] or b"", "big", signed=True))
    assert datetime(1970, 1, 1, tzinfo=UTC) + since == made.at
    assert read[14] == (None if made.on_behalf_of is None else made.on_behalf_of.encode())
    assert read[-2:] == [made.prev_hash, made.body_hash]
    assert pack("!h", made.segment) == read[8]


def test_the_first_of_a_stream_follows_zero() -> None:
    assert header(VECTORS[0]["header"]).prev_hash == ZERO
