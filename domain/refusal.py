"""A refusal: the business says no, by name, and cites the clause it rests on."""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):
    """Something was asked for that the rules do not allow. An answer, not a fault.

    `code` is stable and goes to callers (problem+json, CLI); sentences are in the message
    catalogues under the same code, in English and Chinese. `parameters` holds ids, codes, times
    and numbers, never personal data. `clause` is the clause id of the regulation, if there is one.
    `on_trail`: the attempt itself is kept in the trail, for it reached for somebody's data or for
    a right that is not the asker's.
    """

    code: ClassVar[str] = "refused"
    clause: ClassVar[str | None] = None
    on_trail: ClassVar[bool] = False

    def __init__(self, **parameters: Any) -> None:
        super().__init__(self.code)
        self.parameters = parameters

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = _snake(cls.__name__)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class NotFound(Refused):
    """Nothing was ever recorded under this id. Parameters: kind, id."""


class Conflict(Refused):
    """The record moved on while this was decided. Parameters: stream, expected, actual."""


class CustomerErased(Refused):
    """This person's data were erased; nothing more is recorded about them. Parameters: customer."""

    clause = "CB-15.2b"
    on_trail = True


class FutureFact(Refused):
    """What has not happened yet is not a fact: `at` lies more than 5 minutes ahead of the
    database's clock. Parameters: at."""


class UnstorableText(Refused):
    """The text cannot be stored byte for byte (a lone surrogate). Parameters: field."""


class HeaderTooLong(Refused):
    """The texts beside an event are longer than a header may be. Parameters: size, most (bytes)."""


class CommandReused(Refused):
    """The same Idempotency-Key came with another request. Parameters: command_id."""


class StreamClosed(Refused):
    """The case is closed for good. Parameters: stream, status."""
