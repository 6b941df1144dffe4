"""People registered, and looked for by what they go by."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from commands.fields import ProfileFields
from infra.blind_index.finding import open_reviews
from infra.gate import Reader
from infra.product import Product
from infra.projector import catch_up
from tests.privacy.conftest import ask, registration

CARE = "dpv:CustomerCare"
BOB = Reader("staff:bob", "agent", uuid4())


def person(**profile: str) -> ProfileFields:
    return ProfileFields.model_validate(profile)


def register(product: Product, market: str = "DE", **profile: str) -> UUID:
    return ask(product, registration(market=market, profile=person(**profile))).ids["customer"]


def find(product: Product, kind: str, text: str, reader: Reader = BOB) -> list[UUID]:
    catch_up(product.addresses.database_url)
    return [one.customer for one in product.finder.find(kind, text, reader, CARE)]


def reviews(product: Product) -> set[tuple[str, UUID, UUID]]:
    with product.record.connection() as connection:
        return {(r.reason, r.customer, r.other) for r in open_reviews(connection)}


def rows(product: Product, statement: str) -> list[tuple[Any, ...]]:
    with product.record.connection() as connection:
        return connection.execute(statement).fetchall()
