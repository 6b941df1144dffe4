"""Why something cannot be done with a ticket."""

from __future__ import annotations

from domain.refusal import Refused


class TicketIsClosed(Refused):
    """A closed ticket takes nothing more; a new inquiry is a new ticket."""


class TicketIsResolved(Refused):
    """A resolved ticket is reopened before anything further is answered or done."""


class TicketNotResolved(Refused):
    """Only what has been resolved is followed up, reopened or closed."""


class TicketMergedIntoItself(Refused):
    """Two tickets are merged, not one."""


class TicketOfAnotherCustomer(Refused):
    """What one customer asked is not answered in the ticket of another. Parameters: ticket."""

    clause = "CB-4a"


class AlreadyResponded(Refused):
    """There is one first response; what follows is an ordinary message."""

    clause = "CB-10.1a"


class FirstResponseNeedsPerson(Refused):
    """An automatic text is no answer by a customer service specialist. Parameters: staff."""

    clause = "CB-10.1a"


class NobodyNamed(Refused):
    """An assignment names a person or a group."""


class ResponsibleNotNamed(Refused):
    """A referral names the department and the person there who answers for it."""

    clause = "OS-3.2-2d"


class SatisfactionOutOfScale(Refused):
    """Satisfaction goes from 1 to 5. Parameters: satisfaction."""

    clause = "OS-3.2-4b"


class TicketAlreadyRecorded(Refused):
    """The outside system's number is on record for another customer.

    Parameters: source, number."""
