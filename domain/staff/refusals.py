"""Why something cannot be done with a staff member's access."""

from __future__ import annotations

from domain.refusal import Refused


class SelfApproval(Refused):
    """Whoever asks, or is asked for, does not decide. Parameters: by."""

    clause = "RR-T-3.3c"
    on_trail = True


class StaffHasJoined(Refused):
    """They are with us already. Parameters: staff."""


class StaffHasLeft(Refused):
    """Whoever has left asks for nothing and is given nothing. Parameters: staff."""

    clause = "CB-14.1e"


class NoSuchRequest(Refused):
    """There is no such request, or it has been decided or carried out. Parameters: request."""


class AccessNotApproved(Refused):
    """Access is given only after another person approved it. Parameters: request."""

    clause = "RR-T-3.3c"


class AccessOfAnotherPost(Refused):
    """Access goes with the post: this was asked for another one. Parameters: post, asked_for."""

    clause = "RR-A-3.1"


class NoAccessHeld(Refused):
    """There is nothing to revoke. Parameters: staff."""
