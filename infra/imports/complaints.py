"""Complaints to a supervisory authority about financial firms, one row each, known by the day.

The authority forwards a complaint to the firm and tells the complainant the firm's answer. The file
names no person: each complainant is anonymous, with the postal code as all that is known of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import cast

from commands.command import History
from domain.complaint.complaint import Complaint, receive
from domain.complaint.events import (
    ComplaintAttributesNoted,
    ComplaintEvent,
    ComplaintPublicationConsentRecorded,
    ComplaintReceived,
    PublicationConsent,
)
from domain.complaint.evolve import evolve
from domain.complaint.foreign import answered, closed, disputed, forwarded, noted
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.event import Event, Precision
from domain.outside import outside_id
from domain.personal import Personal
from domain.terms import Channel, CollectionSource, CustomerKind
from domain.when import When
from infra.imports.case import (
    Case,
    Fields,
    LeftOut,
    Person,
    Source,
    Standing,
    Verdict,
)
from infra.imports.complaint_changes import must_agree, news
from infra.imports.reading import Row
from infra.imports.spool import Placed
from infra.imports.values import day, number_of, one_of, short

SOURCE, COUNTRY = "complaints", "US"
COLUMNS = (
    "complaint_id",
    "date_received",
    "date_sent_to_company",
    "product",
    "sub_product",
    "issue",
    "sub_issue",
    "company",
    "state",
    "zip_code",
    "submitted_via",
    "tags",
    "consumer_consent_provided",
    "company_response_to_consumer",
    "timely_response",
    "consumer_disputed",
    "consumer_complaint_narrative",
)
CHANNELS = {
    "Web": Channel.WEB_FORM,
    "Web Referral": Channel.REFERRAL,
    "Referral": Channel.REFERRAL,
    "Phone": Channel.PHONE,
    "Postal mail": Channel.LETTER,
    "Fax": Channel.FAX,
    "Email": Channel.EMAIL,
}
CONSENTS = {
    "Consent provided": PublicationConsent.GRANTED,
    "Consent not provided": PublicationConsent.REFUSED,
    "Consent withdrawn": PublicationConsent.WITHDRAWN,
    "Other": PublicationConsent.OTHER,
}
VULNERABILITIES = {"Older American": "older_american", "Servicemember": "servicemember"}
ABSENT = frozenset({"", "None", "N/A"})
"""How the copies of this file write that there is nothing."""
YES_OR_NO = frozenset({"Yes", "No", *ABSENT})
UNSOLVED = frozenset({"In progress", "Untimely response"})
NOT_TOLD = "not told"
LONGEST_NARRATIVE = 100_000
OPTIONAL = ("company_public_response", "source_copy")


def place_row(fields: Fields) -> Placed:
    number, received, sent, *words, answer, timely, disputes, narrative = fields[: len(COLUMNS)]
    number_of("complaint_id", number)
    at = day("date_received", received)
    for column, value in zip(COLUMNS[3:13], words, strict=True):
        short(column, value)
    for column, value in zip(OPTIONAL, fields[len(COLUMNS) :], strict=True):
        short(column, value)
    short("company_response_to_consumer", answer)
    one_of("timely_response", timely, YES_OR_NO)
    one_of("consumer_disputed", disputes, YES_OR_NO)
    short("consumer_complaint_narrative", narrative, LONGEST_NARRATIVE)
    latest = max(at, day("date_sent_to_company", sent)) if sent else at
    return Placed(number, 0, at, latest)


def case_of(number: str, rows: Sequence[Row], notes: Counter[str]) -> Case | LeftOut:
    (row,) = rows
    fields = row.fields
    _, received, sent, *_ = fields
    received_at = day("date_received", received)
    if sent and day("date_sent_to_company", sent) < received_at:
        notes["complaints forwarded before they were received"] += 1

    def decide(standing: Standing, history: History | None) -> Verdict:
        return missing_facts(number, fields, standing, history)

    zip_code = fields[9]
    registered = CustomerRegistered(
        kind=CustomerKind.ANONYMOUS,
        market=COUNTRY,
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        source=SOURCE,
        country=COUNTRY,
        profile=Profile(address=None if zip_code in ABSENT else Personal(zip_code)),
        at=received_at,
        at_precision=Precision.DAY,
    )
    return Case(
        number=number,
        kind="complaint",
        stream=outside_id("complaint", SOURCE, number),
        person=Person(None, registered),
        rows=rows,
        decide=decide,
    )


def missing_facts(
    number: str, fields: Fields, standing: Standing, history: History | None
) -> Verdict:
    """What the row says and the record does not hold yet. Facts of a row are told by name.

    Rows of this source go on: a later file has the answer, a dispute, another consent. What the
    record holds and the row tells otherwise is recorded again; what was received is not, and a row
    that changes it is refused with the difference. Raises RowProblem.
    """
    recorded = [] if history is None else cast("list[ComplaintEvent]", history.facts)
    complaint = reduce(evolve, recorded, cast("Complaint | None", None))
    facts: list[Event] = []
    refs: list[str] = []

    def record(what: str, events: Sequence[ComplaintEvent]) -> None:
        nonlocal complaint
        for event in events:
            facts.append(event)
            refs.append(f"{SOURCE}:{number}:{what}")
            complaint = evolve(complaint, event)

    received = _received(number, fields, standing)
    record("received", receive(complaint, received))
    assert complaint is not None, "it is on record or received just now"
    if recorded:
        must_agree(cast("ComplaintReceived", recorded[0]), received)
    sent, company = fields[2], fields[7]
    consent, answer, timely, disputes = (_present(field) for field in fields[12:16])
    on_receipt = _on(day("date_received", fields[1]))
    on_sending = _on(day("date_sent_to_company", sent)) if sent else on_receipt
    on_answer = _on(max(on_receipt["at"], on_sending["at"]))
    if consent is not None:
        given = CONSENTS.get(consent, PublicationConsent.OTHER)
        if given is not complaint.consent:
            told = ComplaintPublicationConsentRecorded(given=given, **on_receipt)
            record("consent", [told])
    if sent:
        record("sent", news(recorded, forwarded(company or NOT_TOLD, **on_sending)))
    if answer or timely or disputes:
        told_now = answered(
            complaint,
            answer,
            timely=None if timely is None else timely == "Yes",
            solved=answer not in (None, *UNSOLVED),
            satisfaction_asked=disputes is not None,
            **on_answer,
        )
        record("answer", told_now if news(recorded, told_now[-1:]) else [])
    if disputes == "Yes" and not complaint.reopened:
        record("dispute", disputed(**on_answer))
    if complaint.resolved:
        record("closed", closed(complaint, **on_answer))
    record("noted", _notes(recorded, fields[17:], on_answer))
    return Verdict(facts, refs)


def _notes(recorded: Sequence[ComplaintEvent], fields: Fields, when: When) -> list[ComplaintEvent]:
    held: dict[str, str] = {}
    for event in recorded:
        if isinstance(event, ComplaintAttributesNoted):
            held |= event.attributes
    row = {name: _present(field) for name, field in zip(OPTIONAL, fields, strict=True)}
    return noted({k: v for k, v in row.items() if v and v != held.get(k)}, **when)


def _present(field: str) -> str | None:
    return None if field in ABSENT else field


def _received(number: str, fields: Fields, standing: Standing) -> ComplaintReceived:
    _, received, _, product, sub_product, issue, sub_issue, company, state, *rest = fields
    _, via, tags, _, _, _, _, narrative, *_ = rest
    return ComplaintReceived(
        customer=standing.customer,
        channel=CHANNELS.get(via, Channel.OTHER),
        market=standing.market,
        tier=standing.tier,
        text=Personal(narrative) if narrative else None,
        product=product or None,
        sub_product=sub_product or None,
        issue=issue or None,
        sub_issue=sub_issue or None,
        respondent=company or None,
        vulnerability=tuple(
            VULNERABILITIES.get(tag.strip(), "other")
            for tag in ([] if tags in ABSENT else tags.split(","))
        ),
        source=SOURCE,
        number=number,
        country=COUNTRY,
        region=None if state in ABSENT else state,
        **_on(day("date_received", received)),
    )


def _on(at: datetime) -> When:
    return {"at": at, "at_precision": Precision.DAY}


COMPLAINTS = Source(
    name=SOURCE,
    columns=COLUMNS,
    assumptions="only days are known, so nothing runs in hours; the day of the answer is not told"
    " and taken to be the day the complaint was received or forwarded, whichever is later;"
    " satisfaction was asked for where consumer_disputed says Yes or No",
    purpose="dpv:DisputeManagement",
    place=place_row,
    case=case_of,
    optional=OPTIONAL,
)
