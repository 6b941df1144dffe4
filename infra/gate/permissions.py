"""Who may open which category for which purpose; everything else is denied.

Purposes are terms of the W3C Data Privacy Vocabulary (DPV 2), from a closed list.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.personal import Category

PURPOSES = frozenset(
    {
        "dpv:CustomerCare",
        "dpv:CustomerRelationshipManagement",
        "dpv:CustomerOrderManagement",
        "dpv:CustomerSolvencyMonitoring",
        "dpv:ServiceProvision",
        "dpv:DisputeManagement",
        "dpv:LegalCompliance",
        "dpv:RightsFulfilment",
        "dpv:Marketing",
        "dpv:RecordManagement",
        "dpv:ServiceOptimisation",
    }
)

_SERVICE = frozenset({Category.IDENTITY, Category.CONTACT, Category.CONTENT})
_ALL = frozenset(Category)
_MAY_OPEN: dict[str, frozenset[Category]] = {
    "agent": _SERVICE,
    "sales": _SERVICE,
    "supervisor": _SERVICE,
    "complaint_officer": _ALL,
    "crm_admin": _ALL,
    "department_head": _SERVICE,
    "management": frozenset({Category.IDENTITY}),
    "compliance_officer": _ALL,
    "auditor": frozenset(),
    "analyst": frozenset(),
    "importer": frozenset(),
    "system": frozenset(),
}

ROLES = frozenset(_MAY_OPEN)


def decide(role: str, purpose: str, categories: Iterable[Category]) -> tuple[bool, str]:
    """Permit or deny, and the rule that says so."""
    if purpose not in PURPOSES:
        return False, "purpose-not-listed"
    if role not in _MAY_OPEN:
        return False, "role-unknown"
    if missing := set(categories) - _MAY_OPEN[role]:
        return False, f"category-{min(missing)}-not-for-{role}"
    return True, f"{role}-opens-its-categories"
