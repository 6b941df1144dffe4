"""The one way to personal data: `open` asks the policy, writes the trail, then answers.

The row in `trail.access` is committed before any value is released, and if it cannot be, nothing
is: a refusal is recorded as fully as an answer. Who may open what is data (`domain/policy/
access.toml`); `opening.py` is the only module that unseals.
"""

from infra.gate.break_glass import PostgresGlass
from infra.gate.opening import AccessDenied, Gate, WrongPlace
from infra.gate.reader import Reader, SealedValue
from infra.gate.subjects import PostgresSubjects
from infra.gate.trail import MemoryTrail, PostgresTrail, TrailUnavailable

__all__ = [
    "AccessDenied",
    "Gate",
    "MemoryTrail",
    "PostgresGlass",
    "PostgresSubjects",
    "PostgresTrail",
    "Reader",
    "SealedValue",
    "TrailUnavailable",
    "WrongPlace",
]
