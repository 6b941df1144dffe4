"""The roles there are, and which of them nobody holds together.

Whoever keeps keys does not administer; an auditor only looks. That requester and approver are two
people is decided by who they are, not by their roles (`SelfApproval`).
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.refusal import Refused

ROLES = frozenset(
    {
        "agent",
        "sales",
        "supervisor",
        "complaint_officer",
        "crm_admin",
        "department_head",
        "management",
        "compliance_officer",
        "approver",
        "dpo",
        "key_custodian",
        "auditor",
        "analyst",
        "importer",
        "system",
    }
)
STAFF_ROLES = ROLES - {"importer", "system"}
"""What a person may hold."""

APART = (("key_custodian", "crm_admin"),)
ALONE = frozenset({"auditor"})


class RolesExclude(Refused):
    """Nobody holds these two together. Parameters: role, other."""

    clause = "CB-14.1b"


def must_go_together(roles: Iterable[str]) -> None:
    """Raises RolesExclude."""
    held = sorted(set(roles))
    for role, other in APART:
        if role in held and other in held:
            raise RolesExclude(role=role, other=other)
    if alone := ALONE.intersection(held):
        for other in held:
            if other not in alone:
                raise RolesExclude(role=min(alone), other=other)
