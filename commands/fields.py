"""Fields of requests: text with a length, codes with a shape.

Lengths bound what one request can cost; nothing personal is checked for more than being there, for
people have names and addresses no pattern foresees. Personal fields stay out of `repr`.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from domain.customer.profile import Profile
from domain.personal import Category, Personal

T = TypeVar("T", bound=str)


def distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(sorted(set(values)))


Code: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\w.:/#+ -]+$")
]
StaffId: TypeAlias = Code
VersionName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}@[1-9]\d{0,5}$")
]
"""A version of a policy or a calendar, as events name it: id@version."""
IndicatorName: TypeAlias = Annotated[
    str, StringConstraints(max_length=50, pattern=r"^[a-z][a-z0-9_]*$")
]
CountryCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
MarketCode: TypeAlias = CountryCode
JurisdictionCode: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
]
CurrencyCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
LanguageTag: TypeAlias = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
]
Amount: TypeAlias = Annotated[Decimal, Field(max_digits=14, decimal_places=6, allow_inf_nan=False)]
"""14 digits: see `domain/order/order.py` on exact totals."""
Quantity: TypeAlias = Annotated[int, Field(gt=-(10**7), lt=10**7)]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hex."""
Duration: TypeAlias = Annotated[
    str,
    StringConstraints(
        pattern=r"^P([0-9]{1,4}Y([0-9]{1,2}M)?([0-9]{1,5}D)?|[0-9]{1,4}M([0-9]{1,5}D)?|[0-9]{1,5}D)$"
    ),
]
"""ISO 8601, in years, months and days."""
Categories: TypeAlias = Annotated[
    tuple[Category, ...], Field(min_length=1, max_length=len(Category)), AfterValidator(distinct)
]
"""Sorted, each once."""
Recipients: TypeAlias = Annotated[tuple[Code, ...], Field(max_length=100), AfterValidator(distinct)]
"""Codes of organisations, sorted, each once."""

Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500)]


INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Refuses control, format (zero-width, bidi) and unassigned characters by name: two addresses
    that look the same must be the same. Names may hold them: some scripts need joiners."""
    if any(unicodedata.category(character) in INVISIBLE for character in text):
        raise PydanticCustomError("invisible_character", "an invisible or control character")
    return text


Address: TypeAlias = Annotated[Name, AfterValidator(visible)]
"""An e-mail address or a phone number."""
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class ProfileFields(BaseModel):
    """The sealed part of a profile as it arrives, in the open."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name | None = Field(default=None, repr=False)
    company: Name | None = Field(default=None, repr=False)
    email: Address | None = Field(default=None, repr=False)
    phone: Address | None = Field(default=None, repr=False)
    address: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = Field(
        default=None, repr=False
    )
    birthday: date | None = Field(default=None, repr=False)
    note: Annotated[str, StringConstraints(min_length=1, max_length=10_000)] | None = Field(
        default=None, repr=False
    )

    def wrapped(self) -> Profile:
        return Profile(
            name=personal(self.name),
            company=personal(self.company),
            email=personal(self.email),
            phone=personal(self.phone),
            address=personal(self.address),
            birthday=personal(self.birthday.isoformat() if self.birthday else None),
            note=personal(self.note),
        )


def personal(text: str | None) -> Personal | None:
    return None if text is None else Personal(text)
