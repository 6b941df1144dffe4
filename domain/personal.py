"""Personal data inside the domain: carried, never looked at.

A value is open when somebody has just given it and a sealed token when it was loaded. Nothing in
the domain can tell them apart by printing or comparing. Whoever needs to read one asks the gate
(`infra/gate`), which records the access first.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, NoReturn, TypeAlias
from uuid import UUID


class Category(StrEnum):
    """Which of a subject's keys seals a value; an erasure can name some and not others."""

    IDENTITY = "identity"
    CONTACT = "contact"
    CONTENT = "content"
    SENSITIVE = "sensitive"


MARKS: Mapping[Category, str] = {
    category: urlsafe_b64encode(b"v1" + bytes([n])).decode() for n, category in enumerate(Category)
}
"""How every sealed token of a category begins, so that it is known without opening one."""


class Personal:
    """One personal value: the open text, or the token it is stored as.

    `recorded_in` is the event that sealed the value (its provenance), known without a key.
    """

    __slots__ = ("_text", "_token", "recorded_in")

    def __init__(self, text: str) -> None:
        self._text: str | None = text
        self._token: str | None = None
        self.recorded_in: UUID | None = None

    @classmethod
    def sealed(cls, token: str, recorded_in: UUID) -> Personal:
        value = cls.__new__(cls)
        value._text = None
        value._token = token
        value.recorded_in = recorded_in
        return value

    @property
    def text(self) -> str:
        """The open text. For the sealer; ValueError if the value is sealed."""
        if self._text is None:
            raise ValueError("a sealed value has no open text; open it through the gate")
        return self._text

    @property
    def token(self) -> str | None:
        """The sealed token, or None while the value is still open."""
        return self._token

    def __repr__(self) -> str:
        return "<pii>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<pii>"

    def __eq__(self, other: object) -> bool:
        """Itself, and nothing else: from Python 3.13 on, events compare field by field."""
        if self is other:
            return True
        raise TypeError("personal values are not compared; open them through the gate")

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("personal values are not pickled")


Identity: TypeAlias = Annotated[Personal, Category.IDENTITY]
Contact: TypeAlias = Annotated[Personal, Category.CONTACT]
Content: TypeAlias = Annotated[Personal, Category.CONTENT]
Sensitive: TypeAlias = Annotated[Personal, Category.SENSITIVE]
