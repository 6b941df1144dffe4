"""Why something about a privacy case is refused."""

from __future__ import annotations

from domain.refusal import Refused


class RequestRunning(Refused):
    """A request of this customer is being worked on; one is finished before the next.
    Parameters: request."""

    clause = "CB-15.2b"
    on_trail = True


class NothingLeftToErase(Refused):
    """All that was asked for is destroyed already; the request on record stands.
    Parameters: request."""

    clause = "CB-15.2b"
    on_trail = True


class PrivacyRequestUnknown(Refused):
    """The customer has no such request, or it is over. Parameters: request."""

    clause = "CB-15.2b"


class ErasureNotRequested(Refused):
    """Nobody's data are erased on one person's word: take a request first. Parameters: customer."""

    clause = "CB-15.2b"
    on_trail = True


class KeptForNow(Refused):
    """A law, an open case or a hold keeps this category for now. Parameters: category, basis."""

    clause = "CB-15.2b"
    on_trail = True


class RequesterNotIdentified(Refused):
    """Nothing is done for somebody who may not be the customer. Parameters: request."""

    clause = "CB-15.2b"
    on_trail = True


class StepOutOfOrder(Refused):
    """The step before has not been recorded. Parameters: request, step."""

    clause = "CB-15.2b"
    on_trail = True


class ExecutionHasBegun(Refused):
    """No request is turned down once its execution has begun. Parameters: request."""

    clause = "CB-15.2b"
    on_trail = True


class UnderLegalHold(Refused):
    """A hold keeps these data from being destroyed. Parameters: hold, category."""

    clause = "CB-15.2b"
    on_trail = True


class DestructionHasBegun(Refused):
    """Too late for a hold: the keys are being destroyed. Parameters: request."""

    clause = "CB-15.2b"
    on_trail = True


class NoSuchHold(Refused):
    """The customer's data are under no such hold. Parameters: hold."""


class OwnHold(Refused):
    """Whoever owns a hold does not release it alone. Parameters: hold."""

    clause = "CB-14.1b"
    on_trail = True


class HoldReviewPast(Refused):
    """A hold is looked at again on a day to come. Parameters: review_on."""


class RetentionBelowFloor(Refused):
    """A class of copies would be kept for less than the least there is.
    Parameters: retention_class, days, floor."""

    clause = "CB-14.2c"


class RetentionClassUnknown(Refused):
    """No floor is set for such copies, so no period can be. Parameters: retention_class."""

    clause = "CB-14.2c"


class CertificateInvalid(Refused):
    """A certificate that this installation did not sign, or not in these words. Parameters: why."""

    clause = "CB-15.2b"


class ResidueFound(Refused):
    """The person's data were still found; no certificate says otherwise. Parameters: hits."""

    clause = "CB-15.2b"
