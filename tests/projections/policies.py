"""A policy as a shop has it: drafted by one, reviewed by another, approved by a third."""

from __future__ import annotations

from datetime import date
from typing import Any

from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy_row import DraftPolicyRow
from commands.policy.open_policy_draft import OpenPolicyDraft
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from domain.publication.events import RowKind
from tests.projections.shop import Shop

ROW: dict[str, Any] = {
    "id": "house-1",
    "clause": "CB-10.1a",
    "says": "An inquiry is answered within half an hour.",
    "zh": "30分钟内响应。",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "target": {"working_minutes": 30},
}


def drafted(shop: Shop, policy: str, *rows: dict[str, Any]) -> None:
    shop.ask(OpenPolicyDraft(policy_id=policy, says="Our rules", zh="规则"))
    redrafted(shop, policy, *rows)


def redrafted(shop: Shop, policy: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        shop.ask(DraftPolicyRow(policy_id=policy, kind=RowKind.DEADLINE, row=row))


def signed(shop: Shop, policy: str, version: int | None = None) -> None:
    review = ReviewPolicy(policy_id=policy, version=version)
    shop.ask(review, actor="cora", role="compliance_officer")
    approve = ApprovePolicy(policy_id=policy, version=version)
    shop.ask(approve, actor="maya", role="management")


def published(shop: Shop, policy: str, day: date) -> None:
    shop.ask(PublishPolicy(policy_id=policy, effective_day=day, change_record="As agreed"))
