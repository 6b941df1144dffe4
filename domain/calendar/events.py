"""What can happen to a calendar, and to whom it serves."""

from __future__ import annotations

from datetime import date

from domain.calendar.content import CalendarContent
from domain.event import Event
from domain.terms import Channel, Market


class CalendarDrafted(Event):
    """A version as it would be published; takes the place of an earlier draft. `digest` is over
    its content (`CalendarContent.digest`)."""

    calendar: str
    version: int
    content: CalendarContent
    digest: str
    drafted_by: str


class CalendarPublished(Event):
    """The draft of this version, unchanged from here on. `shipped`: came with the product, and was
    not approved by a person."""

    calendar: str
    version: int
    digest: str
    published_by: str
    shipped: bool = False


class CalendarApproved(Event):
    """By another than who drafted or published it."""

    calendar: str
    version: int
    digest: str
    approved_by: str


class ServiceCalendarAssigned(Event):
    """Whose hours serve a market from a day on; None: from ever, as only what ships is.

    `channel`, `team` None: all that have none of their own. `kind` names hours for some rules only
    ("statutory"); None: the service's.
    """

    market: Market
    channel: Channel | None
    team: str | None
    kind: str | None
    calendar: str
    version: int
    from_day: date | None
    assigned_by: str


CalendarEvent = CalendarDrafted | CalendarPublished | CalendarApproved
