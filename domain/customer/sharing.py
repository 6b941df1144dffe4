"""Handing a customer's data on: only with their consent and a signed agreement (CB-14.3d).

RR-B-5 asks for the consent alone; with both rules on record the stricter one is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Unpack
from uuid import UUID

from domain.agreement.agreement import Agreements
from domain.customer.customer import Customer
from domain.customer.events import CustomerEvent, DataShared
from domain.personal import Category
from domain.terms import ConsentPurpose, Country
from domain.when import When

_MEMBERS = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
ONE_AREA = frozenset(_MEMBERS.split())
"""Data that stay within the European Economic Area cross no border in the sense of its law."""


def share(
    customer: Customer,
    agreements: Agreements,
    *,
    share: UUID,
    recipient: str,
    categories: Collection[Category],
    purpose: ConsentPurpose,
    digest: str,
    **when: Unpack[When],
) -> list[CustomerEvent]:
    """Refused unless consent and agreement both cover recipient, categories and moment."""
    customer.must_be_known()
    terms = agreements.must_allow(recipient, categories, when["at"])
    abroad = crosses_border(customer, terms.country)
    consent = customer.consents.must_allow(
        purpose, categories, recipient, when["at"], cross_border=abroad
    )
    return [
        DataShared(
            share=share,
            recipient=recipient,
            country=terms.country,
            categories=tuple(sorted(categories)),
            purpose=purpose,
            consent=consent,
            agreement=terms.agreement,
            cross_border=abroad,
            digest=digest,
            **when,
        )
    ]


def crosses_border(customer: Customer, country: Country) -> bool:
    """Whether data would leave the customer's jurisdiction; so it would if that is not known."""
    home = (customer.jurisdiction or customer.country or "")[:2]
    return home != country and not {home, country} <= ONE_AREA
