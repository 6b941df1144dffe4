"""Cases with promises that fall due when a test needs it, and what has been noted in them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from commands.command import Append, Write
from commands.customer.register_customer import RegisterCustomer
from domain.event import Event, Recorded
from domain.terms import Channel, CollectionSource
from domain.ticket.events import InquiryReceived
from domain.timer_events import Milestone, SlaTimersStarted, StartedTimer
from infra.dispatch import Caller
from infra.product import Product, new_id
from infra.projector.running import Projector, catch_up
from infra.record.batch import Outcome
from infra.record.group import append_through_races
from infra.timekeeper.running import Timekeeper
from infra.vault.sealing import Decided, Provenance

HOUR = timedelta(hours=1)
BATCH = 500


def promise(due: datetime, *plan: Milestone) -> StartedTimer:
    """Of an hour, by the calendar."""
    return StartedTimer(
        timer=new_id(),
        cycle=1,
        metric="first_response",
        rule="cb-10.1a",
        clause="CB-10.1a",
        policy="cross_border_crm@1",
        calendar="cn@1",
        target="PT1H elapsed",
        started_at=due - HOUR,
        due_at=due,
        fulfilled_by="FirstResponseSent",
        plan=plan or None,
    )


def cases(
    product: Product, promises: Sequence[StartedTimer], run: UUID | None = None
) -> list[UUID]:
    """A ticket of a new customer for each; `run`: recorded by an import."""
    customer = registered(product)
    tickets = [new_id() for _ in promises]
    decided = [
        Decided(
            command_id=new_id(),
            fingerprint=None,
            provenance=Provenance("staff:7", "agent", "dpv:CustomerCare", run or new_id()),
            append=Append(writes=[_opened(customer, ticket, made)], ids={}),
        )
        for ticket, made in zip(tickets, promises, strict=True)
    ]
    for n in range(0, len(decided), BATCH):
        sealed = product.dispatcher.sealer.seal(decided[n : n + BATCH])
        answers = append_through_races(product.record, sealed)
        assert {answer.outcome for answer in answers} == {Outcome.RECORDED}
    return tickets


def registered(product: Product) -> UUID:
    command = RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED, market="CN")
    caller = Caller("ann", "crm_admin")
    return product.dispatcher.dispatch(command, caller, new_id()).ids["customer"]


def _opened(customer: UUID, ticket: UUID, made: StartedTimer) -> Write:
    at = made.started_at
    events: list[Event] = [
        InquiryReceived(customer=customer, channel=Channel.EMAIL, market="CN", at=at),
        SlaTimersStarted(timers=(made,), at=at),
    ]
    return Write(
        kind="ticket", stream=ticket, subject=customer, expected=0, events=events, market="CN"
    )


def noted(product: Product, ticket: UUID) -> list[Recorded[Event]]:
    return [
        one
        for one in product.record.read_stream(ticket)
        if one.header.type in ("SlaBreached", "SlaWarningReached", "SlaEscalated")
    ]


def noted_of(product: Product, tickets: Sequence[UUID]) -> Counter[UUID]:
    return Counter(one.header.stream for ticket in tickets for one in noted(product, ticket))


def breaches(product: Product) -> int:
    with product.record.connection() as db:
        row = db.execute("SELECT count(*) FROM es.events WHERE type = 'SlaBreached'").fetchone()
    assert row is not None
    return int(row[0])


def caught_up(product: Product) -> None:
    catch_up(product.addresses.database_url)


@contextmanager
def keeping_time(product: Product, timekeepers: int = 1) -> Iterator[None]:
    """The index followed, and so many timekeepers, as long as the block runs."""
    stop = threading.Event()
    runs = [Projector(product.addresses.database_url).run]
    runs += [Timekeeper(product).run for _ in range(timekeepers)]
    threads = [threading.Thread(target=run, args=(stop,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
