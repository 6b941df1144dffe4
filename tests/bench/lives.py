"""Tickets as a desk lives through them, for benchmarks: OPEN at a time, twelve events each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from commands.command import Append, Write
from domain.event import Event
from domain.personal import Personal
from domain.terms import Channel, WaitingFor
from domain.ticket.events import (
    CustomerMessageReceived,
    FirstResponseSent,
    InquiryReceived,
    InternalNoteAdded,
    MessageSent,
    TicketAssigned,
    TicketClosed,
    TicketResolved,
    TicketWaiting,
    TicketWaitingEnded,
    TicketWorkStarted,
)
from infra.product import Product, new_id, now
from infra.record.batch import Outcome, Submission
from infra.vault.sealing import Decided, Provenance

OPEN = 400
TEXT = "The parcel has not arrived; the tracking page has said the same for nine days. " * 2

Chapter = Callable[[UUID], Event]
LIFE: tuple[Chapter, ...] = (
    lambda customer: InquiryReceived(
        at=now(),
        customer=customer,
        channel=Channel.EMAIL,
        market="DE",
        language="de",
        text=Personal(TEXT),
        source="bench",
    ),
    lambda _: TicketAssigned(at=now(), owner="staff:7", group="returns"),
    lambda _: TicketWorkStarted(at=now()),
    lambda _: FirstResponseSent(at=now(), staff="staff:7", language="de", text=Personal(TEXT)),
    lambda _: CustomerMessageReceived(at=now(), text=Personal(TEXT)),
    lambda _: MessageSent(at=now(), staff="staff:7", text=Personal(TEXT)),
    lambda _: TicketWaiting(at=now(), waiting_for=WaitingFor.CUSTOMER),
    lambda _: TicketWaitingEnded(at=now()),
    lambda _: InternalNoteAdded(at=now(), staff="staff:7", text=Personal(TEXT)),
    lambda _: MessageSent(at=now(), staff="staff:7", text=Personal(TEXT)),
    lambda _: TicketResolved(at=now(), result="replaced"),
    lambda _: TicketClosed(at=now()),
)


def lives(customers: list[UUID], events: int) -> Iterator[list[Decided]]:
    """At least so many events, in batches of OPEN commands: one event of each open ticket."""
    for _ in range(-(-events // (OPEN * len(LIFE)))):
        tickets = [(new_id(), customers[n % len(customers)]) for n in range(OPEN)]
        for version, chapter in enumerate(LIFE):
            yield [
                Decided(
                    command_id=new_id(),
                    fingerprint=b"\0" * 32,
                    provenance=Provenance("staff:7", "agent", "dpv:CustomerCare", new_id()),
                    append=Append(
                        writes=[
                            Write(
                                kind="ticket",
                                stream=ticket,
                                subject=customer,
                                expected=version,
                                events=[chapter(customer)],
                                market="DE",
                                policies="cross_border_crm@1",
                            )
                        ],
                        guards=[],
                        ids={},
                    ),
                )
                for ticket, customer in tickets
            ]


def live(running: Product, customers: list[UUID], events: int) -> int:
    """Records them; how many there were."""
    recorded = 0
    for decided in lives(customers, events):
        submissions: list[Submission] = list(running.dispatcher.sealer.seal(decided))
        for answer in running.record.append(submissions):
            assert answer.outcome is Outcome.RECORDED, answer
            recorded += len(answer.positions)
    return recorded
