"""The key that seals queued commands ends, and with it what logs and backups keep of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag

from infra.dispatch import Caller
from infra.product import Product
from infra.queue.commands import CommandQueue
from infra.queue.inbox import Inbox
from infra.queue.worker import inbox_of
from infra.vault.inbox_keys import InboxKeys
from tests.queue.test_queue import ANN, SECRET, register


def payload_of(product: Product, position: int) -> bytes:
    with product.record.connection() as connection:
        row = connection.execute(
            "SELECT payload FROM es.inbox WHERE position = %s", (position,)
        ).fetchone()
    assert row is not None
    return bytes(row[0])


def about(command_id: UUID) -> bytes:
    return b"\0".join((command_id.bytes, b"RegisterCustomer", b"ann", b"crm_admin"))


@pytest.mark.case("KY-08")
def test_a_copy_in_a_backup_opens_until_the_key_has_ended_and_what_waits_goes_on(
    product: Product, queue: CommandQueue
) -> None:
    command_id = uuid4()
    position = queue.inbox.put(register(), ANN, command_id)
    copy = payload_of(product, position)
    keys = InboxKeys(product.home.keys, product.installation)
    assert SECRET.encode() in keys.open(copy, about(command_id)), "the negative control"
    assert inbox_of(product).renew_key() == 1
    for opener in (keys, InboxKeys(product.home.keys, product.installation)):
        with pytest.raises(InvalidTag):
            opener.open(copy, about(command_id))
    waiting = queue.inbox.take(position)
    assert waiting is not None and waiting.caller == Caller("ann", "crm_admin")
    assert [path.name for path in product.home.keys.glob("inbox-*")] == ["inbox-2"]


def test_nothing_accepted_is_lost_while_keys_end(product: Product, queue: CommandQueue) -> None:
    queue.inbox.put(register(), ANN, uuid4())

    def put(_: int) -> int:
        return inbox_of(product).put(register(), ANN, uuid4())

    with ThreadPoolExecutor(4) as pool:
        putting = pool.map(put, range(60))
        ended = [inbox_of(product).renew_key() for _ in range(5)]
        positions = list(putting)
    assert len(ended) == 5
    assert all(queue.inbox.take(position) is not None for position in positions)


def test_what_was_sealed_before_there_were_such_keys_opens_and_is_sealed_anew(
    product: Product, queue: CommandQueue
) -> None:
    command_id = uuid4()
    position = queue.inbox.put(register(), ANN, command_id)
    keys = InboxKeys(product.home.keys, product.installation)
    text = keys.open(payload_of(product, position), about(command_id))
    nonce = bytes(12)
    earlier = nonce + product.installation.inbox().encrypt(nonce, text, about(command_id))
    with product.record.connection() as connection:
        connection.execute("UPDATE es.inbox SET payload = %s", (earlier,))
    assert queue.inbox.take(position) is not None
    queue.inbox.renew_key()
    assert payload_of(product, position) != earlier
    assert queue.inbox.take(position) is not None


def test_a_row_that_does_not_open_keeps_no_key_alive(product: Product, queue: CommandQueue) -> None:
    position = queue.inbox.put(register(), ANN, uuid4())
    with product.record.connection() as connection:
        connection.execute("UPDATE es.inbox SET actor = 'eve'")
    queue.inbox.renew_key()
    assert len(list(product.home.keys.glob("inbox-*"))) == 1
    with pytest.raises(InvalidTag):
        Inbox(product.record.connection, InboxKeys(product.home.keys, product.installation)).take(
            position
        )
