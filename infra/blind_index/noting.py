"""What an event of a customer leaves in the blind index, decided while its values are still open.

It is written in the transaction that records the event, so the index is never behind the record;
`rebuilding.py` makes the same rows from what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import structlog

from domain.customer.events import (
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerRegistered,
    PersonalDataErased,
)
from domain.customer.profile import ProfileField
from domain.event import Event
from domain.personal import Category, Personal
from infra.blind_index import spelling
from infra.blind_index.keys import BlindIndexUnavailable, BlindKey, BlindKeys
from infra.record.batch import Findable
from infra.record.registry import registry

log = structlog.get_logger()
KINDS: Mapping[ProfileField, tuple[str, ...]] = {
    ProfileField.NAME: ("name", "skeleton", "name grams"),
    ProfileField.COMPANY: ("company", "company grams"),
    ProfileField.EMAIL: ("email",),
    ProfileField.PHONE: ("phone",),
}
"""What is kept of which field."""
OF_CATEGORY: Mapping[Category, tuple[ProfileField, ...]] = {
    Category.IDENTITY: (ProfileField.NAME, ProfileField.COMPANY),
    Category.CONTACT: (ProfileField.EMAIL, ProfileField.PHONE),
}
MENTION = ("mentioned email", "mentioned phone")
"""Not kept: compared with what is, once, when a text comes in."""


class BlindIndex:
    def __init__(self, keys: BlindKeys) -> None:
        self.keys = keys

    def of_event(self, event: Event, subject: UUID, market: str | None) -> list[Findable]:
        """Empty for most events, and while the key is missing: then the index is rebuilt later."""
        if isinstance(event, PersonalDataErased):
            gone = [f for category in event.categories for f in OF_CATEGORY.get(category, ())]
            kinds = [kind for field in gone for kind in KINDS[field]]
            if Category.CONTENT in event.categories:
                kinds += MENTION
            return [Findable(subject, kind, "", 0, b"") for kind in kinds]
        fields = open_fields(event)
        texts = list(_open_texts(event))
        if not fields and not texts:
            return []
        try:
            key = self.keys.current()
        except BlindIndexUnavailable as missing:
            log.warning("blind_index.unavailable", subject=str(subject), **missing.parameters)
            return []
        region = getattr(event, "country", None) or market
        noted = [
            row
            for field, text in fields.items()
            for row in rows_of(key, subject, market, field, text, region)
        ]
        return noted + list(_mentions(key, subject, market, region, texts))


def open_fields(event: Event) -> dict[ProfileField, str | None]:
    """The indexed fields an event sets, None for those it empties. Sealed values are left out."""
    match event:
        case CustomerRegistered() | CustomerProfileCompleted():
            removed: set[ProfileField] = set()
        case CustomerProfileUpdated():
            removed = {c.field for c in event.corrections if c.removed}
        case _:
            return {}
    found: dict[ProfileField, str | None] = {field: None for field in KINDS if field in removed}
    for field in KINDS:
        value: Personal | None = getattr(event.profile, field.value)
        if value is not None and value.token is None:
            found[field] = value.text
    return found


def rows_of(
    key: BlindKey,
    subject: UUID,
    market: str | None,
    field: ProfileField,
    text: str | None,
    region: str | None,
) -> Iterator[Findable]:
    """The rows that stand for one field of one person, in place of those there were."""
    for kind in KINDS[field]:
        hashes = b"" if text is None else _hashes(key, kind, market, text, region)
        yield Findable(subject, kind, market or "", key.generation, hashes)


def _hashes(key: BlindKey, kind: str, market: str | None, text: str, region: str | None) -> bytes:
    match kind:
        case "email":
            return key.hash(kind, market, spelling.email(text))
        case "phone":
            return key.hash(kind, market, spelling.phone(text, region))
        case "skeleton":
            return key.hash(kind, market, spelling.skeleton(text))
        case "name" | "company":
            return key.hash(kind, market, spelling.name(text))
        case _:
            return key.grams(kind, market, spelling.trigrams(text))


def _mentions(
    key: BlindKey, subject: UUID, market: str | None, region: str | None, texts: Sequence[str]
) -> Iterator[Findable]:
    emails: set[str] = set()
    phones: set[str] = set()
    for text in texts:
        some_emails, some_phones = spelling.contacts_in(text, region)
        emails |= some_emails
        phones |= some_phones
    for kind, values in zip(("email", "phone"), (emails, phones), strict=True):
        hashes = b"".join(sorted(key.hash(kind, market, value) for value in values))
        if hashes:
            yield Findable(subject, f"mentioned {kind}", market or "", key.generation, hashes)


def _open_texts(event: Event) -> Iterator[str]:
    """Free texts, which may speak of somebody else."""
    found: list[str] = []

    def note(_: str, category: Category, value: Personal) -> Personal:
        if category is Category.CONTENT and value.token is None:
            found.append(value.text)
        return value

    registry().personal(type(event).__name__).change(event, note)
    yield from found
