"""The stored shape of every event, pinned: a shape changes only with a new schema and an upcast.

To add an event or a shape, run `python -m tests.contract.test_event_shapes` and review the
difference it makes in events.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from domain.catalogue import EVENTS
from infra.record.codec import Codec
from infra.record.upcasts import UPCASTS

PINNED = Path(__file__).parent / "events.json"


def shapes() -> dict[str, Any]:
    return {
        cls.__name__: {"schema": cls.SCHEMA, "fields": Codec(cls).shape}
        for cls in sorted(EVENTS, key=lambda cls: cls.__name__)
    }


def text() -> str:
    return json.dumps(shapes(), indent=1, sort_keys=True) + "\n"


def test_every_stored_shape_is_the_one_pinned() -> None:
    assert shapes() == json.loads(PINNED.read_text("utf-8"))


def test_every_older_shape_has_its_upcast() -> None:
    needed = {(cls.__name__, n) for cls in EVENTS for n in range(1, cls.SCHEMA)}
    assert needed == UPCASTS.keys()


def test_every_name_is_stored_once() -> None:
    names = [cls.__name__ for cls in EVENTS]
    assert len(names) == len(set(names))


if __name__ == "__main__":
    PINNED.write_text(text(), "utf-8")
