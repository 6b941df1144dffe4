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


class ConsentOvertaken(Refused):
    """The customer has said something later about the same use; an earlier word changes nothing
    now. Parameters: at, latest."""

    clause = "CB-15.2a"


class NoticeNotGiven(Refused):
    """Nobody agrees to what they were not told: no notice of this version and language was given
    to this customer by then. Parameters: version, language."""

    clause = "CB-7.2b"


class NoticeDoesNotCover(Refused):
    """The notice the consent rests on did not name this. Parameters: version, what."""

    clause = "CB-7.2b"


class NoticeInAnotherLanguage(Refused):
    """The notice was not in the customer's language, so they were not told clearly.
    Parameters: language, notice_language."""

    clause = "CB-7.2b"


class SeparateConsentNeeded(Refused):
    """Sensitive data are agreed to separately: a consent covers them alone, or it goes without
    them. Parameters: scope."""

    clause = "OS-3.6-2b"


class ConsentNotExplicit(Refused):
    """What has to be agreed to separately is agreed to explicitly: in writing, by ticking a box, or
    in a recorded call. Parameters: form, scope."""

    clause = "OS-3.6-2b"
    on_trail = True


class RecipientsMissing(Refused):
    """A consent to hand data on names whom to. Parameters: scope."""

    clause = "CB-14.3d"


class RecipientsWithoutSharing(Refused):
    """A consent to something else than handing data on names no recipient. Parameters: scope."""

    clause = "CB-14.3d"


class ConsentMissing(Refused):
    """The customer has not agreed to this use. Parameters: purpose, scope, recipient."""

    clause = "CB-14.3a"
    on_trail = True


class ConsentEnded(Refused):
    """The customer had agreed to this use, and the consent ran out, was withdrawn or replaced.
    Parameters: purpose, scope."""

    clause = "CB-14.3a"
    on_trail = True


class CategoryNotConsented(Refused):
    """The consent to this use does not cover this category. Parameters: category, purpose."""

    clause = "CB-14.3a"
    on_trail = True


class NotMarketing(Refused):
    """What is released under a marketing consent has a marketing purpose. Parameters: purpose."""

    clause = "CB-14.3a"
