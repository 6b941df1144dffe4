"""Lines that cannot be read: one line on the error stream says why, in the language asked for."""

from __future__ import annotations

import pytest

from infra.messages.catalogue import sentences
from tests.cli.terminal import Terminal

NOBODY = "00000000-0000-0000-0000-000000000001"
LINES = {
    "a word that is no command": (("bogus",), "unknown_command"),
    "a word that is no command of a group": (("sla", "bogus"), "unknown_command"),
    "a flag there is not": (("verify", "--fast"), "invalid_request"),
    "a flag without its value": (("verify", "--customer"), "invalid_request"),
    "a flag and no command": (("--home", "/proc/nowhere"), "invalid_request"),
    "an argument left out": (("history",), "invalid_request"),
    "an argument too many": (("tiers", "list", "x"), "invalid_request"),
    "a number that is none": (("history", NOBODY, "--limit", "many"), "invalid_request"),
    "a number too small": (("history", NOBODY, "--limit", "0"), "invalid_request"),
    "no id": (("history", "x"), "invalid_request"),
    "no time": (("sla", "breaches", "--as-of", "tomorrow"), "invalid_request"),
    "a time before all times": (("sla", "breaches", "--as-of", "0001-01-01T00+23"), ""),
    "no day": (("tiers", "evaluate", "--as-of", "31.12.2010"), "invalid_request"),
    "no tier": (("tiers", "list", "--tier", "gold"), "invalid_request"),
    "no kind of case": (("sla", "breaches", "--kind", "order"), "invalid_request"),
    "nobody to give a token to": (("token", "issue", "", "--role", "agent"), "invalid_request"),
    "opening for no purpose": (("history", NOBODY, "--open"), "purpose_missing"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_is_one_line_with_its_code(
    at_terminal: Terminal, subtests: pytest.Subtests, language: str
) -> None:
    for name, (words, code) in LINES.items():
        with subtests.test(name):
            said = at_terminal.types(*words, "--lang", language)
            assert (said.code, said.out) == (1, ""), said
            assert f"[{code or 'invalid_request'}]" in said.one_line
            assert said.one_line.isascii() == (language == "en")
    assert not (at_terminal.home.path / "run.json").exists()


def test_home_and_language_stand_before_or_behind_the_command(at_terminal: Terminal) -> None:
    behind = at_terminal.types("history", "x", "--lang=zh")
    before = at_terminal.types("--lang", "zh", "history", "x")
    by_setting = at_terminal.types("history", "x", DOSSIER_LANG="zh")
    assert behind == before == by_setting
    assert sentences("zh")["field"]["uuid_parsing"] in behind.one_line
    for words in (("--home", "/proc/nowhere", "verify"), ("verify", "--home", "/proc/nowhere")):
        assert "the data folder /proc/nowhere" in at_terminal.types(*words).one_line


def test_an_unknown_language_is_told_with_those_there_are(at_terminal: Terminal) -> None:
    said = at_terminal.types("verify", "--lang", "xx")
    assert said.one_line == "dossier: There is no language xx; there are en, zh. [language_unknown]"


def test_an_unknown_language_of_the_environment_is_told_once_and_english_is_spoken(
    at_terminal: Terminal,
) -> None:
    told = "dossier: DOSSIER_LANG: There is no language fr; there are en, zh. [language_unknown]"
    said = at_terminal.types("tiers", "list", DOSSIER_LANG="fr")
    spoken = at_terminal.types("tiers", "list", DOSSIER_LANG="")
    assert (said.code, said.out) == (spoken.code, spoken.out)
    assert said.err.splitlines() == [told, *spoken.err.splitlines()]
    refused = at_terminal.types("history", "x", DOSSIER_LANG="fr").err.splitlines()
    assert refused[0] == told and len(refused) == 2 and refused[1].isascii()
    for language in ("en", "zh"):
        asked = at_terminal.types("history", "x", "--lang", language, DOSSIER_LANG="fr")
        assert asked == at_terminal.types("history", "x", "--lang", language)


@pytest.mark.parametrize("words", [(), ("customers",), ("projections",)])
def test_without_a_command_help_is_shown(at_terminal: Terminal, words: tuple[str, ...]) -> None:
    said = at_terminal.types(*words)
    assert (said.code, said.err) == (0, "")
    assert "Usage:" in said.out
