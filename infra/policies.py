"""Reads the rules that ship with the product: deadline packs, service calendars, tier schemes,
access to personal data.

Read once, when the product starts; nothing is decided by looking into a file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from domain.calendar.reading import read_calendar
from domain.policy.access import AccessPolicy, read_access
from domain.policy.cadence import read_cadences
from domain.policy.reading import read_pack
from domain.policy.rulebook import Rulebook
from domain.policy.tier import read_schemes
from domain.privacy.retention import read_retention

PACKS = ("cross_border_crm", "overseas_service", "privacy_rights", "staff_access")
"""Of overseas_service only what cross_border_crm has no number for: the steps of a complaint."""
DORMANT = ("cross_border_further", "ecommerce", "overseas_further")
"""Published like these, and yet starting nothing until somebody turns them on."""
POLICIES = (*PACKS, *DORMANT, "tier")
"""Published when a record begins."""
DRAFTS = ("collection",)
"""Put on record as a draft: not in force before people publish it."""
CALENDARS = ("cn", "de", "gb", "hk", "il", "jp", "us", "us-statutory")


@cache
def shipped_rulebook() -> Rulebook:
    """The first publication: from ever in force, and not yet approved by a person."""
    packs = [_document("policy", pack) for pack in (*PACKS, *DORMANT)]
    return Rulebook(
        rules=[rule for document in packs for rule in read_pack(document)],
        cadences=[rule for document in packs for rule in read_cadences(document)],
        calendars=dict(read_calendar(_document("calendar", name)) for name in CALENDARS),
        tiers=read_schemes(_document("policy", "tier")),
        retention=read_retention(_document("policy", "retention")),
    )


@cache
def shipped_access_policy() -> AccessPolicy:
    """Who may open what: from ever in force, and not yet approved by a person."""
    return read_access(_document("policy", "access"))


def policy_document(policy: str) -> dict[str, Any]:
    """The parsed file of a policy that ships."""
    return _document("policy", policy)


def _document(folder: str, name: str) -> dict[str, Any]:
    return tomllib.loads(files(f"domain.{folder}").joinpath(f"{name}.toml").read_text("utf-8"))
