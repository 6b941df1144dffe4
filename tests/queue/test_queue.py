"""Commands through the queue: one effect each, nothing personal in Valkey, outcomes kept."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis
from cryptography.exceptions import InvalidTag

from commands.customer.erase_customer import EraseCustomer
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.refusal import CommandReused
from domain.terms import CollectionSource
from infra.dispatch import Caller, RoleNotAllowed
from infra.home import Home
from infra.product import Product
from infra.queue.commands import CommandQueue
from infra.queue.inbox import Inbox
from infra.queue.worker import working
from infra.vault.inbox_keys import InboxKeys
from infra.vault.kek import InstallationKey
from tests.queue.conftest import Start

ANN = Caller("ann", "crm_admin")
SECRET = "Zoe Secretperson"


def register(market: str = "FR") -> RegisterCustomer:
    return RegisterCustomer(
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        market=market,
        profile=ProfileFields(name=SECRET),
    )


def settled(queue: CommandQueue, command_id: UUID, seconds: float = 30) -> str:
    """The outcome's code, once there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        standing = queue.inbox.standing(command_id)
        if standing is not None and standing.outcome is not None:
            return str(standing.outcome["code"])
        time.sleep(0.05)
    raise AssertionError("it was not settled in time")


def types(product: Product) -> list[str]:
    """Of what happened to customers; the record begins with the rules that ship."""
    recorded = product.record.read_after(0, 1000)
    return [r.header.type for r in recorded if r.header.kind == "customer"]


def test_a_command_sent_is_recorded_by_a_worker_under_its_sender(
    product: Product, queue: CommandQueue
) -> None:
    command_id = uuid4()
    with working(queue):
        queue.send(register(), ANN, command_id)
        assert settled(queue, command_id) == "recorded"
    answered = product.dispatcher.answered(command_id)
    assert answered is not None and answered[0] == "ann"
    assert types(product) == ["SubjectKeyCreated", "CustomerRegistered"]


def test_what_a_person_typed_is_nowhere_in_the_open_and_goes_when_it_is_done(
    product: Product, queue: CommandQueue, redis_url: str
) -> None:
    command_id = uuid4()
    position = queue.send(register(), ANN, command_id)
    with redis.Redis.from_url(redis_url) as client:
        held = [client.dump(key) for key in client.keys("*")]
    assert held
    assert not any(SECRET.encode() in value for value in held if value)
    with product.record.connection() as connection:
        row = connection.execute("SELECT i::text FROM es.inbox i").fetchone()
        assert row is not None and SECRET not in row[0]
        assert SECRET.encode().hex() not in row[0]
    queue.take(position, str(command_id))
    with product.record.connection() as connection:
        assert connection.execute("SELECT payload FROM es.inbox").fetchall() == [(b"",)]


def test_a_message_that_comes_twice_has_one_effect(product: Product, queue: CommandQueue) -> None:
    command_id = uuid4()
    position = queue.send(register(), ANN, command_id)
    for _ in range(2):
        queue.take(position, str(command_id))
    assert queue.send(register(), ANN, command_id) == position
    assert types(product).count("CustomerRegistered") == 1


def test_a_worker_process_killed_with_messages_in_its_hands_leaves_one_effect_each(
    product: Product, queue: CommandQueue, worker_process: Start
) -> None:
    holder = worker_process("holds")
    before, after = uuid4(), uuid4()
    queue.send(register("GB"), ANN, before)
    queue.send(register("DE"), ANN, after)
    assert holder.stdout is not None
    assert {holder.stdout.readline().strip() for _ in range(2)} == {"before", "after"}
    assert types(product).count("CustomerRegistered") == 1
    holder.kill()
    holder.wait()
    worker_process("works")
    assert (settled(queue, before), settled(queue, after)) == ("recorded", "recorded")
    assert types(product).count("CustomerRegistered") == 2
    assert product.dispatcher.answered(before) != product.dispatcher.answered(after)


def test_a_refusal_is_the_outcome_and_is_not_remembered_against_the_id(
    product: Product, queue: CommandQueue
) -> None:
    nobody = EraseCustomer(customer_id=uuid4())
    command_id = uuid4()
    with working(queue):
        queue.send(nobody, ANN, command_id)
        assert settled(queue, command_id) == "not_found"
        standing = queue.inbox.standing(command_id)
        assert standing is not None and standing.outcome is not None
        assert standing.outcome["parameters"]["id"] == str(nobody.customer_id)
        queue.send(register(), ANN, command_id)
        assert settled(queue, command_id) == "recorded"


def test_the_id_of_a_waiting_command_is_not_for_another(queue: CommandQueue) -> None:
    command_id = uuid4()
    queue.send(register("GB"), ANN, command_id)
    with pytest.raises(CommandReused):
        queue.send(register("DE"), ANN, command_id)


def test_a_role_that_may_not_ask_is_told_at_once(product: Product, queue: CommandQueue) -> None:
    with pytest.raises(RoleNotAllowed):
        queue.send(register(), Caller("eve", "auditor"), uuid4())
    with product.record.connection() as connection:
        assert connection.execute("SELECT count(*) FROM es.inbox").fetchone() == (0,)


def test_an_expected_version_goes_with_the_command(product: Product, queue: CommandQueue) -> None:
    command_id = uuid4()
    position = queue.send(register(), ANN, command_id)
    queue.take(position, str(command_id))
    answered = product.dispatcher.answered(command_id)
    assert answered is not None
    customer = answered[1].ids["customer"]
    erase = uuid4()
    queue.take(queue.send(EraseCustomer(customer_id=customer), ANN, erase, 99), str(erase))
    assert settled(queue, erase) == "conflict"


def test_what_was_accepted_and_never_sent_is_sent_by_a_worker(
    product: Product, queue: CommandQueue
) -> None:
    command_id = uuid4()
    queue.inbox.put(register(), ANN, command_id)
    assert queue.send_left_behind(seconds=0) == 1
    assert queue.send_left_behind(seconds=0) == 0
    with working(queue):
        assert settled(queue, command_id) == "recorded"


def test_a_row_given_to_somebody_else_does_not_open(
    product: Product, queue: CommandQueue, tmp_path: Path
) -> None:
    position = queue.send(register(), ANN, uuid4())
    with product.record.connection() as connection:
        connection.execute("UPDATE es.inbox SET actor = 'eve'")
    with pytest.raises(InvalidTag):
        queue.inbox.take(position)
    with pytest.raises(InvalidTag):
        other = InboxKeys(Home.at(tmp_path / "other").keys, InstallationKey(bytes(32)))
        Inbox(product.record.connection, other).take(position)
