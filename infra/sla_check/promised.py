"""The policy of a case as rows of a policy, in the form in which people draft them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TIERS = {"core": "core", "vip": "core", "important": "important", "standard": "normal"}
WAITS = {
    "pending_customer": "customer",
    "pending": "customer",
    "waiting_customer": "customer",
    "awaiting_customer": "customer",
    "pending_vendor": "vendor",
    "pending_third_party": "vendor",
    "waiting_vendor": "vendor",
    "pending_evidence": "evidence",
    "pending_change": "change",
    "pending_problem": "problem",
    "on_hold": "other",
}
"""What a case calls a state: what is waited for. Any other name stops nothing unless the policy
pauses on it; then it takes what is left of the list."""

REPLIES = ["FirstResponseSent", "MessageSent", "InquiryAnswered", "QuestionAsked"]
ASKED = ["CustomerMessageReceived", "CustomerReplied", "TicketMergedIn"]

METRICS: Mapping[str, Mapping[str, Any]] = {
    "first_response": {"trigger": "InquiryReceived", "fulfilled_by": "FirstResponseSent"},
    "next_response": {
        "trigger": ASKED,
        "when": {"after": ["FirstResponseSent"]},
        "fulfilled_by": [*REPLIES, "TicketResolved"],
    },
    "periodic_update": {
        "trigger": "InquiryReceived",
        "fulfilled_by": [*REPLIES, "TicketResolved"],
        "rolling": True,
        "until": ["TicketResolved"],
    },
    "resolution": {"trigger": "InquiryReceived", "fulfilled_by": "TicketResolved"},
    "requester_wait": {"trigger": "InquiryReceived", "fulfilled_by": "TicketResolved"},
    "agent_work": {"trigger": "InquiryReceived", "fulfilled_by": "TicketResolved"},
    "complaint_registration": {
        "trigger": "ComplaintReceived",
        "fulfilled_by": "ComplaintRegistered",
    },
    "complaint_investigation": {
        "trigger": "ComplaintRegistered",
        "fulfilled_by": "ComplaintInvestigationCompleted",
        "extended_by": "ComplaintDeadlineExtended",
    },
    "complaint_feedback": {
        "trigger": "ComplaintResolved",
        "fulfilled_by": "ComplaintOutcomeCommunicated",
    },
    "complaint_follow_up": {
        "trigger": "ComplaintResolved",
        "fulfilled_by": "ComplaintFollowedUp",
    },
    "erasure": {
        "trigger": "PrivacyRequestReceived",
        "fulfilled_by": "PrivacyRequestExecuted",
    },
}
OPENED_AGAIN = frozenset({"resolution", "requester_wait", "agent_work"})


def waits(case: Mapping[str, Any]) -> dict[str, str]:
    """The states of a case that are waiting for something, and for what."""
    known = dict(WAITS)
    free = [w for w in ("change", "problem", "evidence", "vendor") if w not in known.values()]
    for state in case["policy"].get("pause_on", ()):
        if state not in known:
            known[state] = free.pop(0) if free else "change"
    return known


def rows(case: Mapping[str, Any], *, minutes: int | None = None) -> list[dict[str, Any]]:
    """Rows that make the promises of a case; `minutes`: those of another version of its policy."""
    policy = case["policy"]
    target = policy["target"] if minutes is None else {"minutes": minutes}
    made = [_row(case, target, "base")]
    for number, event in enumerate(case["events"]):
        new = event.get("target_minutes")
        named = "target_minutes" in event
        match event["event"]:
            case "tier_changed" if named:
                condition = {"tier": [tier(event["to"])]}
            case "priority_changed" if named:
                condition = {"priority": [str(event["to"])]}
            case "policy_replaced":
                condition = {"team": [str(event["policy"])]}
            case _:
                continue
        if new is not None:
            row = _row(case, {"minutes": new}, f"changed-{number}")
            row["when"] = {**row.get("when", {}), **condition}
            made = [one for one in made if one.get("when") != row["when"]] + [row]
    if any(event["event"] == "policy_replaced" for event in case["events"]):
        for row in made:
            row["when"] = {"team": [""], **row.get("when", {})}
    return list(_outside_hours_too(case, made, minutes))


def tier(name: str) -> str:
    return TIERS.get(name, "important")


def _row(case: Mapping[str, Any], target: Mapping[str, Any], id: str) -> dict[str, Any]:
    policy = case["policy"]
    metric = policy["metric"]
    row: dict[str, Any] = {
        "id": id,
        "clause": "CB-10.1a",
        "says": f"{case['id']}: {case['title']}.",
        "zh": f"{case['id']}。",
        "metric": metric,
        **METRICS[metric],
        "target": _target(target, policy),
        "pause_on": sorted({waits(case)[state] for state in policy.get("pause_on", ())}),
        "on_change": {
            "tier": "retarget",
            "priority": "retarget",
            "team": "retarget",
            "market": "retarget",
        },
    }
    if metric in OPENED_AGAIN:
        resumes = policy.get("reopen", "resume") == "resume"
        row["on_reopen"] = "resume" if resumes else "restart"
    if "warn" in policy:
        row["warn"] = dict(policy["warn"])
    if "retarget" in policy:
        row["retarget"] = {k: v for k, v in policy["retarget"].items() if v is not None}
    if policy.get("notify") == "business_hours":
        row["notify"] = "business_hours"
    return row


def _target(target: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    if "working_days" in target:
        days: dict[str, Any] = {"working_days": target["working_days"]}
        if target.get("mode") == "working_minutes":
            return days | {"hours_per_day": target["hours_per_day"]}
        after = target.get("after_hours_receipt")
        mode = {"mode": target["mode"]} if "mode" in target else {}
        return days | mode | ({"after_hours": after} if after else {})
    business = policy.get("hours", "business") == "business"
    return {"working_minutes" if business else "minutes": target["minutes"]}


def _outside_hours_too(
    case: Mapping[str, Any], made: Sequence[dict[str, Any]], minutes: int | None
) -> Iterator[dict[str, Any]]:
    """A row with other minutes outside hours is two rows. A later change of the target holds for
    both."""
    policy = case["policy"]
    outside = policy.get("out_of_hours")
    for row in made:
        if not outside or "working_minutes" not in row["target"]:
            yield row
            continue
        when = row.get("when", {})
        yield {**row, "when": {**when, "hours": "inside"}}
        target = {"working_minutes": outside["minutes"], "from": "opening"}
        target = target if row["id"] == "base" and minutes is None else row["target"]
        yield {
            **row,
            "id": f"{row['id']}-outside",
            "when": {**when, "hours": "outside"},
            "target": target,
        }
