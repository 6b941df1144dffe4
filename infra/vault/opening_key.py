"""A key as it is handed out for opening, and how keys are named."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.personal import Category

Pair = tuple[UUID, Category]
Reference = tuple[UUID, Category, int]
"""Subject, category, generation: what names a key in a token."""

State = Literal["active", "restricted"]


class OpeningKey:
    """The secret of one key, and whether every permitted purpose may use it (`active`) or only
    those that stay allowed while processing is restricted (`restricted`)."""

    __slots__ = ("cipher", "secret", "state")

    def __init__(self, secret: bytes, state: State) -> None:
        self.secret = secret
        self.state: State = state
        self.cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"<opening key, {self.state}>"
