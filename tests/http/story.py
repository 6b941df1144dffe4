"""A story in which every example of the API's description is sent where it makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import httpx2

from commands.catalogue import HANDLERS
from infra.http.commands import Place, places
from infra.http.examples import NAMED, SOMEBODY
from infra.http.openapi import example
from tests.http.door import Door

PLACES = {place.command.__name__: place for place in places() if "/commands/" not in place.path}
BEGUN = "ReceiveComplaint RegisterComplaint ClassifyComplaint CompleteInvestigation"
PLANNED = f"{BEGUN} DraftRemedyPlan ReviewRemedyPlan ApproveRemedyPlan"
SETTLED = f"{PLANNED} AcceptRemedyPlan ApplyRemedy ResolveComplaint"
STEPS = f"""
RegisterCustomer GiveCollectionNotice CompleteProfile NoteProfileChange CorrectProfile
RecordInteraction GrantConsent ReleaseMarketingContact NoteConsentExpiry WithdrawConsent
EvaluateTier MarkDormant ReactivateCustomer
PlaceOrder AcceptReturn CancelOrder
ReceiveInquiry RecordAutoReply AssignTicket StartWork SendFirstResponse AskCustomer
RecordCustomerReply AddInternalNote ReferRequirement PutTicketOnHold ResumeTicket
ChangeTicketPriority ChangeTicketMarket NoteTierChange
MigrateTimers SendMessage AnswerInquiry ResolveTicket
ReopenTicket ResolveTicket FollowUpTicket CloseTicket ReceiveInquiry ReceiveInquiry MergeTicket
ReceiveComplaint AcknowledgeComplaint RegisterComplaint ClassifyComplaint AssignComplaint
ReferComplaint ExtendInvestigation CompleteInvestigation DraftRemedyPlan ReviewRemedyPlan
ApproveRemedyPlan AcceptRemedyPlan ApplyRemedy ResolveComplaint CommunicateOutcome
RecordPublicationConsent FollowUpComplaint CloseComplaint
{PLANNED} DeclineRemedyPlan
{SETTLED} ReopenComplaint
RegisterAgreement SignAgreement EndAgreement
RecordJoiner RequestAccess ApproveAccess GrantAccess RevokeAccess RecordPostChange RequestAccess
DeclineAccess RecordLeaver
OpenPolicyDraft DraftPolicyRow DropPolicyRow DraftPolicy WithdrawPolicyDraft
DraftPolicy ReviewPolicy ApprovePolicy PublishPolicy FilePolicy RevisePolicy LapsePolicy
DraftCalendar PublishCalendar ApproveCalendar AssignServiceCalendar
""".split()


def told(door: Door, steps: Sequence[str] = STEPS) -> Iterator[tuple[str, httpx2.Response]]:
    """Each step's name and its answer; ids are those of what the story has begun."""
    ids: dict[str, str] = {}
    for name in steps:
        if name not in PLACES:
            continue
        answer = sent(door, PLACES[name], ids)
        if answer.status_code == 200:
            begun = answer.json()["ids"]
            ids["case"] = ids.get("ticket", SOMEBODY)
            ids["into"] = ids.get("ticket", SOMEBODY)
            ids |= {
                kind: ids.get(kind, new) if kind == "customer" else new
                for kind, new in begun.items()
            }
        yield name, answer


def sent(door: Door, place: Place, ids: dict[str, str]) -> httpx2.Response:
    path, body = place.path, dict(example(place))
    if place.field:
        kind = place.field.removesuffix("_id")
        mine = NAMED.get(place.field) or ids.get(kind, SOMEBODY)
        path = path.replace(f"{{{place.field}}}", mine)
    body |= {name: ids.get(name, body[name]) for name in body if body[name] == SOMEBODY}
    return door.post(path, body, role=role_for(place))


def role_for(place: Place) -> str:
    """The administrator's, where that may."""
    roles = place.command.ROLES
    return "crm_admin" if "crm_admin" in roles else min(roles)


def bodies() -> dict[str, dict[str, Any]]:
    """The example of every command, with every id it needs."""
    every = {place.command: place for place in places() if place.field is None}
    return {command.__name__: example(every[command]) for command in HANDLERS}
