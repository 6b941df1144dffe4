"""When two spellings are one value: e-mail addresses, phone numbers, names.

Also the skeleton of a name (UTS #39): what is left of it when letters that look alike are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

import phonenumbers

_MARKS = re.compile(r"[\u0300-\u036f]")
_BEFORE_AT = re.compile(r"[^\s@<>()\[\]\"',;:]{1,64}\Z")
_AFTER_AT = re.compile(r"[^\s@<>()\[\]\"',;:]{1,190}\.[^\W\d_]{2,24}")
_PHONE_IN_TEXT = re.compile(r"(?<![\w+])\+?\d[\d ()./-]{6,22}\d(?!\w)")
MENTIONS = 20
"""Of one text, as many addresses and as many numbers are looked at."""


def email(text: str) -> str:
    """NFKC and case folded, without space around it: the whole address, local part included."""
    return _folded(text)


def phone(text: str, region: str | None) -> str:
    """E.164 where the number can be read, a national one as in `region`; else its digits."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return "".join(c for c in plain if c.isdecimal() or c == "+")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def name(text: str) -> str:
    return " ".join(_folded(text).split())


def trigrams(text: str) -> set[str]:
    """Of each word, two spaces before and one behind it; without case and marks."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", name(text)))
    words = re.findall(r"\w+", plain)
    return {
        padded[n : n + 3]
        for word in words
        for padded in (f"  {word} ",)
        for n in range(len(padded) - 2)
    }


def skeleton(text: str) -> str:
    """Equal for names that look alike. Accents stay: an accent is no disguise."""
    shown = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    return name(shown.translate(_look_alikes()))


def contacts_in(text: str, region: str | None) -> tuple[set[str], set[str]]:
    """E-mail addresses and phone numbers that stand in a text, in the form they are compared in."""
    emails = {email(found) for found in islice(_emails_in(text), MENTIONS)}
    numbers = (match.group() for match in _PHONE_IN_TEXT.finditer(text))
    return emails, {phone(found, region) for found in islice(numbers, MENTIONS)}


def _emails_in(text: str) -> Iterator[str]:
    """Around each at sign: from the left alone, a long text without one would be searched long."""
    at = text.find("@")
    while at >= 0:
        before = _BEFORE_AT.search(text[max(0, at - 64) : at])
        after = _AFTER_AT.match(text, at + 1, at + 216)
        if before and after:
            yield f"{before.group()}@{after.group()}"
        at = text.find("@", at + 1)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


@cache
def _look_alikes() -> dict[int, str]:
    table: dict[int, str] = {}
    lines = (files("infra.blind_index") / "confusables.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            prototype, letters = line.split("\t")
            table |= dict.fromkeys(map(ord, letters), prototype)
    return table
