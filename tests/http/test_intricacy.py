"""Bodies that cost more to read than they say: refused at once, by name, with nothing recorded."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from infra.http.intricacy import DEEPEST, MOST_NAMES, MOST_VALUES, must_be_plain
from infra.http.refusals import BodyTooIntricate
from tests.http.door import PERSON, Door
from tests.http.test_bad_input import told

MIB = 1024 * 1024
HOSTILE = {
    "fifty mebibytes": (b"x" * (50 * MIB), 413),
    "a string of five": (b'{"a": "' + b"x" * (5 * MIB) + b'"}', 413),
    "a million names": (b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}", 413),
    "names to the brim": (b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b"}", 422),
    "ten thousand levels": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 422),
    "brackets to the brim": (b"[" * (MIB - 1), 422),
    "empty lists to the brim": (b"[" + b"[]," * 300_000 + b"[]]", 422),
    "quotes to the brim": (b'"' * (MIB - 1), 422),
    "escapes to the brim": (b'{"a": "' + b"\\\\" * 500_000 + b'"}', 422),
    "numbers to the brim": (b"[" + b"1," * 500_000 + b"1]", 422),
}


@pytest.mark.case("AC-17")
def test_a_hostile_body_is_refused_within_a_fifth_of_a_second(
    door: Door, subtests: pytest.Subtests
) -> None:
    headers = {**door.bearer("crm_admin"), "Content-Type": "application/json"}
    door.client.post("/v1/customers", content=b"{}", headers=headers)
    for name, (body, status) in HOSTILE.items():
        with subtests.test(name):
            took = []
            for _ in range(3):
                begun = time.perf_counter()
                answer = door.client.post(
                    "/v1/customers", content=body, headers={**headers, "Idempotency-Key": "k"}
                )
                took.append(time.perf_counter() - begun)
                assert told(answer)[0] == status, answer.text
            assert min(took) < 0.2, took
    assert door.recorded() == 0


@pytest.mark.case("AC-17")
@pytest.mark.parametrize("name", [name for name, (_, status) in HOSTILE.items() if status == 422])
def test_telling_how_intricate_a_body_is_takes_little_memory(name: str) -> None:
    body = HOSTILE[name][0]
    tracemalloc.start()
    try:
        if name != "escapes to the brim":
            with pytest.raises(BodyTooIntricate):
                must_be_plain(body)
        else:
            must_be_plain(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MIB


def test_what_a_command_needs_is_plain_enough() -> None:
    deep: object = 1
    for _ in range(DEEPEST - 1):
        deep = [deep]
    must_be_plain(json.dumps({"a": deep}).encode())
    with pytest.raises(BodyTooIntricate):
        must_be_plain(json.dumps({"a": [deep]}).encode())
    must_be_plain(json.dumps({str(n): n for n in range(MOST_NAMES)}).encode())
    with pytest.raises(BodyTooIntricate):
        must_be_plain(json.dumps({str(n): n for n in range(MOST_NAMES + 1)}).encode())
    must_be_plain(json.dumps([1] * (MOST_VALUES - 1)).encode())


@pytest.mark.parametrize(
    "text", ["{[" * 500, '"' * 9, "\\" * 9 + '"{[', '{"a\\\\": "[[["}', '\\"{', "a\\"]
)
def test_brackets_count_outside_a_string_only(text: str) -> None:
    body = json.dumps({text: text, "other": [text]}).encode()
    must_be_plain(body)
    with pytest.raises(BodyTooIntricate):
        must_be_plain(body.removesuffix(b"}") + b', "deep": ' + b"[" * DEEPEST)


def test_a_large_order_goes_through(door: Door) -> None:
    lines = [{"stock_code": f"P{n}", "quantity": 1, "unit_price": "1.00"} for n in range(500)]
    answer = door.post("/v1/customers", PERSON)
    customer = answer.json()["ids"]["customer"]
    body = {"source": "shop", "number": "9", "currency": "GBP", "lines": lines}
    answer = door.post(f"/v1/customers/{customer}/place-order", body)
    assert answer.status_code == 200, answer.text
