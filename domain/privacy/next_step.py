"""What comes next in a privacy request, from what is recorded: a truth table, read top down.

Whoever carries requests out asks this after every step and after every interruption, so a process
that was killed goes on where the record stands.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from domain.personal import Category
from domain.privacy.case import PrivacyCase, Request
from domain.privacy.events import Disposition


class Step(StrEnum):
    """The steps that need no person. `backups` waits for a key-encryption key's end."""

    EVALUATE = "evaluate"
    RESTRICT = "restrict"
    BEGIN = "begin"
    EXECUTE = "execute"
    PURGE = "purge"
    TELL = "tell"
    SCAN = "scan"
    CERTIFY = "certify"
    BACKUPS = "backups"


def next_step(case: PrivacyCase, request: Request, today: date) -> Step | None:
    """None: nothing to do, or a person's turn (identify, answer), or nothing before a later day."""
    if request.refused or request.identified_by is None:
        return None
    if not request.did("evaluated") or _due_again(case, request, today):
        return Step.EVALUATE
    if not request.did("restricted"):
        return Step.RESTRICT
    destroying = set(request.ruled(Disposition.DESTROY))
    if not request.did("executed"):
        if destroying - set(request.begun):
            return Step.EVALUATE if _held(case, destroying) else Step.BEGIN
        return Step.EXECUTE
    if not destroying:
        return None
    for step in (Step.PURGE, Step.TELL, Step.SCAN, Step.CERTIFY, Step.BACKUPS):
        if not request.did(_PAST[step]):
            return step
    return None


_PAST = {
    Step.PURGE: "purged",
    Step.TELL: "told",
    Step.SCAN: "scanned",
    Step.CERTIFY: "certified",
    Step.BACKUPS: "backups",
}


def _due_again(case: PrivacyCase, request: Request, today: date) -> bool:
    """Whether what kept a category may be over: its day has come, its hold was released, or it had
    no day and only looking again will tell."""
    if not request.did("executed"):
        return False
    return any(
        ruling.until <= today if ruling.until is not None and _stands(case, ruling.basis) else True
        for ruling in request.deferred
    )


def _stands(case: PrivacyCase, basis: str) -> bool:
    return not basis.startswith("hold:") or any(f"hold:{hold}" == basis for hold in case.holds)


def _held(case: PrivacyCase, categories: set[Category]) -> bool:
    return any(categories & hold.categories for hold in case.holds.values())
