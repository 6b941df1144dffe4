"""The values of a person about to be erased, to be looked for afterwards.

They are opened through the gate before the keys are destroyed, and kept until the stores have been
searched: in memory, and sealed in a file of the keys folder, so that whoever goes on after a
process was killed searches for the same. The file is overwritten and unlinked before anything is
certified. What seals it is the key of queued commands, which ends when an epoch does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from psycopg.rows import dict_row

from infra.gate import Reader, SealedValue
from infra.vault.inbox_keys import InboxKeys
from infra.vault.shredding import shred, sync

if TYPE_CHECKING:
    from infra.product import Product

FIELDS = ("name", "company", "email", "phone", "address")
PURPOSE = "dpv:RightsFulfilment"
SHORTEST = 6
"""Bytes: what is shorter is found by chance in what is sealed (see `infra.scan.needles`)."""


class Values:
    """By request. For one thread."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._keys = InboxKeys(product.home.keys, product.installation)
        self._held: dict[UUID, list[str]] = {}

    def keep(self, customer: UUID, request: UUID, on_behalf_of: str | None) -> None:
        """Durable when it returns. What an earlier attempt kept stands: it was opened while every
        key was there. Raises what the gate raises."""
        if self.of(request) is not None:
            return
        self._held[request] = values_of(self._product, customer, on_behalf_of)
        self._write(request)

    def of(self, request: UUID) -> list[str] | None:
        """None: this installation does not know them."""
        if request not in self._held:
            try:
                payload = self._path(request).read_bytes()
            except FileNotFoundError:
                return None
            with self._keys.held():
                opened = self._keys.open_or_none(payload, _about(request))
            if opened is None:
                return None
            self._held[request] = orjson.loads(opened)
        return self._held[request]

    def forget(self, request: UUID) -> None:
        self._held.pop(request, None)
        path = self._path(request)
        for each in (path, *path.parent.glob(f".{path.name}.*")):  # one cut off while written, too
            if each.exists():
                shred(each)
                sync(path.parent)

    def _write(self, request: UUID) -> None:
        path = self._path(request)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with self._keys.held():
            sealed = self._keys.seal(orjson.dumps(self._held[request]), _about(request))
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        sync(path.parent)

    def _path(self, request: UUID) -> Path:
        return self._product.home.keys / f"search-{request}"


def _about(request: UUID) -> bytes:
    return b"search|" + request.bytes


def values_of(product: Product, customer: UUID, on_behalf_of: str | None) -> list[str]:
    """The open values of the customer's profile, opened through the gate by the product itself.

    None that is shorter than a scan can tell from chance. Raises what the gate raises.
    """
    with product.record.connection() as connection:
        row = (
            connection.cursor(row_factory=dict_row)
            .execute("SELECT * FROM read.customers WHERE customer = %s", (customer,))
            .fetchone()
        )
    sealed = [
        SealedValue(token=row[f"{name}_token"], subject=customer)
        for name in FIELDS
        if row is not None and row[f"{name}_token"] is not None
    ]
    reader = Reader(
        actor="system:erasure", role="system", correlation=customer, on_behalf_of=on_behalf_of
    )
    opened = product.gate.open(sealed, reader, PURPOSE)
    return [text for text in opened if text is not None and len(text.encode()) >= SHORTEST]
