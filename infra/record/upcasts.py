"""How a stored body of an older shape is read today: (type, schema) to a function on its values.

A function takes the decoded JSON of one shape and returns that of the next. It never touches a
sealed token: type and field path inside a token are those it was sealed under.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTS: dict[tuple[str, int], Upcast] = {}
