"""Why something cannot be recorded of a customer. Erasure is in `domain/refusal.py`."""

from __future__ import annotations

from domain.refusal import Refused


class GuestIsUnknown(Refused):
    """A guest is known as the buyer of one invoice only: no profile, no tier, no contact."""


class FieldAlreadyHeld(Refused):
    """What is held is not completed but corrected, so that its origin stays visible.

    Parameters: field."""

    clause = "RR-A-5.2"


class FieldNotHeld(Refused):
    """What is not held cannot be corrected or out of date; complete it. Parameters: field."""


class NothingGiven(Refused):
    """At least one field is needed."""


class FieldGivenTwice(Refused):
    """A field has one new value, or is removed, not both and not twice. Parameters: field."""


class KindAlreadyKnown(Refused):
    """Only an anonymous customer can turn out to be somebody. Parameters: kind."""


class LearnedAfterwards(Refused):
    """A change is learned of before it is entered. Parameters: learned_at, at."""

    clause = "CB-8.1a"


class ConsentNotGiven(Refused):
    """There is no such consent, so it cannot be withdrawn. Parameters: purpose, scope."""

    clause = "CB-15.2a"


class ConsentEndsBeforeItBegins(Refused):
    """A consent has to last beyond the moment it is given. Parameters: at, expires_at."""

    clause = "CB-15.2a"
