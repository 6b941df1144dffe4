"""Personal data shown at a terminal: opened through the gate, for a purpose, on record first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infra.cli.opened import administrator
from infra.cli.problem import RoleNotHeld
from infra.dispatch import PurposeNotListed
from infra.gate import AccessDenied, Reader, SealedValue
from infra.gate.permissions import PURPOSES, ROLES
from infra.identity.tokens import RoleUnknown
from infra.product import Product, new_id, now
from infra.request import PurposeMissing

ERASED = "<erased>"
SEALED = "<sealed>"


def must_name_purpose(opens: bool, purpose: str | None) -> None:
    """Raises PurposeMissing; before anything is started for a question nobody will answer."""
    if opens and purpose is None:
        raise PurposeMissing


def opened_texts(
    running: Product, customer: UUID, tokens: Sequence[str], purpose: str, role: str | None
) -> list[str]:
    """The texts of these tokens, ERASED where the person has been erased.

    Who reads comes from the data folder's token, `role` is one it holds (default: the first
    that opens anything for this purpose).
    The access is on record before this answers, and also where it is refused. Raises RoleUnknown,
    RoleNotHeld, PurposeNotListed, AccessDenied, TrailUnavailable.
    """
    who = administrator(running)
    if role is not None and role not in ROLES:
        raise RoleUnknown(role=role)
    if role is not None and role not in who.roles:
        raise RoleNotHeld(role=role)
    fits = running.gate.policy.role_for(who.roles, purpose, now().date())
    reader = Reader(who.actor, role or fits, new_id())
    if not tokens and purpose not in PURPOSES:
        raise PurposeNotListed(purpose=purpose)
    values = [SealedValue(token, customer) for token in tokens]
    try:
        texts = running.gate.open(values, reader, purpose)
    except AccessDenied as denied:
        if purpose not in PURPOSES:
            raise PurposeNotListed(purpose=purpose) from denied
        raise
    return [ERASED if text is None else text for text in texts]
