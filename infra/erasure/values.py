"""The values of a person about to be erased, to be looked for afterwards. In memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from psycopg.rows import dict_row

from infra.gate import Reader, SealedValue

if TYPE_CHECKING:
    from infra.product import Product

FIELDS = ("name", "company", "email", "phone", "address")
PURPOSE = "dpv:RightsFulfilment"
SHORTEST = 6
"""Bytes: what is shorter is found by chance in what is sealed (see `infra.scan.needles`)."""


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
