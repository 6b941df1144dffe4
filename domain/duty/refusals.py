"""Why something cannot be done with a duty."""

from __future__ import annotations

from domain.refusal import Refused


class DutyPerformedAlready(Refused):
    """It was done as often as it has to be in this period. Parameters: duty."""


class DutyPeriodNotBegun(Refused):
    """The period lies ahead. Parameters: duty, begins (UTC)."""


class DutyOfAnotherRole(Refused):
    """Whoever asks acts in a role whose duty it is not. Parameters: duty, role, owed_by."""

    clause = "CB-14.1b"


class NoSuchDuty(Refused):
    """No rule in force opens such a period. Parameters: policy, rule."""
