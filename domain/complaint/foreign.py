"""A complaint handled elsewhere and recorded as it went there.

Guards bind what our own staff do. Another authority forwards without registering, answers without
a plan, and lets an answer be disputed that it never called a solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from domain.complaint.complaint import Complaint
from domain.complaint.events import (
    CloseBasis,
    ComplaintAttributesNoted,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintOutcomeCommunicated,
    ComplaintReferred,
    ComplaintReopened,
    ComplaintResolved,
)
from domain.when import When


def forwarded(to: str, **when: Unpack[When]) -> list[ComplaintEvent]:
    return [ComplaintReferred(to=to, **when)]


def answered(
    complaint: Complaint,
    outcome: str | None,
    *,
    timely: bool | None = None,
    solved: bool,
    satisfaction_asked: bool = False,
    **when: Unpack[When],
) -> list[ComplaintEvent]:
    """`solved`: by this answer the source takes the matter for solved. `outcome` None: the source
    tells of an answer, not which."""
    told = ComplaintOutcomeCommunicated(
        outcome=outcome, timely=timely, satisfaction_asked=satisfaction_asked, **when
    )
    if outcome is not None and solved and not complaint.resolved:
        return [ComplaintResolved(result=outcome, **when), told]
    return [told]


def noted(attributes: Mapping[str, str], **when: Unpack[When]) -> list[ComplaintEvent]:
    """What is new of the source's own notes."""
    return [ComplaintAttributesNoted(attributes=dict(attributes), **when)] if attributes else []


def disputed(reason: str = "disputed", **when: Unpack[When]) -> list[ComplaintEvent]:
    """The customer does not accept the answer."""
    return [ComplaintReopened(reason=reason, **when)]


def closed(complaint: Complaint, **when: Unpack[When]) -> list[ComplaintEvent]:
    if complaint.closed:
        return []
    return [ComplaintClosed(basis=CloseBasis.IMPORTED, **when)]
