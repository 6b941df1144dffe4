"""The one way to personal data: `open` asks the rules, writes the trail, then answers.

The row in `trail.access` is committed before any value is released, and if it cannot be, nothing
is: a refusal is recorded as fully as an answer. The permissions behind it are simple now.
"""

from infra.gate.opening import (
    AccessDenied,
    Gate,
    MemoryTrail,
    PostgresTrail,
    Reader,
    SealedValue,
    TrailUnavailable,
    WrongPlace,
)

__all__ = [
    "AccessDenied",
    "Gate",
    "MemoryTrail",
    "PostgresTrail",
    "Reader",
    "SealedValue",
    "TrailUnavailable",
    "WrongPlace",
]
