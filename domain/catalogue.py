"""Every event the record may hold, by the kind of stream it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from domain.agreement.events import AgreementEvent
from domain.calendar.events import CalendarEvent, ServiceCalendarAssigned
from domain.complaint.events import ComplaintEvent
from domain.customer.events import CustomerEvent
from domain.duty.events import DutyEvent
from domain.event import Event
from domain.keys import KekEpochDestroyed, SubjectKeyCreated
from domain.order.events import OrderEvent
from domain.privacy.events import PrivacyEvent
from domain.publication.events import PublicationEvent
from domain.staff.events import StaffEvent
from domain.ticket.events import TicketEvent
from domain.timer_events import TIMERS

FACTS: Mapping[str, tuple[type[Event], ...]] = {
    "customer": get_args(CustomerEvent),
    "order": get_args(OrderEvent),
    "ticket": get_args(TicketEvent),
    "complaint": get_args(ComplaintEvent),
    "staff": get_args(StaffEvent),
    "agreement": get_args(AgreementEvent),
    "privacy": get_args(PrivacyEvent),
    "policy": get_args(PublicationEvent),
    "calendar": get_args(CalendarEvent),
    "duty": get_args(DutyEvent),
    "service_calendars": (ServiceCalendarAssigned,),
}
KEYS: tuple[type[Event], ...] = (SubjectKeyCreated, KekEpochDestroyed)
EVENTS: tuple[type[Event], ...] = (
    *(event for facts in FACTS.values() for event in facts),
    *TIMERS,
    *KEYS,
)
