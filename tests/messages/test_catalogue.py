"""Every code has its sentence, in both languages, with the same parameters."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Iterator

import pytest

import commands
import domain
import infra
import queries
from domain.refusal import Refused
from infra.messages import LANGUAGES, Language, chosen, field_sentence, sentence
from infra.messages.catalogue import sentences
from infra.problem import FAULTS, STATUS

SECTIONS = ("refused", "fault", "field", "title")


def refusals() -> list[type[Refused]]:
    """Every refusal there is, once every module has been read."""
    for package in (domain, commands, queries, infra):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return sorted(below(Refused), key=lambda kind: kind.code)


def below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for found in kind.__subclasses__():
        if not found.__module__.startswith("tests."):
            yield found
            yield from below(found)


def named(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(language: Language) -> None:
    book = sentences(language)["refused"]
    assert [kind.code for kind in refusals() if kind.code not in book] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_for_a_refusal_that_is_gone(language: Language) -> None:
    codes = {kind.code for kind in refusals()} | {Refused.code}
    assert sorted(set(sentences(language)["refused"]) - codes) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_and_status_has_a_sentence(language: Language) -> None:
    book = sentences(language)
    assert [code for _, code, _ in FAULTS if code not in book["fault"]] == []
    statuses = {str(status) for status in STATUS.values()} | {str(s) for _, _, s in FAULTS}
    assert sorted(statuses - set(book["title"])) == []


def test_no_code_means_two_things() -> None:
    kinds = refusals()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert set(sentences("en")["refused"]) & set(sentences("en")["fault"]) == set()


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_say_the_same(section: str) -> None:
    english, chinese = sentences("en")[section], sentences("zh")[section]
    assert set(english) == set(chinese)
    assert {code for code in english if named(english[code]) != named(chinese[code])} == set()


def test_a_sentence_names_only_parameters_its_refusal_documents() -> None:
    for kind in refusals():
        wanted = named(sentences("en")["refused"][kind.code])
        stated = " ".join(k.__doc__ or "" for k in kind.__mro__ if issubclass(k, Refused))
        assert {name for name in wanted if name not in stated} == set(), kind.__name__


def test_the_sentences_are_in_the_language_they_claim() -> None:
    for section in SECTIONS:
        assert all(text.isascii() for text in sentences("en")[section].values())
        assert not any(text.isascii() for text in sentences("zh")[section].values())


def test_parameters_are_filled_in_and_missing_ones_shown_as_a_dash() -> None:
    told = sentence("own_plan", "en", {}), sentence("no_such_plan", "en", {"plan": 3})
    assert told == (
        "Nobody reviews or approves a plan they drafted themselves.",
        "There is no plan 3, or a later one took its place.",
    )
    assert sentence("no_such_plan", "zh", {}).startswith("方案 - ")


def test_a_field_without_a_sentence_of_its_own_gets_the_general_one() -> None:
    assert field_sentence("value_error", "en", {}) == "not valid"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.5", "en"),
        ("de, fr;q=0.9", "en"),
        ("de, zh;q=0.1", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense, en;q=0.2", "en"),
        ("*", "en"),
    ],
)
def test_the_language_a_caller_likes_best(header: str | None, language: Language) -> None:
    assert chosen(header) == language
