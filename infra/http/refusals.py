"""What the HTTP door refuses before anybody looks at what was asked."""

from __future__ import annotations

from domain.refusal import Refused


class TooManyRequests(Refused):
    """More requests than this token or this address may send. Parameters: limit, retry_after
    (seconds)."""


class TooManyCustomers(Refused):
    """More different customers were looked at of late than anybody needs for their work.
    Parameters: limit, retry_after (seconds)."""

    clause = "CB-14.1b"


class BodyTooIntricate(Refused):
    """Nested too deep, or with too many names and values. Parameters: what, limit."""


class BodyTooSlow(Refused):
    """The body did not come through in time. Parameters: limit (seconds)."""
