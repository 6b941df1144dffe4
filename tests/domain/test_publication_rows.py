"""What a row may be: a truth table of what is refused, and by which name."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.publication import refusals, rows
from domain.publication.events import RowKind
from domain.publication.rows import Row, row_of
from domain.refusal import Refused

SOUND: dict[str, Any] = {
    "id": "x-1",
    "clause": "CB-10.1a",
    "says": "An inquiry is answered within an hour.",
    "zh": "1小时内响应。",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "target": {"working_minutes": 60},
}
SCHEME: dict[str, Any] = {
    "id": "retail",
    "version": 1,
    "clause": "CB-9.1c",
    "says": "By what was bought.",
    "zone": "Europe/London",
    "currency": "GBP",
    "window_days": 365,
    "indicators": ["orders_365d"],
    "row": [
        {"tier": "core", "clause": "CB-9.1a", "says": "Some.", "at_least": {"orders_365d": "8"}},
        {"tier": "potential", "clause": "CB-9.1a", "says": "Others.", "at_least": {}},
    ],
}
FORESEEN = {"trigger": "OrderShipped", "inactive": "No shipping on record yet"}


def refused(kind: RowKind, table: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The refusal's code and its parameters, beside policy and row."""
    try:
        rows.check("p", row_of("p", kind, table))
    except Refused as refusal:
        told = dict(refusal.parameters)
        assert told.pop("policy") == "p"
        assert told.pop("row") == str(table.get("id"))
        return refusal.code, told
    return None


DEADLINES: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]] | None]] = [
    ("a sound row", {}, None),
    ("no number yet", {"target": {}}, None),
    ("a day", {"in_force": "2026-01-31", "lapsed": "2027-01-01"}, None),
    ("several triggers", {"trigger": ["InquiryReceived", "CustomerReplied"]}, None),
    ("conditions", {"when": {"tier": ["core"], "hours": "inside", "channel": ["chat"]}}, None),
    ("a ladder", {"escalate": [{"after_minutes": 0, "to": "supervisor"}]}, None),
    ("a foreseen trigger, inactive", FORESEEN, None),
    (
        "a foreseen trigger, active",
        {"trigger": "OrderShipped"},
        ("row_event_unknown", {"event": "OrderShipped"}),
    ),
    (
        "a trigger that is no event",
        {"trigger": "InquiryRecieved"},
        ("row_event_unknown", {"event": "InquiryRecieved"}),
    ),
    (
        "no event, although inactive",
        {"trigger": "Sunrise", "inactive": "not yet"},
        ("row_event_unknown", {"event": "Sunrise"}),
    ),
    (
        "fulfilled by no event",
        {"fulfilled_by": ["FirstResponseSent", "Sunset"]},
        ("row_event_unknown", {"event": "Sunset"}),
    ),
    (
        "rolling until no event",
        {"rolling": True, "until": ["Doomsday"]},
        ("row_event_unknown", {"event": "Doomsday"}),
    ),
    ("a limit of nothing", {"target": {"working_minutes": 0}}, ("limit_not_positive", {})),
    ("a negative limit", {"target": {"working_days": -2}}, ("limit_not_positive", {})),
    ("a negative elapsed limit", {"target": {"minutes": -1}}, ("limit_not_positive", {})),
    (
        "an unknown role",
        {"escalate": [{"after_minutes": 0, "to": "wizard"}]},
        ("row_role_unknown", {"role": "wizard"}),
    ),
    (
        "an unknown tier",
        {"when": {"tier": ["gold"]}},
        ("condition_unknown", {"field": "tier", "value": "gold"}),
    ),
    (
        "an unknown channel",
        {"when": {"channel": ["chat", "pigeon"]}},
        ("condition_unknown", {"field": "channel", "value": "pigeon"}),
    ),
    ("a condition as a word", {"when": {"team": "w"}}, ("row_malformed", {"field": "when.team"})),
    ("an unknown condition", {"when": {"moon": ["full"]}}, ("row_malformed", {"field": "when"})),
    ("an unknown field", {"colour": "red"}, ("row_malformed", {"field": "colour"})),
    ("two targets", {"target": {"minutes": 1, "by": "18:00"}},
     ("row_malformed", {"field": "target"})),
    ("a target in words", {"target": "soon"}, ("row_malformed", {"field": "target"})),
    ("no such day", {"in_force": "2026-02-30"}, ("row_malformed", {"field": "in_force"})),
    ("a flag in words", {"proposal": "yes"}, ("row_malformed", {"field": "proposal"})),
    ("a metric that is a list", {"metric": ["a"]}, ("row_malformed", {"field": "metric"})),
    ("a ladder without times", {"escalate": [{"to": "agent"}]},
     ("row_malformed", {"field": "escalate"})),
    ("an id in capitals", {"id": "X-1"}, ("row_malformed", {"field": "id"})),
    ("an id that is a number", {"id": 7}, ("row_malformed", {"field": "id"})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in DEADLINES], ids=[case[0] for case in DEADLINES]
)
def test_deadline_rows(change: dict[str, Any], expected: tuple[str, dict[str, Any]] | None) -> None:
    assert refused(RowKind.DEADLINE, {**SOUND, **change}) == expected


