"""Every way a text may be written in bytes, as one regular expression.

A character is its letter in either case, composed or decomposed (NFC, NFD), in UTF-8, Latin-1 or
UTF-16, or an escape of any of these: JSON and Python (\\u0040, \\x40), octal, percent, quoted-
printable, HTML. Escapes may be mixed in one text. Base64, hex and compression are undone by
`stream.py` before it looks.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from infra.scan.needles import Needles

NAMES: dict[str, list[str]] = defaultdict(list)
for _name, _text in html.entities.html5.items():
    if len(_text) == 1:
        NAMES[_text].append(_name.rstrip(";"))
_SPACE = r"(?:[ +_\t\xa0]|\xc2\xa0|%20|=20|&nbsp;?|&#32;|&#0*160;|\\+u0020|\\+x20|\\+040)"
_SOFT_BREAK = r"(?:=\r?\n)?"


HEAD, LONGEST = 5, 64
"""Characters a candidate is told by; characters of a value that are compared."""


class Spellings:
    """Finds any spelling of any needle: candidates by their first characters with one quick
    pattern, then each needle's whole spelling at that place."""

    def __init__(self, needles: Needles) -> None:
        texts = {n: unicodedata.normalize("NFC", text)[:LONGEST] for n, text in needles}
        heads = [
            w for t in texts.values() for w in (*_eight_bits(t[:HEAD]), *_sixteen_bits(t[:HEAD]))
        ]
        self._heads = re.compile(_by_first_byte(heads), re.DOTALL)
        self._whole = {
            n: [re.compile(p.encode("latin-1"), re.DOTALL) for p in _wholes(t)]
            for n, t in texts.items()
        }
        self.shortest = min(
            min(2 * len(text), len(text.encode(errors="surrogatepass"))) for text in texts.values()
        )
        self.overlap = 48 * max(map(len, texts.values())) + 256
        """Bytes of a stream to look at twice, so that nothing is cut in two."""

    def found(self, data: bytes, beyond: int = 0) -> Iterator[int]:
        """Numbers of the needles that stand in these bytes and end beyond a place."""
        for candidate in self._heads.finditer(data):
            for number, patterns in self._whole.items():
                for pattern in patterns:
                    match = pattern.match(data, candidate.start())
                    if match is not None and match.end() > beyond:
                        yield number


def _wholes(text: str) -> Iterator[str]:
    yield _joined(_eight_bit_groups(text), _SOFT_BREAK)
    for order in ("le", "be"):
        groups = _sixteen_bit_groups(text, order)
        if groups:
            yield _joined(groups, "")


def _joined(groups: Iterable[list[str]], between: str) -> str:
    return between.join(f"(?:{'|'.join(group)})" for group in groups)


def _forms(character: str) -> list[str]:
    """The letter in either case, composed and decomposed."""
    cases = (character, character.lower(), character.upper(), character.casefold())
    forms = (unicodedata.normalize(f, c) for c in cases for f in ("NFC", "NFD"))
    return list(dict.fromkeys(forms))


def _eight_bit_groups(text: str) -> list[list[str]]:
    """Per character the ways to write it."""
    return [
        [f"{_SPACE}+"]
        if character.isspace()
        else [way for form in _forms(character) for way in _written(form)]
        for character in text
    ]


def _eight_bits(head: str) -> list[str]:
    first, *rest = _eight_bit_groups(head)
    after = "".join(f"{_SOFT_BREAK}(?:{'|'.join(group)})" for group in rest)
    return [way + after for way in first]


def _written(form: str) -> list[str]:
    """Of a letter with its marks apart: each begins with a literal byte, as its letter does."""
    after = _joined(map(_code_point, form[1:]), "")
    return [way + after for way in _code_point(form[0])]


def _code_point(character: str) -> list[str]:
    """Ways to write one code point, each beginning with a literal byte."""
    code = ord(character)
    utf8 = character.encode(errors="surrogatepass")
    ways = [_literal(utf8)]
    if 0x80 <= code < 0x100:
        ways.append(_literal(bytes([code])))
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = [units[n : n + 2].hex() for n in range(0, len(units), 2)]
    ways.append("".join(rf"\\+u\{{?{_any_case(pair)}\}}?" for pair in pairs))
    ways.append(rf"\\+[uU]\{{?0*{_any_case(f'{code:x}')}\}}?")
    ways.append("".join(rf"\\+x{_any_case(f'{byte:02x}')}" for byte in utf8))
    ways.append("".join(rf"\\+{byte:03o}" for byte in utf8))
    ways.append("".join(f"%{_any_case(f'{byte:02x}')}" for byte in utf8))
    ways.append("".join(f"%25{_any_case(f'{byte:02x}')}" for byte in utf8))
    ways.append("".join(f"={_any_case(f'{byte:02x}')}" for byte in utf8))
    ways.append(f"&(?:amp;)?#0*{code};?")
    ways.append(f"&(?:amp;)?#[xX]0*{_any_case(f'{code:x}')};?")
    ways += [f"&(?:amp;)?{name};?" for name in NAMES.get(character, ())]
    return ways


def _sixteen_bit_groups(text: str, order: str) -> list[list[str]]:
    """UTF-16. The zero before the first letter of big-endian text is left out, and that after the
    last of little-endian text: zeros are everywhere, and the rest tells enough."""
    groups = [
        [_literal(f.encode(f"utf-16-{order}", "surrogatepass")) for f in _forms(character)]
        for character in text
    ]
    groups[0] = [way.removeprefix(r"\x00") for way in groups[0]]
    groups[-1] = [way.removesuffix(r"\x00") for way in groups[-1]]
    return groups


def _sixteen_bits(head: str) -> list[str]:
    found = []
    for order in ("le", "be"):
        first, *rest = _sixteen_bit_groups(head, order)
        found += [way + _joined(rest, "") for way in first]
    return found


def _literal(data: bytes) -> str:
    return "".join(chr(b) if chr(b).isascii() and chr(b).isalnum() else f"\\x{b:02x}" for b in data)


def _any_case(digits: str) -> str:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)


_FIRST = re.compile(r"\\x([0-9a-f]{2})|\\(\\)\+|([A-Za-z0-9%=&])")


def _by_first_byte(alternatives: Iterable[str]) -> bytes:
    """Alternatives gathered under their first byte. `re` skips quickly to bytes that can begin a
    match only where each branch begins with a literal, and no two with the same one."""
    under: dict[int, list[str]] = defaultdict(list)
    for alternative in dict.fromkeys(alternatives):
        first = _FIRST.match(alternative)
        assert first is not None, "a spelling begins with a literal byte"
        code, slash, plain = first.groups()
        byte = int(code, 16) if code else ord(slash or plain)
        rest = alternative[first.end() :]
        under[byte].append(rf"\\*{rest}" if slash else rest)
    branches = [f"\\x{byte:02x}(?={'|'.join(rests)})" for byte, rests in sorted(under.items())]
    return "|".join(branches).encode("latin-1")
