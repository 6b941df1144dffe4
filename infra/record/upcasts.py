"""How a stored body of an older shape is read today: (type, schema) to a function on its values.

A function takes the decoded JSON of one shape and returns that of the next. It never touches a
sealed token: type and field path inside a token are those it was sealed under.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def _keys_in_fields(body: dict[str, Any]) -> dict[str, Any]:
    """`category/generation/commitment` was one text per key."""
    parts = [key.split("/") for key in body["keys"]]
    named = [{"category": c, "generation": int(g), "commitment": held} for c, g, held in parts]
    return {**body, "keys": named}


def _categories_told(body: dict[str, Any]) -> dict[str, Any]:
    """A consent named no categories then. It never meant sensitive data, which are asked for
    separately."""
    return {**body, "categories": ["identity", "contact", "content"], "recipients": []}


def _no_recipients(body: dict[str, Any]) -> dict[str, Any]:
    """A consent named no recipients then."""
    return {**body, "recipients": []}


def _all_read(body: dict[str, Any]) -> dict[str, Any]:
    """What could not be looked into was not counted then."""
    return {**body, "unread": 0}


def _said_less(body: dict[str, Any]) -> dict[str, Any]:
    """Timers had no plan and told no time counted; both may be absent today, too."""
    return body


UPCASTS: dict[tuple[str, int], Upcast] = {
    ("PersonalDataErased", 1): _keys_in_fields,
    ("ConsentGranted", 1): _categories_told,
    ("ConsentWithdrawn", 1): _no_recipients,
    ("ResidueScanned", 1): _all_read,
    ("SlaTimersStarted", 1): _said_less,
    ("SlaTimersPaused", 1): _said_less,
    ("SlaTimersResumed", 1): _said_less,
    ("SlaTimersRetargeted", 1): _said_less,
    ("SlaTimersFulfilled", 1): _said_less,
    ("SlaTimersCancelled", 1): _said_less,
}
