"""What a later file tells otherwise of a complaint on record."""

from __future__ import annotations

from collections.abc import Sequence

from domain.complaint.events import ComplaintEvent, ComplaintReceived
from infra.imports.problem import RowProblem

RECEIVED_AS = {
    "date_received": "at",
    "submitted_via": "channel",
    "product": "product",
    "sub_product": "sub_product",
    "issue": "issue",
    "sub_issue": "sub_issue",
    "company": "respondent",
    "tags": "vulnerability",
    "state": "region",
}
"""Columns of the row that make up what was received."""


def news(recorded: Sequence[ComplaintEvent], events: list[ComplaintEvent]) -> list[ComplaintEvent]:
    """Nothing if it is what the record says last of this kind."""
    (event,) = events
    last = next((one for one in reversed(recorded) if type(one) is type(event)), None)
    return [] if last == event else events


def must_agree(held: ComplaintReceived, received: ComplaintReceived) -> None:
    """The standing of the customer may have changed since, and sealed words cannot be compared."""
    for column, name in RECEIVED_AS.items():
        before, now = getattr(held, name), getattr(received, name)
        if before != now:
            raise RowProblem(
                "complaint_already_recorded", f"{column} is {now}, on record is {before}"
            )
    if (held.text is None) != (received.text is None):
        which = "there is none" if held.text is None else "there is one"
        raise RowProblem(
            "complaint_already_recorded", f"consumer_complaint_narrative: {which} on record"
        )
