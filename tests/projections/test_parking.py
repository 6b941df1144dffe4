"""An event that cannot be applied waits, with every later one of its key; all else goes on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from operator import attrgetter
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest

from infra.projector import Projector, rebuild, wait_for
from infra.projector.builds import Projections, connected
from infra.projector.parking import ATTEMPTS, Parked, is_poison, parked
from infra.projector.rebuilding import ensure
from infra.projector.running import replay
from infra.projector.worker import Worker, watermark
from infra.record.registry import registry
from projections.catalogue import PROJECTIONS
from projections.copied import Copied
from projections.customers import CUSTOMERS
from projections.history import HISTORY
from projections.orders import ORDERS
from projections.projection import BodyReader, Entry, Heading, Projection, Rows
from projections.tickets import TICKETS
from tests.projections.life import Life, bought, erase, lived
from tests.projections.shop import Shop, contents


class Poison(Exception):
    """The fold of a test cannot apply this event."""


def poisoned(projection: Projection[Any], *poison: int) -> Projections:
    """As it is, except that it cannot apply the events at these positions."""

    def fold(rows: Rows[Any], entry: Entry) -> None:
        if entry.header.position in poison:
            raise Poison
        projection.fold(rows, entry)

    return {projection.name: replace(projection, fold=fold)}


def on_record(shop: Shop, stream: UUID) -> list[int]:
    return [r.header.position for r in shop.record.read_stream(stream)]


def stuck(shop: Shop) -> list[Parked]:
    with shop.reading() as connection:
        return parked(connection)


def everything_but(shop: Shop, table: str, key: str, value: UUID) -> list[dict[str, Any]]:
    return [row for row in shop.rows(table) if row[key] != value]


@pytest.fixture
def two(shop: Shop) -> tuple[Life, Life]:
    """Two lives, and projections that have read nothing of them yet."""
    with connected(shop.dsn) as connection:
        for projection in PROJECTIONS.values():
            ensure(connection, projection)
    return lived(shop), lived(shop, 2)


class TestParking:
    def test_the_first_is_tried_three_times_and_the_later_ones_of_its_key_wait(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        sick, well = two
        positions = of_tickets(shop, on_record(shop, sick.ticket))
        tried = 0

        def fold(rows: Rows[Any], entry: Entry) -> None:
            nonlocal tried
            if entry.header.position == positions[0]:
                tried += 1
                raise Poison
            TICKETS.fold(rows, entry)

        shop.catch_up({"tickets": replace(TICKETS, fold=fold)})
        (first,) = stuck(shop)
        assert (first.name, first.key, first.position) == ("tickets", sick.ticket, positions[0])
        assert (first.attempts, first.waiting) == (ATTEMPTS, len(positions) - 1)
        assert first.error == f"Poison:  (while tickets read position {positions[0]})"
        assert tried >= ATTEMPTS
        assert [row["ticket"] for row in shop.rows("tickets")] == [well.ticket]

    def test_what_was_before_the_poison_stays_and_nothing_behind_it_is_shown(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        sick, _ = two
        third = of_tickets(shop, on_record(shop, sick.ticket))[2]
        shop.catch_up(poisoned(TICKETS, third))
        row = shop.row("tickets", ticket=sick.ticket)
        assert (row["owner"], row["first_reply_at"], row["state"]) == ("bob", None, "received")
        (first,) = stuck(shop)
        assert first.position == third

    @pytest.mark.parametrize("batch", [1, 2, 3, 7, 5_000])
    def test_the_rest_is_as_if_the_key_had_never_been(
        self, shop: Shop, two: tuple[Life, Life], batch: int
    ) -> None:
        sick, _ = two
        shop.catch_up({"tickets": TICKETS})
        whole = everything_but(shop, "tickets", "ticket", sick.ticket)
        with connected(shop.dsn) as connection:
            (sicker,) = poisoned(
                TICKETS, of_tickets(shop, on_record(shop, sick.ticket))[0]
            ).values()
            with psycopg.connect(shop.dsn) as admin:
                admin.execute("UPDATE es.tracking SET position = 0 WHERE name = 'tickets'")
                admin.execute("TRUNCATE p_tickets_v1.tickets")
            worker = Worker(connection, ensure(connection, sicker), batch=batch)
            worker.catch_up(watermark(connection))
        assert shop.rows("tickets") == whole
        (first,) = stuck(shop)
        assert first.waiting == len(of_tickets(shop, on_record(shop, sick.ticket))) - 1

    def test_what_comes_later_waits_too(self, shop: Shop, two: tuple[Life, Life]) -> None:
        sick, well = two
        (registered,) = all_registered(shop, sick.customer)
        first_keys = poisoned(CUSTOMERS, registered)
        shop.catch_up(first_keys)
        (before,) = stuck(shop)
        assert before.position == registered
        bought(shop, sick.customer, "A9", "1", 1)
        bought(shop, well.customer, "B9", "1", 1)
        shop.catch_up(first_keys)
        (after,) = stuck(shop)
        assert after.waiting == before.waiting + 1
        assert [row["customer"] for row in shop.rows("customers")] == [well.customer]

    def test_of_a_row_copied_by_the_server_the_whole_customer_waits(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        sick, well = two
        at = of_tickets(shop, on_record(shop, sick.ticket))[0]

        def split(type_: str, facts: dict[str, Any]) -> dict[str, str]:
            if type_ == "InquiryReceived" and facts["customer"] == str(sick.customer):
                raise Poison
            return HISTORY.split(type_, facts)

        shop.catch_up({"history": replace(HISTORY, split=split)})
        (first,) = stuck(shop)
        assert (first.key, first.position) == (sick.customer, at)
        rows = shop.rows("history", customer=sick.customer)
        assert rows
        assert max(row["position"] for row in rows) < at
        shop.catch_up({"history": HISTORY})
        assert replay(shop.dsn, "history") == (1 + first.waiting, 0)
        assert_as_fresh(shop, "history")
        assert shop.rows("history", customer=well.customer)

    def test_one_that_raises_on_every_event_parks_them_all(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        def fold(rows: Rows[Any], entry: Entry) -> None:
            raise Poison

        projector = Projector(shop.dsn, {"orders": replace(ORDERS, fold=fold)})
        with connected(shop.dsn) as connection:
            projector.turn(connection, {})
        assert projector.stopped == {}
        assert shop.rows("orders") == []
        assert len(stuck(shop)) == 4
        assert replay(shop.dsn, "orders") == (4, 0)
        assert_as_fresh(shop, "orders")


class TestInfrastructure:
    @pytest.mark.parametrize(
        "fault",
        [
            psycopg.errors.DiskFull(),
            psycopg.errors.SerializationFailure(),
            psycopg.InterfaceError(),
            psycopg.errors.UndefinedTable(),
            OSError(),
            MemoryError(),
        ],
        ids=lambda fault: type(fault).__name__,
    )
    def test_never_parks(self, shop: Shop, two: tuple[Life, Life], fault: Exception) -> None:
        assert not is_poison(fault)

        def fold(rows: Rows[Any], entry: Entry) -> None:
            raise fault

        with pytest.raises(type(fault)):
            shop.catch_up({"orders": replace(ORDERS, fold=fold)})
        assert stuck(shop) == []
        shop.catch_up({"orders": ORDERS})
        assert len(shop.rows("orders")) == 4

    def test_is_tried_again_for_as_long_as_it_takes(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        failing = [OSError(), psycopg.errors.DiskFull(), psycopg.errors.DeadlockDetected()]

        def fold(rows: Rows[Any], entry: Entry) -> None:
            if failing:
                raise failing.pop()
            ORDERS.fold(rows, entry)

        projector, stop = Projector(shop.dsn, {"orders": replace(ORDERS, fold=fold)}), Signal()
        thread = Thread(target=projector.run, args=(stop,))
        thread.start()
        try:
            last = max(life.position for life in two)
            assert wait_for(shop.record.connection, last, ["orders"], 30)
        finally:
            stop.set()
            thread.join()
        assert (failing, projector.stopped, stuck(shop)) == ([], {}, [])
        assert len(shop.rows("orders")) == 4

    @pytest.mark.parametrize(
        "fault", [psycopg.errors.CheckViolation(), psycopg.DataError(), KeyError()], ids=repr
    )
    def test_what_an_event_brings_about_does(self, fault: Exception) -> None:
        assert is_poison(fault)


class TestReplaying:
    def test_gives_what_a_fresh_fold_gives(self, shop: Shop, two: tuple[Life, Life]) -> None:
        sick, _ = two
        positions = of_tickets(shop, on_record(shop, sick.ticket))
        shop.catch_up(poisoned(TICKETS, positions[1]))
        assert replay(shop.dsn, "tickets") == (len(positions) - 1, 0)
        assert stuck(shop) == []
        assert_as_fresh(shop, "tickets")

    def test_stops_at_what_still_cannot_be_applied(
        self, shop: Shop, two: tuple[Life, Life]
    ) -> None:
        sick, _ = two
        positions = of_tickets(shop, on_record(shop, sick.ticket))
        shop.catch_up(poisoned(TICKETS, positions[1]))
        later = poisoned(TICKETS, positions[3])
        assert replay(shop.dsn, "tickets", projections=later) == (2, len(positions) - 3)
        (first,) = stuck(shop)
        assert (first.position, first.attempts) == (positions[3], 1)
        assert first.error.startswith("Poison")
        assert replay(shop.dsn, "tickets", key=UUID(int=7)) == (0, 0)
        assert replay(shop.dsn, "tickets", key=sick.ticket) == (len(positions) - 3, 0)
        assert_as_fresh(shop, "tickets")

    @pytest.mark.parametrize("name", ["tickets", "customers"])
    def test_brings_back_no_token_that_was_erased_meanwhile(
        self, shop: Shop, two: tuple[Life, Life], name: str
    ) -> None:
        sick, _ = two
        poison = {
            "tickets": of_tickets(shop, on_record(shop, sick.ticket))[0],
            "customers": all_registered(shop, sick.customer)[0],
        }[name]
        shop.catch_up(poisoned(PROJECTIONS[name], poison))
        erase(shop, sick.customer)
        shop.catch_up({name: PROJECTIONS[name]})
        replay(shop.dsn, name)
        assert stuck(shop) == []
        (row,) = shop.rows(name, customer=sick.customer)
        tokens = [row[column] for column in PROJECTIONS[name].table.tokens]
        assert tokens == [None] * len(tokens)
        assert_as_fresh(shop, name)

    def test_an_erasure_goes_past_a_parked_key(self, shop: Shop, two: tuple[Life, Life]) -> None:
        sick, _ = two
        last = of_tickets(shop, on_record(shop, sick.ticket))[-1]
        shop.catch_up(poisoned(TICKETS, last))
        assert shop.row("tickets", ticket=sick.ticket)["subject_token"] is not None
        erase(shop, sick.customer)
        shop.catch_up(poisoned(TICKETS, last))
        assert shop.row("tickets", ticket=sick.ticket)["subject_token"] is None


def assert_as_fresh(shop: Shop, name: str) -> None:
    replayed = contents(shop.dsn, {name: PROJECTIONS[name]})
    rebuild(shop.dsn, name)
    assert contents(shop.dsn, {name: PROJECTIONS[name]}) == replayed


def of_tickets(shop: Shop, positions: list[int]) -> list[int]:
    """Those that the tickets listen to."""
    with shop.reading() as connection:
        return [
            position
            for (position,) in connection.execute(
                "SELECT position FROM es.events WHERE position = ANY(%s) AND type = ANY(%s)"
                " ORDER BY position",
                (positions, list(TICKETS.types or ())),
            )
        ]


def all_registered(shop: Shop, customer: UUID) -> list[int]:
    with shop.reading() as connection:
        return [
            position
            for (position,) in connection.execute(
                "SELECT position FROM es.events WHERE subject = %s AND type = 'CustomerRegistered'",
                (customer,),
            )
        ]


def every_entry(shop: Shop) -> list[Entry]:
    reader = BodyReader(registry().decode, registry().values)
    with shop.reading() as connection:
        return [
            Entry(Heading._make(row[:-1]), row[-1], reader)
            for row in connection.execute(
                f"SELECT {', '.join(Heading._fields)}, body FROM es.events ORDER BY position"
            )
        ]


@pytest.mark.parametrize("name", PROJECTIONS)
def test_a_row_is_touched_under_one_key_only(shop: Shop, two: tuple[Life, Life], name: str) -> None:
    """Else an event that goes on could change a row that one before it waits to change."""
    projection = PROJECTIONS[name]
    assert projection.parks_by is not None
    key_of = attrgetter(projection.parks_by)
    if isinstance(projection, Copied):
        return
    keys: dict[Any, set[UUID]] = defaultdict(set)
    for entry in every_entry(shop):
        if (
            entry.header.type in (projection.types or ())
            and entry.header.type != "PersonalDataErased"
        ):
            for row in projection.keys(entry):
                keys[row].add(key_of(entry.header))
    assert {row: len(held) for row, held in keys.items() if len(held) > 1} == {}
