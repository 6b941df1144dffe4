"""Under the rules in force every case of the samples comes to the timer events it has on record."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid5

import pytest

from commands.timers.note_due import NoteDue
from domain.event import Event, Recorded
from domain.replaying import recorded_timer_events, replayed
from domain.timers import running_timers
from infra.cli.sla_what_if import EVER
from infra.dispatch import Caller
from infra.home import Home
from infra.imports.run import SOURCES, import_file
from infra.product import Product, assembled, now
from infra.publication.as_of import RulesAsOf
from infra.record.codec import Codec
from infra.servers.owner import Addresses
from infra.trying import Totals, Trial, policy_change
from queries.cases_of_promises import cases_of_promises
from tests.conftest import new_database
from tests.imports.office import DEMO, ROOT


@pytest.fixture(scope="module")
def shop(
    server_addresses: dict[str, str],
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """With all the samples in it."""
    home = Home.at(tmp_path_factory.mktemp("replayed") / "home")
    server, queue = server_addresses["postgres"], server_addresses["valkey"]
    with (
        new_database(server, f"replayed_{worker_id}") as address,
        assembled(home, Addresses(address, queue, owner=False)) as made,
    ):
        for kind in SOURCES:
            import_file(made, kind, ROOT / "demo" / f"{DEMO[kind]}.csv.gz")
        yield made


def histories(product: Product) -> Iterator[list[Recorded[Event]]]:
    """Of every case with a fact that a rule may rest on, whether or not it made a promise."""
    triggers = sorted(product.rules.started_by)
    with product.record.connection() as connection:
        cases = cases_of_promises(connection, triggers, *EVER)
    for case in cases:
        yield product.record.read_stream(case)


def compare(rules: RulesAsOf, history: list[Recorded[Event]]) -> int:
    """How many timer events there are; each comes out byte for byte."""
    recorded = [
        (one.header.type, one.header.at, one.header.at_precision, one.body)
        for one in history
        if one.header.type.startswith("Sla")
    ]
    again = [
        (type(e).__name__, e.at, e.at_precision, Codec(type(e)).encode(e))
        for e in replayed(history, rules.at)
    ]
    assert again == recorded, history[0].header.stream
    return len(recorded)


def test_every_stream_comes_out_byte_for_byte(shop: Product) -> None:
    rules = RulesAsOf(shop.record, shop.rules)
    events = [compare(rules, history) for history in histories(shop)]
    with_promises = [number for number in events if number]
    assert len(events) > len(with_promises) > 1_000
    assert sum(events) > 2 * len(with_promises)


def test_the_version_in_force_tried_as_another_changes_nothing(shop: Product) -> None:
    """Every sample began under the version that has been in force from ever."""
    change = policy_change(shop.rules, "cross_border_crm@1")
    totals = Totals()
    for found in Trial(shop, change, *EVER, now()).fates():
        totals = totals.and_of(found)
        assert [fate for fate in found if fate.changes] == []
    assert totals.promises > 1_000


def test_and_so_does_what_is_noted_after_the_last_fact(shop: Product) -> None:
    """What the timekeeper finds is the beginning of all that ever falls due."""
    rules, noted = RulesAsOf(shop.record, shop.rules), 0
    for history in histories(shop):
        case = history[0].header.stream
        timers = running_timers(recorded_timer_events(history)).values()
        if any(t.deadline and not (t.ended or t.breached) for t in timers):
            note = NoteDue(case_id=case)
            caller = Caller("system:timekeeper", "system")
            shop.dispatcher.dispatch(note, caller, uuid5(case, "noted"))
            after = shop.record.read_stream(case)
            assert len(after) > len(history)
            compare(rules, after)
            noted += 1
    assert noted > 0
