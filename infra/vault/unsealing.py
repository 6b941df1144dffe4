"""Opening sealed values. Only `infra.gate` imports this: whoever wants a value asks there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag

from domain.refusal import Refused
from infra.vault.opening_key import OpeningKey, Reference
from infra.vault.token import Place, additional_data

Sealed = tuple[Place, bytes, bytes]


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
    for subject, (place, nonce, ciphertext) in sealed:
        key = keys.get((subject, place.category, place.generation))
        if key is None:
            texts.append(None)
            continue
        try:
            plain = key.cipher.decrypt(nonce, ciphertext, additional_data(subject, place))
        except InvalidTag:
            raise Tampered(type=place.type, path=place.path, event=str(place.event_id)) from None
        texts.append(plain.decode())
    return texts
