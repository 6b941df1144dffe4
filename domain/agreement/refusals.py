"""Why data cannot go to a recipient, or an agreement not be recorded."""

from __future__ import annotations

from domain.refusal import Refused


class AgreementMissing(Refused):
    """No confidentiality agreement with this recipient is on record. Parameters: recipient."""

    clause = "CB-14.3d"
    on_trail = True


class AgreementNotSigned(Refused):
    """The agreement with this recipient has not been signed. Parameters: recipient."""

    clause = "CB-14.3d"
    on_trail = True


class AgreementNotInForce(Refused):
    """The agreement with this recipient has not begun, has run out or was ended.
    Parameters: recipient, at."""

    clause = "CB-14.3d"
    on_trail = True


class CategoryNotAgreed(Refused):
    """The agreement with this recipient does not cover this category.
    Parameters: category, recipient."""

    clause = "CB-14.3d"
    on_trail = True


class NoSuchAgreement(Refused):
    """This recipient has no agreement of that id. Parameters: agreement, recipient."""


class AgreementAlreadySigned(Refused):
    """What is signed is not signed again. Parameters: agreement."""


class AgreementIsOver(Refused):
    """The agreement was ended and takes nothing more. Parameters: agreement."""


class AgreementNumberTaken(Refused):
    """This number is on record with this recipient and says something else. Parameters: number."""


class AgreementEndsBeforeItBegins(Refused):
    """An agreement has to last. Parameters: valid_from, valid_to."""


class OtherDocumentSigned(Refused):
    """The document signed is not the one that was registered. Parameters: agreement."""

    clause = "CB-14.3d"
