"""Requests that are refused: one line with the code, exit code 1, nothing recorded."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.cli.terminal import Said, Terminal

INQUIRY = {"channel": "email", "market": "GB", "text": "Where is my parcel?"}
REGISTER = {"collection_source": "customer_submitted"}
BROKEN = {
    "no JSON": ("{", "malformed_request"),
    "no object": ("[]", "malformed_request"),
    "no text": ("\udcff", "malformed_request"),
    "a name twice": ('{"a": 1, "a": 2}', "malformed_request"),
    "a field there is not": (json.dumps({**REGISTER, "vip": True}), "invalid_request"),
    "a wrong type": (json.dumps({**REGISTER, "market": 44}), "invalid_request"),
    "a word off the list": (json.dumps({"collection_source": "hearsay"}), "invalid_request"),
    "nothing that has to be there": ("{}", "invalid_request"),
}


def refused(said: Said, code: str) -> None:
    assert (said.code, said.out) == (1, ""), said
    assert said.one_line.endswith(f"[{code}]")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_command_that_cannot_be_read(
    at_terminal: Terminal, subtests: pytest.Subtests, language: str
) -> None:
    at_terminal.customer()
    before = at_terminal.recorded()
    for name, (body, code) in BROKEN.items():
        with subtests.test(name):
            refused(at_terminal.types("send", "RegisterCustomer", body, "--lang", language), code)
    with subtests.test("an unknown command"):
        said = at_terminal.types("send", "OpenPodBayDoors", "{}", "--lang", language)
        refused(said, "unknown_command")
    with subtests.test("a key that is none"):
        words = ("send", "RegisterCustomer", json.dumps(REGISTER), "--key", "a b")
        refused(at_terminal.types(*words, "--lang", language), "idempotency_key_invalid")
    assert at_terminal.recorded() == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_command_that_the_record_stands_against(
    at_terminal: Terminal, subtests: pytest.Subtests, language: str
) -> None:
    known, gone = at_terminal.customer(name="Ann"), at_terminal.customer(name="Bob")
    at_terminal.erases(gone)
    at_terminal.sends("RegisterCustomer", REGISTER, "--key", "k1")
    before = at_terminal.recorded()
    asks = {
        "customer_erased": ({**INQUIRY, "customer_id": str(gone)}, ()),
        "not_found": ({**INQUIRY, "customer_id": str(uuid4())}, ()),
        "future_fact": ({**INQUIRY, "customer_id": str(known), "at": "2999-01-01T00:00:00Z"}, ()),
        "command_reused": ({**INQUIRY, "customer_id": str(known)}, ("--key", "k1")),
    }
    for code, (body, options) in asks.items():
        with subtests.test(code):
            words = ("send", "ReceiveInquiry", json.dumps(body), *options, "--lang", language)
            refused(at_terminal.types(*words), code)
    with subtests.test("conflict"):
        erase = json.dumps({"customer_id": str(known)})
        said = at_terminal.types(
            "send", "EraseCustomer", erase, "--expect", "7", "--lang", language
        )
        refused(said, "conflict")
    assert at_terminal.recorded() == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_without_an_answer(
    at_terminal: Terminal, subtests: pytest.Subtests, language: str
) -> None:
    nobody = str(uuid4())
    with subtests.test("nothing arranged for reading yet"):
        said = at_terminal.types("customers", "show", nobody, "--lang", language)
        refused(said, "read_models_missing")
    assert at_terminal.types("projections", "run").code == 0
    for words, code in (
        (("customers", "show", nobody), "not_found"),
        (("history", nobody), "not_found"),
        (("verify", "--customer", nobody), "not_found"),
        (("projections", "rebuild", "rumours"), "projection_unknown"),
        (("tiers", "evaluate", "--as-of", "2010-12-31", "--scheme", "x"), "tier_scheme_unknown"),
        (("tiers", "evaluate", "--as-of", "2999-12-31"), "future_fact"),
        (("token", "issue", "ann", "--role", "captain"), "role_unknown"),
    ):
        with subtests.test(" ".join(words)):
            refused(at_terminal.types(*words, "--lang", language), code)
    assert at_terminal.recorded() == 0
