"""Every command is sent bodies that are almost right: told what is wrong, never a defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.http.commands import Place, places
from infra.http.examples import SOMEBODY
from infra.http.openapi import example
from tests.http.door import Door
from tests.http.story import role_for, told

EVERY = [place for place in places() if place.field is None and "/commands/" in place.path]
EXAMPLES = 6
HUGE = (2**31, 2**63, -(2**64), 10**40, 0, -1)
TEXTS = ("", "\0", "a\0b", "\ud800", "\U0001f600" * 3, "x" * 200_000, "0" * 500, "\u202e", "..")
TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z")
scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from(HUGE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((*TEXTS, *TIMES, SOMEBODY))
    | st.text(max_size=20)
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
BEGUN = ["RegisterCustomer", "PlaceOrder", "ReceiveInquiry", "ReceiveComplaint"]


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body at which something stands."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in inner if isinstance(value, dict | list) else ():
        yield from spots(held, (*path, key)) if isinstance(held, dict | list) else [(*path, key)]


@st.composite
def spoilt(draw: st.DrawFn, body: dict[str, Any], optional: list[str]) -> Any:
    """The body with one or two things in it replaced, left out or added."""
    value = json.loads(json.dumps(body))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(sorted(spots(value), key=repr)))
        if not path:
            name = draw(st.sampled_from(optional) | st.text(max_size=10))
            value[name] = draw(junk)
            continue
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[path[-1]]
        else:
            holder[path[-1]] = draw(junk)
    return value


def sweep(door: Door, place: Place, body: dict[str, Any]) -> None:
    headers = {**door.bearer(role_for(place)), "Content-Type": "application/json"}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(spoilt(body, sorted(place.command.model_fields)))
    def one(sent: Any) -> None:
        before = door.recorded()
        answer = door.client.post(
            place.path,
            content=json.dumps(sent).encode(),
            headers={**headers, "Idempotency-Key": f"key-{next(door.keys)}"},
        )
        assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert problem["status"] == answer.status_code
            assert len(answer.content) < 100_000
            assert "Traceback" not in answer.text and "input_value" not in answer.text
            assert door.recorded() == before

    one()


def test_a_body_that_is_almost_right_is_taken_or_told_about_and_never_a_defect(
    door: Door, subtests: pytest.Subtests
) -> None:
    ids: dict[str, str] = {}
    for _, answer in told(door, BEGUN):
        ids |= answer.json()["ids"]
    for place in EVERY:
        body = {
            name: ids.get(name.removesuffix("_id"), value) if value == SOMEBODY else value
            for name, value in example(place).items()
        }
        with subtests.test(place.command.__name__):
            sweep(door, place, body)
