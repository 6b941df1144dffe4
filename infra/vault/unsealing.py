"""Opening sealed values. Only `infra.gate` imports this: whoever wants a value asks there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.keyring import Reference
from infra.vault.token import Place, additional_data

Sealed = tuple[Place, bytes, bytes]


class Tampered(Exception):
    """A token does not open under its own key: it was changed, or moved to another place."""


def unseal(
    sealed: Sequence[tuple[UUID, Sealed]], secrets: Mapping[Reference, bytes]
) -> list[str | None]:
    """The texts of these values of these subjects, in order; None where the key is gone.

    Raises Tampered.
    """
    ciphers = {reference: AESGCM(secret) for reference, secret in secrets.items()}
    texts: list[str | None] = []
    for subject, (place, nonce, ciphertext) in sealed:
        cipher = ciphers.get((subject, place.category, place.generation))
        if cipher is None:
            texts.append(None)
            continue
        try:
            plain = cipher.decrypt(nonce, ciphertext, additional_data(subject, place))
        except InvalidTag:
            raise Tampered(f"{place.type}.{place.path} in event {place.event_id}") from None
        texts.append(plain.decode())
    return texts
