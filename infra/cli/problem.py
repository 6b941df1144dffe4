"""What can be wrong with a line typed at the terminal, and what commands that check may find."""

from __future__ import annotations

import re

import typer

from domain.refusal import Refused
from infra.request import FieldProblem, InvalidRequest, UnknownCommand

EXPECTED = (
    (re.compile("integer"), "int_type", ""),
    (re.compile(r"greater than or equal to (\d+)"), "greater_than_equal", "ge"),
    (re.compile(r"less than or equal to (\d+)"), "less_than_equal", "le"),
)
"""What the parser of the command line says about a value, as a code of a field and its limit."""
USAGE = {
    "NoSuchOption": "no_such_option",
    "BadOptionUsage": "value_missing",
    "MissingParameter": "missing",
}


class LanguageUnknown(Refused):
    """Sentences are kept in few languages. Parameters: language, known."""


class ReadModelsMissing(Refused):
    """Nothing has been arranged for reading yet."""


class RecordAltered(Refused):
    """Something is not as it was stored. Parameters: position, column, detail."""


class ChecksFailed(Refused):
    """The doctor found something wrong. Parameters: count."""


class RightsMissing(Refused):
    """The login at a named database lacks rights that only its administrator gives."""


class RoleNotHeld(Refused):
    """Whoever asks has not got this role. Parameters: role."""


def wrong(name: str, expected: str, **limits: str) -> InvalidRequest:
    """An option or argument that is not as it should be; `expected` is a code of a field."""
    return InvalidRequest([FieldProblem(name[:80], expected, limits)])


def usage(problem: typer.TyperException) -> Refused:
    """A line that the parser of the command line did not accept."""
    message = str(getattr(problem, "message", ""))
    if unknown := re.match(r"No such command '(.*?)'", message):
        return UnknownCommand(command=unknown[1][:80])
    if extra := re.match(r"Got unexpected extra argument\S* \((.*)\)", message):
        return wrong(extra[1], "one_too_many")
    if message.startswith("Missing command"):
        return wrong("COMMAND", "missing")
    name = getattr(problem, "option_name", None) or _name(getattr(problem, "param", None))
    if code := USAGE.get(type(problem).__name__):
        return wrong(name, code)
    for pattern, code, limit in EXPECTED:
        if said := pattern.search(message):
            return wrong(name, code, **({limit: said[1]} if limit else {}))
    return wrong(name, "invalid")


def _name(parameter: object) -> str:
    first = str(next(iter(getattr(parameter, "opts", [])), "?"))
    return first if first.startswith("-") else first.upper()
