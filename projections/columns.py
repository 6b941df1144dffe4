"""The closed list of what a read model may hold in clear, by the name of the column.

Lists sort, filter and group by these and by nothing else. Every other column is a sealed token and
its name ends in `_token`. A name means the same in every table, so it has one type and one comment.
Times are instants in UTC unless the comment says a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

TOKEN = "_token"


class Holds(StrEnum):
    """The kinds of clear value there are."""

    ID = "id"
    KIND = "kind"
    STATE = "state"
    TIME = "time"
    AMOUNT = "amount"
    CURRENCY = "currency"
    COUNTRY = "country"
    MARKET = "market"
    LANGUAGE = "language"
    CHANNEL = "channel"
    TIER = "tier"
    RULE = "rule or policy"


class Clear(NamedTuple):
    """`json` columns hold canonical JSON whose values are of the same kind."""

    holds: Holds
    type: str
    says: str


def _id(says: str, sql_type: str = "uuid") -> Clear:
    return Clear(Holds.ID, sql_type, says)


def _kind(says: str, sql_type: str = "text") -> Clear:
    return Clear(Holds.KIND, sql_type, says)


def _state(says: str, sql_type: str = "text") -> Clear:
    return Clear(Holds.STATE, sql_type, says)


def _time(says: str, sql_type: str = "timestamptz") -> Clear:
    return Clear(Holds.TIME, sql_type, says)


def _amount(says: str, sql_type: str = "bigint") -> Clear:
    return Clear(Holds.AMOUNT, sql_type, says)


def _rule(says: str) -> Clear:
    return Clear(Holds.RULE, "text", says)


CLEAR: Mapping[str, Clear] = {
    "currency": Clear(Holds.CURRENCY, "text", "ISO 4217 code of the amounts in this row"),
    "country": Clear(Holds.COUNTRY, "text", "ISO 3166-1 alpha-2 code"),
    "region": Clear(Holds.COUNTRY, "text", "ISO 3166-2 code without the country"),
    "jurisdiction": Clear(Holds.COUNTRY, "text", "ISO 3166 code of the law that applies"),
    "market": Clear(Holds.MARKET, "text", "Market, an ISO 3166-1 alpha-2 code"),
    "language": Clear(Holds.LANGUAGE, "text", "BCP 47 tag"),
    "channel": Clear(Holds.CHANNEL, "text", "How it reached us"),
    "tier": Clear(Holds.TIER, "text", "Tier held, or held at receipt"),
    "proposed": Clear(Holds.TIER, "text", "Tier the latest evaluation came to"),
    "customer": _id("The customer this row is about"),
    "order_id": _id("Document of a shop: a sale or a cancellation"),
    "matched_order": _id("The order a cancellation takes back, where the shop says which"),
    "provisional": _state("Rests on holidays not announced yet", "boolean"),
    "counting_since": _time("Since when it counts without a break; none while it does not"),
    "elapsed_seconds": _amount("Time counted until it last stopped or was moved"),
    "paused_seconds": _amount("Time it stood still, by the calendar, in pauses that are over"),
    "paused_since": _time("Since when it stands still; none while it does not"),
    "moved": _amount("How often its due time was moved"),
    "stands_until": _time("A promised day, which no pause moves"),
    "planned": _time("Warnings and steps of an escalation still to come", "timestamptz[]"),
    "next_at": _time("When something is to be noted of it next"),
    "notify_at": _time("When people are told of a breach, if not at once"),
    "escalated_at": _time("Last step of its escalation"),
    "escalated_to": _kind("Role called in by it"),
    "retracted_at": _time("A breach was taken back: what fulfils it was told late"),
    "excused_at": _time("A breach was excused"),
    "ticket": _id("The ticket"),
    "merged_into": _id("The ticket in which it is answered"),
    "complaint": _id("The complaint"),
    "timer": _id("One promise in one cycle"),
    "stream": _id("The case or customer it was recorded for"),
    "event_id": _id("The event"),
    "consent_id": _id("The consent"),
    "share": _id("The handing over"),
    "agreement": _id("Confidentiality agreement it went out under"),
    "recipient": _id("Code of the organisation that got the data", "text"),
    "digest": _id("SHA-256 of what was handed over, in hex", "text"),
    "correlation": _id("What it belongs to"),
    "causation": _id("The event that caused it"),
    "command_id": _id("The request it came from"),
    "position": _id("Place in the record", "bigint"),
    "position_read": _id("Place in the record the indicators were read at", "bigint"),
    "version": _id("Place in its stream, from 1", "bigint"),
    "source": _id("Outside system it was kept in", "text"),
    "number": _id("Its number in that system", "text"),
    "source_ref": _id("Row of the source", "text"),
    "last_source_ref": _id("Row of the source that was followed last", "text"),
    "actor": _id("Who recorded it", "text"),
    "on_behalf_of": _id("For whom the actor acted", "text"),
    "owner": _id("Staff member in charge", "text"),
    "participants": _kind("Codes of the staff who take part besides", "json"),
    "staff": _id("Staff member", "text"),
    "request": _id("The request, for access or about one's data"),
    "received_by": _id("Who took the request", "text"),
    "identified_by": _id("Who made sure that the customer asked", "text"),
    "requested_by": _id("Who asked for it", "text"),
    "approved_by": _id("Who approved it, never who asked", "text"),
    "granted_by": _id("Who carried it out", "text"),
    "team": _id("Team in charge", "text"),
    "referred_to": _id("Organisation or department that has to answer", "text"),
    "respondent": _id("Organisation complained about, if not ours", "text"),
    "kind": _kind("Kind of customer or stream"),
    "what": _kind("sale or cancel"),
    "category": _kind("Category of the enquiry"),
    "type": _kind("What happened: the name of the event"),
    "at_precision": _kind("How exactly the time is known: instant, minute or day"),
    "role": _kind("Role the actor acted in"),
    "post": _kind("Code of what a staff member does"),
    "roles": _kind("Roles, in order of preference", "json"),
    "markets": _kind("Markets it is for; none said: all of them", "json"),
    "teams": _kind("Teams it is for; none said: all of them", "json"),
    "purpose": _kind("Term of the Data Privacy Vocabulary"),
    "scope": _kind("How far data may travel: own use, sharing and the like"),
    "form": _kind("How the consent was expressed"),
    "categories": _kind("Categories of personal data", "json"),
    "recipients": _kind("Codes of the organisations data may go to", "json"),
    "legal_basis": _kind("Term of the Data Privacy Vocabulary"),
    "reason": _kind("Code of why"),
    "priority_first": _kind("Priority on receipt"),
    "priority": _kind("Priority now"),
    "impact": _kind("Impact now"),
    "urgency": _kind("Urgency now"),
    "complaint_kind": _kind("Kind of complaint"),
    "complexity": _kind("simple or complex (CB-13.2a)"),
    "severity": _kind("normal or major"),
    "product": _kind("Code of the product"),
    "sub_product": _kind("Code of the product in detail"),
    "issue": _kind("Code of the issue"),
    "sub_issue": _kind("Code of the issue in detail"),
    "vulnerability": _kind("Codes of what asks for special care", "json"),
    "attributes": _kind("Codes an outside system noted, by its own names", "json"),
    "facts": _kind("The clear fields of the event", "json"),
    "written": _kind("Per profile field: by whom, when, in which event", "json"),
    "metric": _kind("What is promised"),
    "state": _state("Where it stands"),
    "waiting_for": _state("What the case waits for"),
    "source_state": _state("State in the outside system"),
    "state_path": _state("States in the outside system, in order"),
    "states": _state("The same with the time each was reached", "json"),
    "outdated": _state("Profile fields known to be out of date, and since when", "json"),
    "has_text": _state("Whether the customer gave an account in words", "boolean"),
    "outcome": _state("What the customer was told came of it"),
    "timely": _state("Whether an outside system calls the answer timely", "boolean"),
    "satisfaction_asked": _state("Whether the customer was asked if satisfied", "boolean"),
    "satisfied": _state("What the customer said when followed up", "boolean"),
    "cross_border": _state("Whether it left the customer's jurisdiction", "boolean"),
    "consent": _state("Consent to publish the account"),
    "disputed": _state("Whether the answer was not accepted", "boolean"),
    "plan_state": _state("Where the remedy plan stands"),
    "result": _state("What resolved it"),
    "close_basis": _state("On what basis it was closed"),
    "at": _time("When it happened"),
    "recorded_at": _time("When it was recorded"),
    "registered_at": _time("When it was registered"),
    "last_activity": _time("Last contact or purchase"),
    "dormant_since": _time("When the customer was marked dormant"),
    "identified_at": _time("When it was made sure that the customer asked"),
    "executed_at": _time("When the request was first carried out"),
    "certified_at": _time("When the erasure was last certified"),
    "answered_at": _time("When the customer had the answer"),
    "erased_at": _time("When the last of the personal data were erased"),
    "kept": _kind("What is kept for now, by category: the ground and until when", "json"),
    "gone": _kind("The categories whose keys are destroyed", "json"),
    "granted_at": _time("When the customer agreed"),
    "expires_at": _time("When the consent runs out, if it does"),
    "ended_at": _time("From when on the consent no longer holds"),
    "end_recorded_at": _time("When that was recorded"),
    "asked_at": _time("When it was asked for"),
    "approved_at": _time("When it was approved"),
    "access_from": _time("From when on it was held, by the record's clock"),
    "access_until": _time("Until when it was held, by the record's clock"),
    "opened_at": _time("When the enquiry was received"),
    "work_started_at": _time("When somebody took it up"),
    "first_owner_at": _time("When a person was first in charge"),
    "first_team_at": _time("When a team was first in charge"),
    "first_customer_at": _time("First public message of the customer"),
    "first_reply_at": _time("First public message to the customer, automatic ones included"),
    "first_owner_reply_at": _time("First public message of the person in charge"),
    "first_auto_reply_at": _time("First automatic reply"),
    "first_response_at": _time("First public reply by a person"),
    "first_resolved_at": _time("When it was first resolved"),
    "resolved_at": _time("When it was last resolved"),
    "closed_at": _time("When it was closed"),
    "waiting_since": _time("Since when the case waits"),
    "received_at": _time("When the complaint was received"),
    "acknowledged_at": _time("When it was acknowledged"),
    "assigned_at": _time("When it was assigned"),
    "investigated_at": _time("When the investigation was completed"),
    "agreed_due": _time("Time agreed with the customer for the result"),
    "referred_at": _time("When it was sent on"),
    "communicated_at": _time("When the customer was told the outcome"),
    "followed_up_at": _time("When the customer was asked afterwards"),
    "since": _time("Since when the tier is held"),
    "evaluated_at": _time("When the latest evaluation was made"),
    "as_of": _time("Day the tier rests on, in the scheme's zone", "date"),
    "evaluated_as_of": _time("Day the latest evaluation looked at", "date"),
    "started_at": _time("When the promise began to run"),
    "due_at": _time("When it falls due; none while it is paused"),
    "fulfilled_at": _time("When it was kept, late or not"),
    "breached_at": _time("Due time that passed without it"),
    "breach_recorded_at": _time("When the breach was recorded"),
    "cancelled_at": _time("When the case ended first"),
    "warned_at": _time("When the latest warning was reached"),
    "amount": _amount("Money of the document, never below nought for goods", "numeric"),
    "returned": _amount("Money of the goods taken back", "numeric"),
    "claim_amount": _amount("Money the customer claims", "numeric"),
    "lines": _amount("Lines of the document"),
    "purchase_lines": _amount("Lines by which something was bought"),
    "returns": _amount("How often goods were taken back"),
    "events": _amount("Facts of the case"),
    "source_rows": _amount("Rows of the source that were followed"),
    "reopened": _amount("How often it was reopened"),
    "plans": _amount("Remedy plans drafted"),
    "waited": _amount("Seconds waited, by what for", "json"),
    "messages_customer": _amount("Public messages of the customer"),
    "messages_staff": _amount("Public messages to the customer by a person"),
    "auto_replies": _amount("Automatic replies"),
    "notes": _amount("Notes among staff"),
    "turns": _amount("How often another side spoke: customer, person in charge, others"),
    "last_speaker": _kind("Which side spoke last"),
    "satisfaction": _amount("From 1 (not at all) to 5 (fully)"),
    "indicators": _amount("Indicators of the latest evaluation, exact", "json"),
    "left_seconds": _amount("Working time left while paused"),
    "cycle": _amount("How often the rule has started in this case"),
    "scheme": _rule("Tier scheme"),
    "scheme_version": Clear(Holds.RULE, "bigint", "Version of the scheme"),
    "rule": _rule("Rule that made the promise"),
    "clause": _rule("Clause of the regulation"),
    "policy": _rule("Rule pack and version"),
    "policy_id": _rule("Rule pack"),
    "policy_version": Clear(Holds.RULE, "bigint", "Version of the rule pack"),
    "based_on": Clear(Holds.RULE, "bigint", "Version the draft began with"),
    "replaces": Clear(Holds.RULE, "bigint", "Version published before it"),
    "row_ids": _kind("Ids of its rows", "json"),
    "rows_hash": _id("SHA-256 of its rows as canonical JSON, in hex", "text"),
    "rank": _kind("law, regulation or company"),
    "active": _state("Whether its rules start anything once they are in force", "boolean"),
    "drafted_by": _kind("Who drafted it", "json"),
    "drafted_at": _time("When its draft was opened"),
    "reviewed_by": _id("Who reviewed it for compliance", "text"),
    "reviewed_at": _time("When it was reviewed"),
    "published_by": _id("Who published it", "text"),
    "published_on": _time("The day it was published on, in UTC", "date"),
    "effective_day": _time("Its first day; none said: from ever", "date"),
    "ends_on": _time("The first day without it; none said: it has no end yet", "date"),
    "filed_with": _id("Department it is on file with", "text"),
    "reference": _id("What it is found by there", "text"),
    "duty": _kind("What is to be done, as rules name it"),
    "per": _kind("For whom it is done: organisation, market, customer or person"),
    "whose": _id("The market, customer or staff member it is done for", "text"),
    "owed_by": _kind("Role that has to do it"),
    "period_start": _time("When the period began"),
    "period_end": _time("When the next begins"),
    "warn_at": _time("When whoever owes it is reminded"),
    "times": _amount("How often it is to be done in the period"),
    "done": _amount("How often it was done"),
    "done_in_time": _amount("How often it was done by its due time"),
    "done_at": _time("When it was done last"),
    "done_by": _id("Who did it last", "text"),
    "missed_at": _time("Due time that passed without it"),
    "policies": _rule("Versions in force when it was recorded"),
    "notice_version": _rule("Version of the collection notice"),
    "calendar": _rule("Calendar and version"),
    "target": _rule("Duration promised (ISO 8601) and its clock"),
}
