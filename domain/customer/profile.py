"""A profile: what a customer told us about themselves, field by field, each with its origin."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from domain.event import Frozen
from domain.personal import Contact, Content, Identity, Sensitive
from domain.terms import Country, Language


class ProfileField(StrEnum):
    """Every field that can be completed or corrected. The last two are not sealed."""

    NAME = "name"
    COMPANY = "company"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTHDAY = "birthday"
    NOTE = "note"
    COUNTRY = "country"
    LANGUAGE = "language"


class Profile(Frozen):
    """The sealed fields of CB-7.1a, none of them required. None says nothing about a field."""

    name: Identity | None = None
    company: Identity | None = None
    email: Contact | None = None
    phone: Contact | None = None
    address: Contact | None = None
    birthday: Sensitive | None = None
    note: Content | None = None


class CorrectionReason(StrEnum):
    """Why a field changes. Sentences belong into the profile's note, which is sealed."""

    CUSTOMER_REPORTED = "customer_reported"
    DATA_CHECK = "data_check"
    ENTRY_ERROR = "entry_error"
    SOURCE_CHANGED = "source_changed"
    NO_LONGER_NEEDED = "no_longer_needed"


def fields_given(
    profile: Profile, country: Country | None, language: Language | None
) -> tuple[ProfileField, ...]:
    """Which fields carry a value, in the order of ProfileField."""
    return tuple(field for field, value in _values(profile, country, language) if value is not None)


def _values(
    profile: Profile, country: Country | None, language: Language | None
) -> Iterator[tuple[ProfileField, Any]]:
    clear = {ProfileField.COUNTRY: country, ProfileField.LANGUAGE: language}
    for field in ProfileField:
        yield field, clear[field] if field in clear else getattr(profile, field)
