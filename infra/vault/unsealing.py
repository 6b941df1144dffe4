"""Opening sealed values. Only `infra.gate` imports this: whoever wants a value asks there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag

from domain.personal import Category
from domain.refusal import Refused
from infra.vault.opening_key import OpeningKey, Reference
from infra.vault.token import Sealed


class Tampered(Refused):
    """A token does not open under its own key: it was changed, or moved to another place.
    Parameters: type, path, event."""


def unseal(
    sealed: Sequence[tuple[UUID, Sealed]], keys: Mapping[Reference, OpeningKey]
) -> list[str | None]:
    """The texts of these values of these subjects, in order; None where the key is gone.

    Raises Tampered.
    """
    texts: list[str | None] = []
    person: UUID | None = None
    owner = b""
    held: dict[tuple[Category, int], OpeningKey | None] = {}
    for subject, (field, event, prefix, nonce, ciphertext) in sealed:
        if subject is not person:
            person, owner, held = subject, subject.bytes, {}
        slot = field.slot
        if slot not in held:
            held[slot] = keys.get((subject, *slot))
        key = held[slot]
        if key is None:
            texts.append(None)
            continue
        try:
            plain = key.cipher.decrypt(nonce, ciphertext, owner + prefix)
        except InvalidTag:
            raise Tampered(type=field.type, path=field.path, event=str(UUID(bytes=event))) from None
        texts.append(plain.decode())
    return texts
