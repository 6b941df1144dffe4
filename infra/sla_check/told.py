"""The events of a case as commands: the table that docs/sla.md shows.

Each method is named after an event of the format and sends what our own staff would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from commands.complaint.classify_complaint import ClassifyComplaint
from commands.complaint.communicate_outcome import CommunicateOutcome
from commands.complaint.complete_investigation import CompleteInvestigation
from commands.complaint.extend_investigation import ExtendInvestigation
from commands.complaint.follow_up_complaint import FollowUpComplaint
from commands.complaint.receive_complaint import ReceiveComplaint
from commands.complaint.register_complaint import RegisterComplaint
from commands.complaint.resolve_complaint import ResolveComplaint
from commands.customer.register_customer import RegisterCustomer
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.restrict_processing import RestrictProcessing
from commands.ticket.add_internal_note import AddInternalNote
from commands.ticket.assign_ticket import AssignTicket
from commands.ticket.change_ticket_market import ChangeTicketMarket
from commands.ticket.change_ticket_priority import ChangeTicketPriority
from commands.ticket.merge_ticket import MergeTicket
from commands.ticket.note_tier_change import NoteTierChange
from commands.ticket.put_ticket_on_hold import PutTicketOnHold
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.record_auto_reply import RecordAutoReply
from commands.ticket.record_customer_reply import RecordCustomerReply
from commands.ticket.reopen_ticket import ReopenTicket
from commands.ticket.resolve_ticket import ResolveTicket
from commands.ticket.resume_ticket import ResumeTicket
from commands.ticket.send_message import SendMessage
from commands.timers.migrate_timers import MigrateTimers
from domain.privacy.events import RequestType
from domain.terms import Channel, CollectionSource, Complexity, Tier, WaitingFor
from infra.sla_check import promised
from infra.sla_check.store import Store

POLICY, CALENDAR, HOME = "case", "case", "CN"
TEXT = "text"


class UnknownEvent(Exception):
    """The format has no such event."""


class Case:
    """A case on its way through a store."""

    def __init__(self, store: Store, spec: Mapping[str, Any]) -> None:
        self.store = store
        self.spec = spec
        self.waits = promised.waits(spec)
        self.waiting: str | None = None
        self.stream: UUID | None = None
        self.customer = store.ask(
            RegisterCustomer(
                collection_source=CollectionSource.SERVICE_CONVERSATION, market=HOME, at=store.now
            )
        ).ids["customer"]
        self._other: UUID | None = None

    def tell(self, event: Mapping[str, Any], at: datetime) -> None:
        """Raises Refused, UnknownEvent."""
        name = event["event"]
        send: Callable[..., None] | None = getattr(self, f"on_{name}", None)
        if send is None:
            raise UnknownEvent(name)
        send(event, at)

    def on_ticket_created(self, event: Mapping[str, Any], at: datetime) -> None:
        self.stream = self._inquiry(at)
        if "status" in event:
            self.on_status_changed({"to": event["status"]}, at)

    def on_status_changed(self, event: Mapping[str, Any], at: datetime) -> None:
        waits_for = self.waits.get(event["to"])
        self.waiting = waits_for
        if waits_for is None:
            self._ask(ResumeTicket(ticket_id=self._case, at=at))
        else:
            hold = WaitingFor(waits_for)
            self._ask(PutTicketOnHold(ticket_id=self._case, waiting_for=hold, at=at))

    def on_agent_reply(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(SendMessage(ticket_id=self._case, text=TEXT, at=at))

    def on_auto_reply(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(RecordAutoReply(ticket_id=self._case, text=TEXT, at=at))

    def on_internal_note(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(AddInternalNote(ticket_id=self._case, text=TEXT, at=at))

    def on_customer_message(self, event: Mapping[str, Any], at: datetime) -> None:
        """A state of the format changes only when it says so; with us a reply ends the wait."""
        self._ask(RecordCustomerReply(ticket_id=self._case, text=TEXT, at=at))
        if self.waiting == WaitingFor.CUSTOMER:
            hold = WaitingFor.CUSTOMER
            self._ask(PutTicketOnHold(ticket_id=self._case, waiting_for=hold, at=at))

    def on_resolved(self, event: Mapping[str, Any], at: datetime) -> None:
        self.waiting = None
        self._ask(ResolveTicket(ticket_id=self._case, result="solved", at=at))

    def on_reopened(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(ReopenTicket(ticket_id=self._case, why="not_solved", at=at))

    def on_tier_changed(self, event: Mapping[str, Any], at: datetime) -> None:
        tier = Tier(promised.tier(event["to"]))
        self._ask(NoteTierChange(ticket_id=self._case, tier=tier, at=at))

    def on_priority_changed(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(ChangeTicketPriority(ticket_id=self._case, priority=str(event["to"]), at=at))

    def on_policy_replaced(self, event: Mapping[str, Any], at: datetime) -> None:
        """Another team takes it, whose promises are others."""
        self._ask(AssignTicket(ticket_id=self._case, group=str(event["policy"]), at=at))

    def on_policy_published(self, event: Mapping[str, Any], at: datetime) -> None:
        self.store.publish_policy(POLICY, promised.rows(self.spec, minutes=_minutes(event)))

    def on_policy_migrated(self, event: Mapping[str, Any], at: datetime) -> None:
        rows = promised.rows(self.spec, minutes=_minutes(event))
        version = self.store.publish_policy(POLICY, rows)
        self._migrate(at, policy=f"{POLICY}@{version}")

    def on_policy_deactivated(self, event: Mapping[str, Any], at: datetime) -> None:
        rows = [{**row, "metric": "nothing"} for row in promised.rows(self.spec)]
        version = self.store.publish_policy(POLICY, rows)
        self._migrate(at, policy=f"{POLICY}@{version}")

    def on_calendar_changed(self, event: Mapping[str, Any], at: datetime) -> None:
        """A version with another day off; nobody moves to it what runs."""
        calendar = dict(self.spec["calendar"])
        days = [*calendar.get("holidays", []), event.get("holiday_added")]
        calendar["holidays"] = [day for day in days if day is not None]
        self.store.publish_calendar(CALENDAR, calendar)

    def on_calendar_migrated(self, event: Mapping[str, Any], at: datetime) -> None:
        version = self.store.publish_calendar(CALENDAR, event["calendar"])
        self._migrate(at, calendar=f"{CALENDAR}@{version}")

    def on_market_changed(self, event: Mapping[str, Any], at: datetime) -> None:
        market, name = str(event["to"]), f"case-{event['to']}".lower()
        version = self.store.publish_calendar(name, event["calendar"])
        self.store.serve(market, name, version)
        self._ask(ChangeTicketMarket(ticket_id=self._case, market=market, at=at))

    def on_merged_into(self, event: Mapping[str, Any], at: datetime) -> None:
        other = self._inquiry(at)
        self._ask(MergeTicket(ticket_id=self._case, into=other, at=at))

    def on_merged_in(self, event: Mapping[str, Any], at: datetime) -> None:
        asked = datetime.fromisoformat(str(event["earliest_unanswered_customer_message_at"]))
        self._ask(MergeTicket(ticket_id=self._inquiry(asked), into=self._case, at=at))

    def on_escalated(self, event: Mapping[str, Any], at: datetime) -> None:
        """What an escalation sets off outside; no promise depends on it."""

    def on_deadline_extension_refused(self, event: Mapping[str, Any], at: datetime) -> None:
        """The customer did not agree: there is nothing to record."""

    def on_complaint_received(self, event: Mapping[str, Any], at: datetime) -> None:
        received = ReceiveComplaint(customer_id=self.customer, channel=Channel.EMAIL, at=at)
        self.stream = self.store.ask(received).ids["complaint"]

    def on_complaint_registered(self, event: Mapping[str, Any], at: datetime) -> None:
        if self.stream is None:
            self.on_complaint_received(event, at)
        registered = RegisterComplaint(
            complaint_id=self._case, complaint_kind="service", content=TEXT, demand=TEXT, at=at
        )
        self._ask(registered)
        self._classify(Complexity.COMPLEX, at)

    def on_investigation_completed(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(
            CompleteInvestigation(
                complaint_id=self._case,
                facts=TEXT,
                responsible_party="carrier",
                root_cause="lost",
                at=at,
            )
        )

    def on_deadline_extended(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(
            ExtendInvestigation(
                complaint_id=self._case,
                why="laboratory",
                told_customer=True,
                working_days=event["working_days"],
                at=at,
            )
        )

    def on_complaint_resolved(self, event: Mapping[str, Any], at: datetime) -> None:
        if self.stream is None:
            self.on_complaint_registered(event, at)
            self._classify(Complexity.SIMPLE, at)
        self._ask(ResolveComplaint(complaint_id=self._case, result="refund", at=at))

    def on_formal_feedback_sent(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(CommunicateOutcome(complaint_id=self._case, satisfaction_asked=True, at=at))

    def on_follow_up_done(self, event: Mapping[str, Any], at: datetime) -> None:
        self._ask(FollowUpComplaint(complaint_id=self._case, satisfied=True, at=at))

    def on_erasure_requested(self, event: Mapping[str, Any], at: datetime) -> None:
        request = ReceivePrivacyRequest(
            customer_id=self.customer,
            request_type=RequestType.ERASURE,
            channel=Channel.EMAIL,
            at=at,
        )
        ids = self.store.ask(request, role="agent", actor="ida").ids
        self._request = ids["request"]
        self.stream = ids["privacy"]

    def on_erasure_completed(self, event: Mapping[str, Any], at: datetime) -> None:
        one: dict[str, Any] = {"customer_id": self.customer, "request": self._request}
        self.store.ask(IdentifyRequester(method="callback", at=at, **one), "supervisor", "kim")
        ruled = EvaluateRetention(last_order_on=None, open_cases=0, position=1, at=at, **one)
        for step in (
            ruled,
            RestrictProcessing(at=at, **one),
            BeginDestruction(at=at, **one),
            ExecutePrivacyRequest(**one),
        ):
            self.store.ask(step, "system", "system:erasure")

    @property
    def _case(self) -> UUID:
        if self.stream is None:
            raise UnknownEvent("an event before the case began")
        return self.stream

    def _ask(self, command: Any) -> None:
        self.store.ask(command)

    def _inquiry(self, at: datetime) -> UUID:
        inquiry = ReceiveInquiry(customer_id=self.customer, channel=Channel.EMAIL, text=TEXT, at=at)
        return self.store.ask(inquiry).ids["ticket"]

    def _classify(self, complexity: Complexity, at: datetime) -> None:
        self._ask(ClassifyComplaint(complaint_id=self._case, complexity=complexity, at=at))

    def _migrate(
        self, at: datetime, policy: str | None = None, calendar: str | None = None
    ) -> None:
        self._ask(MigrateTimers(case_id=self._case, at=at, policy=policy, calendar=calendar))


def _minutes(event: Mapping[str, Any]) -> int | None:
    minutes = event.get("target_minutes")
    return None if minutes is None else int(minutes)
