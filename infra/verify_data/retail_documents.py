"""The retail file's documents as our projections have them, and what the file alone tells."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from infra.imports.countries import COUNTRIES
from infra.imports.known import outside_names
from infra.imports.reading import Row, Table
from infra.imports.retail import COLUMNS, SOURCE, ZONE
from infra.imports.run import Report
from infra.product import Product

NOUGHT = Decimal(0)


class Spoken(NamedTuple):
    """What the record does not say in clear: whom the ids of the file stand for (it holds them as
    keyed hashes), countries without a code, by the number of the document, and rows left out as no
    order."""

    ids: Mapping[str, UUID]
    nameless: Mapping[str, str]
    left_out: Sequence[Mapping[str, str]]


class Document(NamedTuple):
    """A row of `read.orders`, with the day it has in London. `bought`: it has purchase lines.

    `country` is the shop's name for it. Names without a code of their own are not on record: the
    file tells those by the number of the document."""

    customer: UUID
    guest: bool
    number: str
    what: str
    day: date
    country: str
    amount: Decimal
    lines: int
    bought: bool


def documents_of(product: Product, spoken: Spoken) -> Iterator[Document]:
    names = {code: name for name, code in COUNTRIES.items() if code is not None}
    with product.record.connection() as connection:
        rows = connection.execute(
            "SELECT o.customer, c.kind = 'guest', o.number, o.what, o.at, o.country, o.amount,"
            " o.lines, o.purchase_lines > 0 FROM read.orders o"
            " JOIN read.customers c USING (customer) WHERE o.source = %s",
            (SOURCE,),
        )
        for customer, guest, number, what, at, code, *rest in rows:
            country = names[code] if code else spoken.nameless.get(number, "")
            yield Document(customer, guest, number, what, _day(at), country, *rest)


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def spoken_of(product: Product, file: Path, left_out: Collection[int]) -> Spoken:
    ids: set[str] = set()
    nameless: dict[str, str] = {}
    apart: list[Mapping[str, str]] = []
    with closing(Table(file, COLUMNS)) as table:
        pick = itemgetter(
            *(table.header.index(n) for n in ("invoice_no", "customer_id", "country"))
        )
        for row in table.rows():
            if isinstance(row, Row):
                number, customer, country = pick(row.fields)
                ids.add(customer)
                if COUNTRIES.get(country) is None:
                    nameless[number] = country
                if row.line in left_out:
                    apart.append(dict(zip(table.header, row.fields, strict=True)))
    hashes = {product.dispatcher.view.outside_name(SOURCE, name): name for name in ids if name}
    found = outside_names(product.record, SOURCE, hashes)
    return Spoken({hashes[h]: subject for h, subject in found.items() if subject}, nameless, apart)


def lines_left_out(report: Report) -> frozenset[int]:
    """The list of them names lines only, for it outlives the people they are about."""
    if report.left_out_file is None:
        return frozenset()
    with report.left_out_file.open(encoding="utf-8", newline="") as file:
        return frozenset(int(row["line"]) for row in csv.DictReader(file))


def money(
    sales: Sequence[Document], cancels: Sequence[Document], window: str
) -> dict[str, Decimal]:
    gross = sum((d.amount for d in sales), NOUGHT)
    cancelled = sum((d.amount for d in cancels), NOUGHT)
    return {
        f"gross_{window}gbp": gross,
        f"cancelled_{window}gbp": cancelled,
        f"net_{window}gbp": gross - cancelled,
    }
