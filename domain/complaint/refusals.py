"""Why something cannot be done with a complaint."""

from __future__ import annotations

from domain.refusal import Refused


class ComplaintIsClosed(Refused):
    """A closed complaint takes nothing more."""


class ComplaintIsResolved(Refused):
    """A resolved complaint is reopened before it is worked on further."""


class ComplaintNotResolved(Refused):
    """Only what has been resolved is followed up, reopened or closed."""

    clause = "OS-3.4-5c"


class ComplaintNotRegistered(Refused):
    """What has not been registered is not classified, investigated or resolved."""

    clause = "OS-3.4-1a"


class ComplaintNotClassified(Refused):
    """Whether it is simple or complex decides which way it goes."""

    clause = "CB-13.2a"


class ComplaintAlreadyRegistered(Refused):
    """It is registered once; what is learned later belongs to the investigation."""

    clause = "OS-3.4-1b"


class ComplaintAlreadyRecorded(Refused):
    """The outside system's number is on record for another customer.

    Parameters: source, number."""


class ApologyMissing(Refused):
    """An acknowledgement apologises at the first opportunity."""

    clause = "CB-13.1a"


class AlreadyInvestigated(Refused):
    """The facts of this round are established; reopening begins another."""

    clause = "OS-3.4-3b"


class ExtensionOnlyIfComplex(Refused):
    """More time to investigate is for complex complaints."""

    clause = "OS-3.4-3c"


class CustomerNotTold(Refused):
    """More time only if the customer was told why."""

    clause = "OS-3.4-3c"


class NoLaterTimeAgreed(Refused):
    """The time agreed for the result lies after the extension. Parameters: agreed_due, at."""

    clause = "OS-3.4-3c"


class InvestigationMissing(Refused):
    """A plan rests on the result of the investigation."""

    clause = "OS-3.4-4a"


class PlanIncomplete(Refused):
    """The plan for a complex complaint names who is responsible and a time limit.

    Parameters: missing."""

    clause = "CB-13.2d"


class NoSuchPlan(Refused):
    """There is no plan of this number, or a later one took its place. Parameters: plan."""


class PlanAlreadySettled(Refused):
    """This step of the plan has been taken. Parameters: plan."""


class OwnPlan(Refused):
    """Nobody reviews or approves a plan they drafted. Parameters: plan, drafted_by."""

    clause = "OS-3.4-4b"


class NeedsDepartmentHead(Refused):
    """A plan is reviewed by the department head. Parameters: role."""

    clause = "OS-3.4-4b"


class ReviewMissing(Refused):
    """The plan has not passed the department head's review. Parameters: plan."""

    clause = "OS-3.4-4b"


class NeedsManagement(Refused):
    """Management approves. Parameters: role."""

    clause = "OS-3.4-4c"


class ApprovalMissing(Refused):
    """The plan for a major complaint is approved by management first. Parameters: plan."""

    clause = "OS-3.4-4c"


class CustomerHasNotAccepted(Refused):
    """A plan is carried out only once the customer accepts it. Parameters: plan."""

    clause = "OS-3.4-4d"


class RemedyMissing(Refused):
    """A complex complaint, or one with a plan, is resolved once its remedy has been applied."""

    clause = "OS-3.4-4d"


class CustomerNotSatisfied(Refused):
    """Nobody asked the customer, or they are not satisfied: it goes on, or somebody else lets it
    be closed by exception."""

    clause = "CB-13.3b"


class OwnException(Refused):
    """An exception is approved by somebody else than whoever closes. Parameters: approver."""

    clause = "CB-13.3b"


class NothingToExtend(Refused):
    """No investigation that was promised in working days is running."""

    clause = "OS-3.4-3c"
