"""Conversations of a help desk, as tickets: sentences of comments, public and private.

The customer's first public comment is the enquiry. A public comment of somebody who is not in
charge, within a minute of it, was sent by a machine and answers nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from typing import NamedTuple, cast

from commands.command import History
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.event import Event
from domain.outside import outside_id
from domain.personal import Personal
from domain.terms import Channel, CollectionSource, CustomerKind
from domain.ticket.events import (
    InquiryReceived,
    InternalNoteAdded,
    TicketAssigned,
    TicketEvent,
)
from domain.ticket.evolve import evolve
from domain.ticket.ticket import Ticket, receive
from infra.imports.case import (
    Case,
    Fields,
    LeftOut,
    Person,
    Source,
    Standing,
    Verdict,
    came_late,
    late_rows,
    recorded_refs,
)
from infra.imports.problem import RowProblem
from infra.imports.reading import Row
from infra.imports.spool import Placed
from infra.imports.values import integer, number_of, one_of, required, short, utc

SOURCE = "conversations"
COLUMNS = (
    "issue_id",
    "comment_id",
    "comment_seq",
    "utr_seq",
    "created_utc",
    "is_private",
    "author",
    "author_role",
    "text",
)
REPORTER, ASSIGNEE, OTHERS = "reporter", "assignee", "others"
ROLES = frozenset({REPORTER, ASSIGNEE, OTHERS})
AUTOMATIC_WITHIN = timedelta(minutes=1)
LONGEST_SENTENCE, SENTENCES = 100_000, 10**6


class Comment(NamedTuple):
    id: str
    at: datetime
    private: bool
    author: str
    role: str
    text: str
    rows: Sequence[Row]


def place_row(fields: Fields) -> Placed:
    issue, comment, sequence, sentence, created, private, author, role, text = fields
    number_of("issue_id", issue)
    number_of("comment_id", comment)
    one_of("is_private", private, frozenset({"true", "false"}))
    one_of("author_role", role, ROLES)
    required("author", author)
    short("text", text, LONGEST_SENTENCE)
    at = utc("created_utc", created)
    number = integer("comment_seq", sequence) * SENTENCES + integer("utr_seq", sentence)
    return Placed(issue, number, at, at)


def case_of(number: str, rows: Sequence[Row], notes: Counter[str]) -> Case | LeftOut:
    comments = list(comments_of(rows))
    asked = next((c for c in comments if c.role == REPORTER and not c.private), None)
    if asked is None:
        notes["tickets without a public comment of the customer"] += 1
    reporter = next((c.author for c in comments if c.role == REPORTER), None)
    opened_at = comments[0].at if asked is None else asked.at

    def decide(standing: Standing, history: History | None) -> Verdict:
        opened = InquiryReceived(
            customer=standing.customer,
            channel=Channel.OTHER,
            market=standing.market,
            tier=standing.tier,
            text=None if asked is None else Personal(asked.text),
            source=SOURCE,
            number=number,
            at=opened_at,
        )
        return heard(number, comments, asked, reporter, opened, history)

    registered = CustomerRegistered(
        kind=CustomerKind.PERSON if reporter else CustomerKind.ANONYMOUS,
        collection_source=CollectionSource.SERVICE_CONVERSATION,
        source=SOURCE,
        profile=Profile(),
        at=opened_at,
    )
    return Case(
        number=number,
        kind="ticket",
        stream=outside_id("ticket", SOURCE, number),
        person=Person(reporter, registered),
        rows=rows,
        decide=decide,
    )


def comments_of(rows: Sequence[Row]) -> Iterator[Comment]:
    """Sentences of a comment make one text, a line each. RowProblem if they disagree about what a
    comment has one of: what is private would be shown, or an answer be somebody else's."""
    for comment, sentences in groupby(rows, lambda row: row.fields[1]):
        held = list(sentences)
        spoken = [row.fields for row in held]
        if len({fields[4:8] for fields in map(tuple, spoken)}) > 1:
            raise RowProblem(
                "lines_disagree",
                f"rows of comment {comment} differ in time, author, role or privacy",
            )
        _, _, _, _, created, private, author, role, _ = spoken[0]
        yield Comment(
            id=comment,
            at=utc("created_utc", created),
            private=private == "true",
            author=author,
            role=role,
            text="\n".join(fields[8] for fields in spoken),
            rows=held,
        )


def heard(
    number: str,
    comments: Sequence[Comment],
    asked: Comment | None,
    reporter: str | None,
    opened: InquiryReceived,
    history: History | None,
) -> Verdict:
    """The facts of the comments that are not on record yet."""
    ticket: Ticket | None = None
    if history is not None:
        ticket = reduce(evolve, cast("list[TicketEvent]", history.facts), ticket)
    known = recorded_refs(history)
    facts: list[Event] = []
    refs: list[str] = []

    def record(ref: str, events: Sequence[TicketEvent]) -> None:
        nonlocal ticket
        for event in events:
            facts.append(event)
            refs.append(ref)
            ticket = evolve(ticket, event)

    record(f"{SOURCE}:{number}:{asked.id if asked else ''}", receive(ticket, opened))
    names = [f"{SOURCE}:{number}:{comment.id}" for comment in comments]
    late = late_rows(names, known)
    refused: list[tuple[Row, RowProblem]] = []
    for comment, ref in zip(comments, names, strict=True):
        assert ticket is not None, "it is on record or received just now"
        if ref in late:
            refused += [(row, came_late()) for row in comment.rows]
            continue
        if ref in known or (comment is asked and history is None):
            continue
        since = comment.at - opened.at
        automatic = (
            comment.role == OTHERS
            and not comment.private
            and timedelta() <= since <= AUTOMATIC_WITHIN
        )
        record(ref, said(ticket, comment, reporter, automatic))
    return Verdict(facts, refs, refused)


def said(
    ticket: Ticket, comment: Comment, reporter: str | None, automatic: bool
) -> list[TicketEvent]:
    """Who is in charge is told by the roles of those who write. What the source calls a customer
    stays out of the clear, whatever role they write in."""
    text, at = Personal(comment.text), comment.at
    if comment.role == REPORTER:
        if comment.private:
            return [InternalNoteAdded(text=text, at=at)]
        return ticket.customer_wrote(text, at=at)
    if automatic:
        return ticket.auto_reply(text, at=at)
    staff = REPORTER if comment.author == reporter else comment.author
    events: list[TicketEvent] = []
    if comment.role == ASSIGNEE:
        events = ticket.assign(owner=staff, at=at)
    elif ticket.owner == staff:
        events = [TicketAssigned(previous_owner=staff, at=at)]
    speak = ticket.add_note if comment.private else ticket.send_message
    return [*events, *speak(text=text, staff=staff, at=at)]


CONVERSATIONS = Source(
    name=SOURCE,
    columns=COLUMNS,
    assumptions="a public comment by others within a minute of the enquiry is an automatic reply;"
    " the channel is not told",
    purpose="dpv:CustomerCare",
    place=place_row,
    case=case_of,
)
