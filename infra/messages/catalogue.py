"""Looks sentences up, by code and language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def sentences(language: Language) -> Mapping[str, Mapping[str, str]]:
    """Every sentence of a language, by section and code."""
    text = files("infra.messages").joinpath(f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def sentence(code: str, language: Language, parameters: Mapping[str, Any]) -> str:
    """What a refusal or a fault says."""
    book = sentences(language)
    template = book["refused"].get(code) or book["fault"][code]
    return template.format_map(_Said(parameters))


def field_sentence(code: str, language: Language, parameters: Mapping[str, Any]) -> str:
    """What is wrong with a field; the general sentence for what has none of its own."""
    section = sentences(language)["field"]
    return section.get(code, section["invalid"]).format_map(_Said(parameters))


def title(status: int, language: Language) -> str:
    return sentences(language)["title"][str(status)]


def chosen(accept_language: str | None) -> Language:
    """The language of ours a caller likes best (RFC 9110, 12.5.4); English if they like none."""
    best: tuple[float, Language] = (0.0, "en")
    for part in (accept_language or "").split(","):
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().split("-")[0]
        quality = _quality(weight)
        if name in LANGUAGES and quality > best[0]:
            best = quality, name
    return best[1]


def _quality(weight: str) -> float:
    try:
        return float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


class _Said(dict[str, Any]):
    """A parameter that was not given is shown as a dash."""

    def __missing__(self, name: str) -> str:
        return "-"
