"""Bodies are canonical, come back as they went, and refuse what the profile does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event, Frozen
from domain.personal import Contact, Content, Identity, Personal
from domain.refusal import UnstorableText
from infra.record.codec import Codec

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(Frozen):
    number: int
    name: Identity | None = None


class Sample(Event):
    text: str
    flag: bool
    count: int
    ref: UUID
    when: datetime
    day: date
    amount: Decimal
    colour: Colour
    optional: int | None = None
    words: tuple[str, ...] = ()
    table: Mapping[str, Decimal]
    part: Part
    parts: tuple[Part, ...] = ()
    note: Content | None = None


CODEC = Codec(Sample)
EVENT_ID = uuid4()
texts = st.text(st.characters(codec="utf-8"))
instants = st.datetimes(timezones=st.just(UTC))
samples = st.builds(
    Sample,
    at=st.just(AT),
    text=texts,
    flag=st.booleans(),
    count=st.integers(1 - 2**53, 2**53 - 1),
    ref=st.uuids(),
    when=instants,
    day=st.dates(),
    amount=st.decimals(allow_nan=False, allow_infinity=False),
    colour=st.sampled_from(Colour),
    optional=st.none() | st.integers(0, 9),
    words=st.lists(texts).map(tuple),
    table=st.dictionaries(
        st.text(st.characters(min_codepoint=32, max_codepoint=126)),
        st.decimals(allow_nan=False, allow_infinity=False),
    ),
    part=st.builds(Part, number=st.integers(0, 9), name=st.none()),
    parts=st.lists(st.builds(Part, number=st.integers(0, 9), name=st.none())).map(tuple),
    note=st.none(),
)


def round_trip(event: Sample) -> Event:
    import orjson

    return CODEC.decode(orjson.loads(CODEC.encode(event)), EVENT_ID, event.at, event.at_precision)


@given(samples)
def test_what_is_encoded_is_decoded(event: Sample) -> None:
    assert round_trip(event) == event


@given(samples)
def test_the_bytes_are_those_of_rfc_8785(event: Sample) -> None:
    import orjson

    encoded = CODEC.encode(event)
    assert encoded == rfc8785.dumps(orjson.loads(encoded))


def sample(**changes: object) -> Sample:
    values: dict[str, object] = {
        "at": AT, "text": "", "flag": True, "count": 0, "ref": EVENT_ID, "when": AT,
        "day": date(2026, 1, 1), "amount": Decimal("1.10"), "colour": Colour.RED, "table": {},
        "part": Part(number=1),
    }  # fmt: skip
    return Sample(**(values | changes))  # type: ignore[arg-type]


def test_the_body_holds_no_header_and_no_absent_field() -> None:
    assert CODEC.encode(sample()) == (
        b'{"amount":"1.10","colour":"red","count":0,"day":"2026-01-01","flag":true,"part":{"number":1},'
        b'"parts":[],"ref":"%s","table":{},"text":"","when":"2026-03-02T12:00:00.000000Z","words":[]}'
        % str(EVENT_ID).encode()
    )


def test_sealed_values_are_written_as_their_tokens_and_come_back_sealed() -> None:
    event = sample(
        note=Personal.sealed("tok1", EVENT_ID),
        part=Part(number=1, name=Personal.sealed("tok2", EVENT_ID)),
    )
    assert b'"note":"tok1"' in CODEC.encode(event)
    loaded = round_trip(event)
    assert isinstance(loaded, Sample)
    assert loaded.note is not None
    assert (loaded.note.token, loaded.note.recorded_in) == ("tok1", EVENT_ID)
    assert loaded.part.name is not None
    assert loaded.part.name.token == "tok2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"count": 2**53}, "below 2\\^53"),
        ({"amount": Decimal("NaN")}, "not a number"),
        ({"when": datetime(2026, 1, 1)}, "without a zone"),  # noqa: DTZ001
        ({"table": {"größe": Decimal(1)}}, "ASCII"),
        ({"note": Personal("open")}, "sealed before"),
    ],
)
def test_what_the_profile_does_not_hold_is_a_fault(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        CODEC.encode(sample(**changes))


def test_a_lone_surrogate_is_refused_by_field() -> None:
    with pytest.raises(UnstorableText) as refused:
        CODEC.encode(sample(words=("fine", "\ud800")))
    assert refused.value.parameters == {"field": "words.1"}


def test_floats_are_not_an_event_field() -> None:
    class Weighed(Event):
        weight: float

    with pytest.raises(TypeError, match="float"):
        Codec(Weighed)


class TestPersonal:
    VALUE = Personal("Erika Mustermann")

    @pytest.mark.parametrize("shown", [repr(VALUE), str(VALUE), f"{VALUE}", f"{[VALUE]}"])
    def test_never_shows_itself(self, shown: str) -> None:
        assert shown in ("<pii>", "[<pii>]")

    def test_an_event_with_one_does_not_show_it_either(self) -> None:
        class Written(Event):
            to: Contact

        assert "Erika" not in repr(Written(at=AT, to=self.VALUE))

    def test_has_no_equality_and_cannot_be_pickled(self) -> None:
        import pickle

        with pytest.raises(TypeError):
            assert Personal("Erika Mustermann") == self.VALUE
        with pytest.raises(TypeError):
            pickle.dumps(self.VALUE)
        with pytest.raises(TypeError):
            hash(self.VALUE)

    def test_a_sealed_one_has_no_text(self) -> None:
        with pytest.raises(ValueError, match="gate"):
            _ = Personal.sealed("token", EVENT_ID).text
