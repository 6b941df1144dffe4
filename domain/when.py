"""When something happened, handed on unchanged from a decision to the events it returns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

from domain.event import Precision

_SPAN = {Precision.MINUTE: timedelta(minutes=1), Precision.DAY: timedelta(days=1)}


class When(TypedDict):
    at: datetime
    at_precision: NotRequired[Precision]


def surely_before(when: When, moment: datetime) -> bool:
    """Whether it was over before `moment`, however late in its minute or day it happened."""
    precision = when.get("at_precision", Precision.INSTANT)
    if precision is Precision.INSTANT:
        return when["at"] < moment
    return when["at"] + _SPAN[precision] <= moment
