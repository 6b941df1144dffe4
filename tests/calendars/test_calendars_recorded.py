"""Decisions rest on the calendars on record, whichever process published them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from commands.calendar.assign_service_calendar import AssignServiceCalendar
from commands.calendar.draft_calendar import DraftCalendar
from commands.calendar.publish_calendar import PublishCalendar
from commands.command import Command
from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.calendar.assignment import REGISTER
from domain.calendar.calendar import calendar_stream
from domain.calendar.events import CalendarDrafted, CalendarPublished, ServiceCalendarAssigned
from domain.terms import Channel, CollectionSource
from domain.timer_events import SlaTimersStarted
from domain.timers import Rulebook
from infra.calendars.recorded import calendar_on_record, calendars_on_record
from infra.calendars.shipping import SHIPPED, Release, ship, shipped_file
from infra.dispatch import Caller, Dispatcher, Result
from infra.home import Home
from infra.policies import shipped_rulebook
from infra.product import Product, assembled, new_id, now
from infra.record.postgres import PostgresRecord
from infra.servers.owner import Addresses
from infra.vault.kek import InstallationKey
from infra.vault.memory_keyring import MemoryKeyring


@pytest.fixture
def products(home: Home, database: str, redis_url: str) -> Iterator[tuple[Product, Product]]:
    """Two of them over one record, as two processes are."""
    addresses = Addresses(database, redis_url, owner=False)
    with ExitStack() as opened:
        yield (
            opened.enter_context(assembled(home, addresses)),
            opened.enter_context(assembled(home, addresses)),
        )


def ask(product: Product, command: Command, role: str = "crm_admin") -> Result:
    return product.dispatcher.dispatch(command, Caller("ann", role), uuid4())


def calendars_of(product: Product, ticket: Result) -> set[str]:
    """By which calendars the promises of a ticket are counted."""
    events = product.record.read_stream(ticket.ids["ticket"])
    started = [r.event for r in events if isinstance(r.event, SlaTimersStarted)]
    return {timer.calendar for event in started for timer in event.timers}


def inquire(product: Product, market: str) -> Result:
    customer = ask(
        product,
        RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market=market),
    ).ids["customer"]
    return ask(
        product,
        ReceiveInquiry(
            customer_id=customer,
            channel=Channel.EMAIL,
            text="Where is it?",
            at=datetime.now(UTC) - timedelta(minutes=1),  # noqa: TID251
        ),
        "agent",
    )


def publish(product: Product, id: str, version: int) -> None:
    """Open around the clock, so that it is told from every other."""
    drafted = DraftCalendar(
        calendar_id=id,
        says=f"Around the clock, {version}",
        zone="Europe/Paris",
        weekly=(("00:00-24:00",),) * 7,
    )
    ask(product, drafted)
    ask(product, PublishCalendar(calendar_id=id, version=version))


def test_what_ships_is_published_once_and_says_so(products: tuple[Product, Product]) -> None:
    first, second = products
    for id, version in SHIPPED.items():
        events = [r.event for r in first.record.read_stream(calendar_stream(id))]
        drafted, published = events
        assert isinstance(drafted, CalendarDrafted) and isinstance(published, CalendarPublished)
        assert (published.version, published.published_by) == (version, "dossier")
        assert published.shipped and published.digest == drafted.content.digest
        known = calendar_on_record(second.record, id)
        assert known is not None and known.versions[version].approved_by is None
    ship(second.dispatcher, second.record)
    assert first.record.stream_row(REGISTER) == (len(shipped_rulebook().calendars), "open")


def test_the_record_says_what_the_files_say(products: tuple[Product, Product]) -> None:
    on_record = calendars_on_record(products[0].record).services()
    assert dict(on_record) == dict(shipped_rulebook().calendars)


def test_what_one_process_publishes_the_other_decides_by(
    products: tuple[Product, Product],
) -> None:
    first, second = products
    assert calendars_of(second, inquire(second, "FR")) == {"cn@1"}
    publish(first, "fr", 1)
    assert calendars_of(second, inquire(second, "FR")) == {"cn@1"}
    ask(first, AssignServiceCalendar(market="FR", calendar_id="fr", version=1))
    assert calendars_of(second, inquire(second, "FR")) == {"fr@1"}
    publish(second, "fr", 2)
    assert calendars_of(first, inquire(first, "FR")) == {"fr@2"}
    assert calendars_of(second, inquire(second, "FR")) == {"fr@2"}


def test_not_before_the_day_it_was_assigned_from(products: tuple[Product, Product]) -> None:
    first, second = products
    publish(first, "fr", 1)
    later = datetime.now(UTC).date() + timedelta(days=30)  # noqa: TID251
    ask(first, AssignServiceCalendar(market="FR", calendar_id="fr", version=1, from_day=later))
    assert calendars_of(second, inquire(second, "FR")) == {"cn@1"}
    assert calendars_on_record(second.record).assigned("FR", on=later).name == "fr@1"


def test_read_as_it_stood_at_a_position(products: tuple[Product, Product]) -> None:
    first, _ = products
    publish(first, "fr", 1)
    assigned = ask(first, AssignServiceCalendar(market="FR", calendar_id="fr", version=1))
    assert assigned.position is not None
    before = calendars_on_record(first.record, until=assigned.position - 1)
    after = calendars_on_record(first.record, until=assigned.position)
    assert (before.assigned("FR").name, after.assigned("FR").name) == ("cn@1", "fr@1")


def test_the_statutory_hours_stay_those_of_their_kind(products: tuple[Product, Product]) -> None:
    calendars = calendars_on_record(products[0].record)
    assert calendars.assigned("US", kind="statutory", on=date(2026, 1, 1)).name == "us-statutory@1"
    assert calendars.assigned("US", on=date(2026, 1, 1)).name == "us@1"
    made = products[0].record.read_stream(REGISTER)[0].event
    assert isinstance(made, ServiceCalendarAssigned) and made.from_day is None


def test_processes_that_begin_at_once_publish_once(database: str) -> None:
    """Four that all find nothing on record."""
    records = [PostgresRecord(database) for _ in range(4)]
    all_ready = Barrier(len(records))

    def begin(record: PostgresRecord) -> None:
        keyring = MemoryKeyring({}, {})
        dispatcher = Dispatcher(
            record, keyring, InstallationKey(bytes(32)), Rulebook(), clock=now, new_id=new_id
        )
        record.stream_row(REGISTER)
        all_ready.wait()
        ship(dispatcher, record)

    with ThreadPoolExecutor(len(records)) as pool:
        list(pool.map(begin, records))
    with records[0].connection() as connection:
        row = connection.execute(
            "SELECT count(*) FROM es.events WHERE type = 'CalendarPublished'"
        ).fetchone()
    for record in records:
        record.close()
    assert row == (len(SHIPPED),)


def test_a_later_release_drafts_what_it_brings(products: tuple[Product, Product]) -> None:
    running, _ = products
    german = shipped_file("de")
    brought = {
        "de": {**german, "version": 2, "weekly": {"mon": ["10:00-12:00"]}},
        "at": {**german, "id": "at", "market": "AT", "zone": "Europe/Vienna"},
        "cn": {**shipped_file("cn"), "version": 2},
    }
    release = Release({"de": 2, "at": 1, "cn": 2}, brought.__getitem__)
    for _ in range(2):
        ship(running.dispatcher, running.record, release)
    known = {id: calendar_on_record(running.record, id) for id in brought}
    assert {id: found and list(found.versions) for id, found in known.items()} == {
        "de": [1],
        "at": [],
        "cn": [1],
    }
    drafts = [found.draft for found in known.values() if found and found.draft]
    assert [(one.calendar, one.version, one.drafted_by) for one in drafts] == [
        ("de", 2, "dossier"),
        ("at", 1, "dossier"),
    ]
    assert len(running.record.read_stream(calendar_stream("de"))) == 3
    ask(running, PublishCalendar(calendar_id="de", version=2))
    assert calendars_on_record(running.record).assigned("DE", on=now()).name == "de@2"
