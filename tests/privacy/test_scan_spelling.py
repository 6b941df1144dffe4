"""However a value is written, it is seen; what is not it, is not."""

from __future__ import annotations

import base64
import gzip
import html
import json
import os
import urllib.parse
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.scan import NeedleFileOpen, Needles, NeedleTooShort
from infra.scan.needles import NeedlesMissing, read_file
from infra.scan.planted import disguises, fresh_value
from infra.scan.spelling import Spellings
from infra.scan.stream import Stream
from tests.examples import examples

EMAIL = "Zoë.O'Hara+q7x9@exämple.org"
PEOPLE = (EMAIL, "张伟测试金丝雀", "Анна Канарейкина", "+49 30 9018-2077", "Größe 12, 10117 Ort")
SPELLINGS = Spellings(Needles(PEOPLE))


def seen(data: bytes, *, spellings: Spellings = SPELLINGS, cut: int | None = None) -> set[int]:
    found: set[int] = set()
    stream = Stream(spellings, lambda number, _: found.add(number))
    for piece in (data,) if cut is None else (data[:cut], data[cut:]):
        stream.feed(piece)
    stream.close()
    return found


@pytest.mark.case("PL-03")
def test_every_disguise_of_the_self_test_is_seen_and_only_by_its_own_needle() -> None:
    value, other = fresh_value(), fresh_value()
    spellings = Spellings(Needles([other, value]))
    missed = [n for n, data in disguises(value).items() if seen(data, spellings=spellings) != {2}]
    assert missed == []


WAYS: dict[str, Callable[[str], bytes]] = {
    "utf-16 with mark": lambda t: t.encode("utf-16"),
    "utf-16 big end": lambda t: t.encode("utf-16-be"),
    "swapped case": lambda t: t.swapcase().encode() if "ß" not in t else t.lower().encode(),
    "json": lambda t: json.dumps({"a": t}).encode(),
    "json in json": lambda t: json.dumps(json.dumps(t)).encode(),
    "html": lambda t: html.escape(t).encode("ascii", "xmlcharrefreplace"),
    "form": lambda t: urllib.parse.urlencode({"q": t}).encode(),
    "python": lambda t: repr(t.encode()).encode(),
    "hex of base64": lambda t: base64.b64encode(t.encode()).hex().encode(),
    "base64 of gzip of base64": lambda t: base64.b64encode(
        gzip.compress(base64.urlsafe_b64encode(t.encode()))
    ),
}


@pytest.mark.case("PL-03")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(1, len(PEOPLE) + 1))
def test_each_script_is_seen_in_each_way_of_writing(number: int, way: str) -> None:
    assert seen(b"<" + WAYS[way](PEOPLE[number - 1]) + b">") == {number}


@given(st.integers(0, 400), st.sampled_from(["gzip", "base64", "plain"]))
@settings(max_examples=examples(150), deadline=None)
def test_a_stream_may_be_cut_anywhere(cut: int, how: str) -> None:
    text = b"." * 60 + EMAIL.encode() + b"," * 60
    written = {"gzip": gzip.compress(text), "base64": base64.b64encode(text), "plain": text}[how]
    data = bytes(range(200, 256)) * 2 + written + b"\xfe" * 40
    assert seen(data, cut=min(cut, len(data))) == {1}


@given(st.binary(max_size=3_000))
@settings(max_examples=examples(100), deadline=None)
def test_nothing_is_seen_in_what_is_something_else(noise: bytes) -> None:
    """Also where it begins like something compressed and is not."""
    for data in (noise, b"\x1f\x8b\x08" + noise, b"PK\x03\x04" + noise, zlib.compress(noise)):
        assert seen(data) == set()


def test_neighbours_of_a_value_are_not_it() -> None:
    for near in ("Zoë.O'Hara+q7x8@exämple.org", "Zoe.O'Hara+q7x9@exämple.org", "张伟测试金丝"):
        assert seen(near.encode()) == set()


def test_what_cannot_be_opened_is_told() -> None:
    told: list[str] = []
    stream = Stream(SPELLINGS, lambda *_: None, told.append)
    stream.feed(b"\x28\xb5\x2f\xfd" + bytes(100))
    stream.close()
    assert told == ["zstd cannot be opened here"]


class TestNeedles:
    def test_do_not_show_themselves(self) -> None:
        needles = Needles(PEOPLE)
        assert repr(needles) == f"{needles}" == "<5 needles>"

    def test_too_short_a_value_is_refused_by_number(self) -> None:
        with pytest.raises(NeedleTooShort) as refused:
            Needles(["long enough", "short"])
        assert refused.value.parameters == {"number": 2, "least": 6}

    def test_a_file_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "values"
        path.write_text(f"{EMAIL}\n\n{EMAIL}\n")
        path.chmod(0o644)
        with pytest.raises(NeedleFileOpen):
            read_file(path)
        path.chmod(0o600)
        assert list(read_file(path)) == [(1, EMAIL)]

    def test_no_value_at_all_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(NeedlesMissing):
            read_file(tmp_path / "nothing")
        empty = tmp_path / "empty"
        empty.touch(0o600)
        with pytest.raises(NeedlesMissing):
            read_file(empty)


def test_a_bomb_is_looked_through_in_bounded_memory() -> None:
    """A thousandfold: 64 MiB of zeros, then the value; pieces, never the whole."""
    import tracemalloc

    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64))
    packed += packer.compress(EMAIL.encode()) + packer.flush()
    tracemalloc.start()
    assert seen(os.urandom(8) + packed) == {1}
    assert tracemalloc.get_traced_memory()[1] < 24 << 20
    tracemalloc.stop()
