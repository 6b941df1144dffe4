"""Headers that every answer carries, whatever it answers.

Nothing is kept by anybody in between unless an answer says otherwise, nothing is taken for another
type, no page loads, frames or leads anywhere with an address of ours in `Referer`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence, Sequence
from typing import Any, NamedTuple

from infra.http.limits import Left

STRICT = "max-age=31536000; includeSubDomains"
ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
)
Headers = MutableSequence[tuple[bytes, bytes]]


class Hygiene(NamedTuple):
    """`behind_tls`: callers reach the door through TLS alone, so browsers are told to stay there
    (RFC 6797, which forbids saying so otherwise)."""

    behind_tls: bool = False

    def complete(self, headers: Headers, state: Mapping[str, Any]) -> None:
        """Adds what is missing."""
        present = {name.lower() for name, _ in headers}
        wanted = list(ALWAYS)
        if self.behind_tls:
            wanted.append(("strict-transport-security", STRICT))
        if "trace_id" in state:
            wanted.append(("x-trace-id", str(state["trace_id"])))
        wanted += told(state.get("lefts", ()))
        for name, value in wanted:
            if name.encode() not in present:
                headers.append((name.encode(), value.encode()))


def told(lefts: Sequence[Left]) -> list[tuple[str, str]]:
    """What the limits leave (draft-ietf-httpapi-ratelimit-headers-10): each policy, and the one
    that ends first."""
    if not lefts:
        return []
    policies = ", ".join(f'"{x.limit.name}";q={x.limit.quota};w={x.limit.window}' for x in lefts)
    least = min(lefts, key=lambda left: left.remaining)
    now = f'"{least.limit.name}";r={least.remaining};t={least.reset}'
    return [("ratelimit-policy", policies), ("ratelimit", now)]
