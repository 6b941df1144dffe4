"""Rules for the throw-away installation, published by the ordinary commands: drafted, reviewed,
approved and published by four people, on a day before the cases that fall under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import ValidationError

from commands.calendar.assign_service_calendar import AssignServiceCalendar
from commands.calendar.draft_calendar import DraftCalendar
from commands.calendar.publish_calendar import PublishCalendar
from commands.command import Command
from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy import DraftPolicy
from commands.policy.lapse_policy import LapsePolicy
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from domain.publication.events import RowKind
from domain.terms import Market
from infra.calendars.recorded import InForce, calendar_on_record
from infra.dispatch import Caller, Dispatcher
from infra.policies import shipped_rulebook
from infra.product import Product, new_id
from infra.publication.rules import POLICY, RulesOnRecord, policies_on_record
from infra.request import InvalidRequest, field_problems

WHY = "Rules of the source, published to be compared with its answers."


class PublishedOn:
    """The door as it was at noon (UTC) of a day."""

    def __init__(self, product: Product, day: date) -> None:
        self._day = day
        self._record = product.record
        now = datetime.combine(day, time(12), UTC)
        self._door = Dispatcher(
            product.record,
            product.keyring,
            product.installation,
            RulesOnRecord(
                product.record,
                replace(shipped_rulebook(), rules=()),
                InForce(product.record).rules,
            ),
            clock=lambda: now,
            new_id=new_id,
        )

    def policy(self, id: str, says: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises Refused for rows that cannot be published, InvalidRequest for too many."""
        try:
            draft = DraftPolicy(policy_id=id, says=says, zh=says, deadline=tuple(map(dict, rows)))
        except ValidationError as fault:
            raise InvalidRequest(list(field_problems(fault))) from None
        self._ask(draft, "crm_admin", "drafter")
        self._ask(ReviewPolicy(policy_id=id), "compliance_officer", "reviewer")
        self._ask(ApprovePolicy(policy_id=id), "department_head", "approver")
        publish = PublishPolicy(policy_id=id, effective_day=self._day, change_record=WHY)
        self._ask(publish, "management", "publisher")

    def calendar(self, market: Market, calendar: DraftCalendar) -> None:
        """The market is served by it, or by this version of it, from the day on."""
        id = calendar.calendar_id
        self._ask(calendar, "crm_admin", "drafter")
        known = calendar_on_record(self._record, id)
        assert known is not None and known.draft is not None, "it has just been drafted"
        version = known.draft.version
        publish = PublishCalendar(calendar_id=id, version=version, from_day=self._day)
        self._ask(publish, "management", "publisher")
        assign = AssignServiceCalendar(
            market=market, calendar_id=id, version=version, from_day=self._day
        )
        self._ask(assign, "management", "publisher")

    def without_what_ships(self) -> None:
        """The promises that the product comes with are not those of the source."""
        for policy in policies_on_record(self._record.read_kind(POLICY)):
            latest = policy.latest
            if latest is None or latest.lapses is not None:
                continue
            if any(row.kind is RowKind.DEADLINE for row in latest.rows.values()):
                lapse = LapsePolicy(policy_id=policy.policy, lapses=self._day, change_record=WHY)
                self._ask(lapse, "management", "publisher")

    def _ask(self, command: Command, role: str, actor: str) -> None:
        self._door.dispatch(command, Caller(actor, role), new_id())
