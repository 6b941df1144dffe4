"""The conditions of a list: what was asked for, and where the page before it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def where(filters: Mapping[str, Any], *more: str) -> str:
    """The condition that every filter given holds, and whatever else is said; `true` if nothing.

    A filter is a column and its value. Names come from the query, never from a request.
    """
    equal = (f"{name} = %({name})s" for name, value in filters.items() if value is not None)
    return " AND ".join((*equal, *filter(None, more))) or "true"
