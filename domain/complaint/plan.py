"""A remedy plan on its way: drafted, reviewed, approved if major, accepted, carried out."""

from __future__ import annotations

from domain.complaint import refusals
from domain.event import Frozen
from domain.terms import Severity

REVIEWER, APPROVER = "department_head", "management"


class Plan(Frozen):
    """`reviewed` and `accepted`: None as long as nobody said."""

    number: int
    drafted_by: str
    reviewed: bool | None = None
    approved: bool = False
    accepted: bool | None = None
    applied: bool = False

    def must_be_reviewable(self, reviewer: str, role: str) -> None:
        """OS-3.4-4b: by the department head, who is not the one who drafted it."""
        if role != REVIEWER:
            raise refusals.NeedsDepartmentHead(role=role)
        self._must_be_of_somebody_else(reviewer)
        if self.reviewed is not None:
            raise refusals.PlanAlreadySettled(plan=self.number)

    def must_be_approvable(self, approver: str, role: str) -> None:
        """OS-3.4-4c, after the review."""
        if role != APPROVER:
            raise refusals.NeedsManagement(role=role)
        self._must_be_of_somebody_else(approver)
        if not self.reviewed:
            raise refusals.ReviewMissing(plan=self.number)
        if self.approved:
            raise refusals.PlanAlreadySettled(plan=self.number)

    def must_be_ready_for_customer(self, severity: Severity | None) -> None:
        """OS-3.4-4d: the customer is shown what has been fixed."""
        if not self.reviewed:
            raise refusals.ReviewMissing(plan=self.number)
        if severity is Severity.MAJOR and not self.approved:
            raise refusals.ApprovalMissing(plan=self.number)
        if self.accepted is not None:
            raise refusals.PlanAlreadySettled(plan=self.number)

    def must_be_applicable(self, severity: Severity | None) -> None:
        """Checks the approval again: the complaint may have been found major since."""
        if not self.reviewed:
            raise refusals.ReviewMissing(plan=self.number)
        if severity is Severity.MAJOR and not self.approved:
            raise refusals.ApprovalMissing(plan=self.number)
        if not self.accepted:
            raise refusals.CustomerHasNotAccepted(plan=self.number)

    def _must_be_of_somebody_else(self, somebody: str) -> None:
        if somebody == self.drafted_by:
            raise refusals.OwnPlan(plan=self.number, drafted_by=self.drafted_by)