@pytest.mark.parametrize("field", sorted(SOUND.keys() - {"id"}))
def test_a_deadline_row_has_all_its_fields(field: str) -> None:
    table = {name: value for name, value in SOUND.items() if name != field}
    assert refused(RowKind.DEADLINE, table) == ("row_malformed", {"field": field})


SCHEMES: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]] | None]] = [
    ("a sound scheme", {}, None),
    ("a zone that is none", {"zone": "Mars/Hill"}, ("row_zone_unknown", {"zone": "Mars/Hill"})),
    ("a zone that is a folder", {"zone": "Europe"}, ("row_zone_unknown", {"zone": "Europe"})),
    ("a zone that leads away", {"zone": "../UTC"}, ("row_zone_unknown", {"zone": "../UTC"})),
    ("a zone that is a number", {"zone": 8}, ("row_zone_unknown", {"zone": "8"})),
    ("no days", {"window_days": 0}, ("limit_not_positive", {})),
    ("no rows", {"row": []}, ("row_malformed", {"field": "row"})),
    ("a threshold in words", {"row": [{**SCHEME["row"][0], "at_least": {"orders_365d": "many"}}]},
     ("row_malformed", {"field": "row"})),
    ("a last row that asks", {"row": SCHEME["row"][:1]}, ("row_malformed", {"field": "row"})),
    ("a negative threshold",
     {"row": [{**SCHEME["row"][0], "at_least": {"orders_365d": "-1"}}, SCHEME["row"][1]]},
     ("limit_not_positive", {})),
]  # fmt: skip


@pytest.mark.clause("CB-9.1c")
@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in SCHEMES], ids=[case[0] for case in SCHEMES]
)
def test_tier_schemes(change: dict[str, Any], expected: tuple[str, dict[str, Any]] | None) -> None:
    assert refused(RowKind.TIER_SCHEME, {**SCHEME, **change}) == expected


plain = st.recursive(
    st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), inner)
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted({*SOUND, "when", "warn", "lapsed", "x"})), plain))
def test_whatever_a_row_holds_it_is_a_rule_or_refused_by_name(table: dict[str, Any]) -> None:
    for kind in (RowKind.DEADLINE, RowKind.TIER_SCHEME):
        try:
            row = row_of("p", kind, {**SOUND, **SCHEME, **table})
            rows.check("p", row)
        except Refused:
            continue
        rows.claim(row)


@given(st.lists(st.dictionaries(st.sampled_from(["says", "zh", "target"]), plain), max_size=4))
def test_the_hash_is_that_of_canonical_json_whatever_the_order(
    tables: list[dict[str, Any]],
) -> None:
    made = [Row(kind=RowKind.DEADLINE, row={**t, "id": f"r{n}"}) for n, t in enumerate(tables)]
    expected = hashlib.sha256(rfc8785.dumps([row.row for row in made])).hexdigest()
    assert rows.rows_hash(made) == rows.rows_hash(made[::-1]) == expected


def test_a_row_says_what_it_cannot_be_and_where() -> None:
    with pytest.raises(refusals.RowMalformed) as refusal:
        row_of("p", RowKind.DEADLINE, {"clause": "CB-1"})
    assert refusal.value.parameters == {"policy": "p", "row": "None", "field": "id"}
