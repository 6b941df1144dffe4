"""A request as it arrives: a name and bytes, turned into a command or refused field by field.

Used by every door, so that all of them answer alike. What was sent is never repeated in an answer
or a log, only where it stood and what was expected there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from commands.catalogue import HANDLERS
from commands.command import Command
from domain.refusal import Refused
from infra.dispatch import command_id_of

COMMANDS: Mapping[str, type[Command]] = {command.__name__: command for command in HANDLERS}

# What pydantic says about its expectations; everything else it says may quote what was sent.
_TELLABLE = frozenset(
    {"expected", "gt", "ge", "lt", "le", "max_length", "min_length", "max_digits"}
    | {"decimal_places", "pattern"}
)


class FieldProblem(NamedTuple):
    """One field that is not as it should be. `pointer` is an RFC 6901 JSON pointer."""

    pointer: str
    code: str
    parameters: Mapping[str, Any]


class UnknownCommand(Refused):
    """There is no command of this name. Parameters: command."""


class MalformedRequest(Refused):
    """The body is not one JSON object in UTF-8."""


class InvalidRequest(Refused):
    """Fields are missing, of the wrong type or not known."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__()
        self.problems = problems


class IdempotencyKeyMissing(Refused):
    """A command comes under a key of its own."""


class IdempotencyKeyInvalid(Refused):
    """A key has 1 to 255 visible ASCII characters."""


class ExpectationInvalid(Refused):
    """If-Match takes one version in quotes."""


class ParameterUnknown(Refused):
    """There is no such query parameter. Parameters: parameter."""


class ParameterRepeated(Refused):
    """A query parameter is given once. Parameters: parameter."""


class CursorInvalid(Refused):
    """A cursor is one that was given out before."""


class PurposeMissing(Refused):
    """Whoever opens personal data says what for."""

    clause = "CB-14.1b"


class ProjectionUnknown(Refused):
    """There is no projection of this name. Parameters: name."""


class ProjectionBehind(Refused):
    """What was asked for is recorded and not shown yet. Parameters: position, at."""


def command_type(name: str) -> type[Command]:
    """Raises UnknownCommand."""
    if name not in COMMANDS:
        raise UnknownCommand(command=_shown(name))
    return COMMANDS[name]


def read_command(
    command: type[Command], body: bytes, given: Mapping[str, str] | None = None
) -> Command:
    """A command from a JSON object and what is `given` besides, say by the address.

    Raises MalformedRequest, InvalidRequest.
    """
    fields = read_object(body)
    try:
        return command.model_validate({**fields, **(given or {})})
    except ValidationError as error:
        raise InvalidRequest(list(field_problems(error))) from None


def read_object(body: bytes) -> dict[str, Any]:
    """One JSON object (RFC 8259), its names unique, its numbers exact. Raises MalformedRequest."""
    try:
        value = json.loads(
            body.decode(),
            parse_float=Decimal,
            parse_constant=_refused,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError, ArithmeticError):
        raise MalformedRequest from None
    if not isinstance(value, dict):
        raise MalformedRequest
    return value


def field_problems(error: ValidationError) -> Iterable[FieldProblem]:
    for found in error.errors(include_url=False, include_input=False):
        told = {k: v for k, v in found.get("ctx", {}).items() if k in _TELLABLE}
        yield FieldProblem(pointer(found["loc"]), found["type"], told)


def pointer(parts: Iterable[str | int]) -> str:
    return "".join("/" + _shown(str(p)).replace("~", "~0").replace("/", "~1") for p in parts)


def command_id(actor: str, key: str | None) -> UUID:
    """Raises IdempotencyKeyMissing, IdempotencyKeyInvalid."""
    if key is None:
        raise IdempotencyKeyMissing
    if not (0 < len(key) <= 255 and all("!" <= c <= "~" for c in key)):
        raise IdempotencyKeyInvalid
    return command_id_of(actor, key)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refused(constant: str) -> Any:
    raise ValueError


def _shown(name: str) -> str:
    """A name somebody made up, short enough and without what cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in name[:80])
