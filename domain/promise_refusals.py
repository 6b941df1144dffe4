"""Why something cannot be done with a promise by time."""

from __future__ import annotations

from domain.refusal import Refused


class NoSuchBreach(Refused):
    """Only a noted breach of this case is excused. Parameters: timer."""


class BreachNotExcusedByOneself(Refused):
    """Whoever asks for it is not who approves it."""
