"""What analysts see of a promise: one row per timer and cycle, with its times and its counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from commands.ticket.put_ticket_on_hold import PutTicketOnHold
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.resume_ticket import ResumeTicket
from commands.ticket.send_first_response import SendFirstResponse
from domain.terms import Channel, WaitingFor
from infra.dispatch import Caller
from infra.product import Product
from tests.timekeeper.promised import caught_up, registered

CRM = Caller("ann", "crm_admin")
TEN = datetime(2026, 6, 9, 2, tzinfo=UTC)
"""In Shanghai it is ten in the morning of a Tuesday."""
MINUTE = timedelta(minutes=1)


def waited(product: Product, answered: datetime) -> UUID:
    """An inquiry, twenty minutes in which it waited for the customer, and an answer."""
    ticket = product.dispatcher.dispatch(
        ReceiveInquiry(customer_id=registered(product), channel=Channel.EMAIL, at=TEN), CRM, uuid4()
    ).ids["ticket"]
    for command in (
        PutTicketOnHold(ticket_id=ticket, waiting_for=WaitingFor.CUSTOMER, at=TEN + 10 * MINUTE),
        ResumeTicket(ticket_id=ticket, at=TEN + 30 * MINUTE),
        SendFirstResponse(ticket_id=ticket, text="Here", at=answered),
    ):
        product.dispatcher.dispatch(command, CRM, uuid4())
    return ticket


def test_a_row_says_what_was_promised_what_came_of_it_and_how_long_it_took(
    running: Product,
) -> None:
    kept = waited(running, TEN + 45 * MINUTE)
    broken = waited(running, TEN + 120 * MINUTE)
    caught_up(running)
    with psycopg.connect(running.addresses.database_url) as db:
        db.execute("SET ROLE dossier_reader")
        rows = {
            row[0]: row[1:]
            for row in db.execute(
                "SELECT stream, cycle, started_at, due_at, state, fulfilled_at,"
                " paused_seconds / 60, elapsed_seconds / 60, rule, clause, policy,"
                " split_part(calendar, '@', 1)"
                " FROM read.sla_timers WHERE metric = 'first_response'"
            )
        }
        columns = db.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'mart' AND table_name = 'sla_timers'"
        ).fetchall()
    due, rule = TEN + 80 * MINUTE, ("cb-10.1a", "CB-10.1a", "cross_border_crm@1", "cn")
    assert rows[kept] == (1, TEN, due, "fulfilled", TEN + 45 * MINUTE, 20, 25, *rule)
    assert rows[broken] == (1, TEN, due, "breached", TEN + 120 * MINUTE, 20, 100, *rule)
    assert {"started_at", "paused_seconds", "elapsed_seconds", "policy"} <= {c for (c,) in columns}


def test_a_pause_that_goes_on_is_not_counted_yet(running: Product) -> None:
    ticket = running.dispatcher.dispatch(
        ReceiveInquiry(customer_id=registered(running), channel=Channel.EMAIL, at=TEN), CRM, uuid4()
    ).ids["ticket"]
    held = PutTicketOnHold(ticket_id=ticket, waiting_for=WaitingFor.CUSTOMER, at=TEN + 10 * MINUTE)
    running.dispatcher.dispatch(held, CRM, uuid4())
    caught_up(running)
    with running.record.connection() as db:
        row = db.execute(
            "SELECT paused_seconds, paused_since, elapsed_seconds / 60, state FROM read.sla_timers"
            " WHERE metric = 'first_response'"
        ).fetchone()
    assert row == (0, TEN + 10 * MINUTE, 10, "paused")
