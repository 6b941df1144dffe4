"""What the gate asks about consents and agreements, when a purpose needs one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.personal import Category


class Consents(Protocol):
    """What one person has agreed to."""

    def valid_for(
        self, purpose: str, categories: Collection[Category], recipient: str | None, at: datetime
    ) -> UUID | None:
        """The consent that covers all of this at that moment, or None."""


class ConsentBook(Protocol):
    def consents_of(self, subjects: Collection[UUID]) -> Mapping[UUID, Consents]:
        """As they are on record now. Who never agreed to anything may be left out."""

    def agreement_for(
        self, recipient: str, categories: Collection[Category], at: datetime
    ) -> UUID | None:
        """The signed confidentiality agreement that covers all of this at that moment, or None."""


class NoConsents:
    """Where nothing is on record: nobody has agreed to anything."""

    def consents_of(self, subjects: Collection[UUID]) -> Mapping[UUID, Consents]:
        return {}

    def agreement_for(
        self, recipient: str, categories: Collection[Category], at: datetime
    ) -> UUID | None:
        return None
