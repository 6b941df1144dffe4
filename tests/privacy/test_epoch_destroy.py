"""Destroying an epoch: only when nothing is under it, once, on record, and killed half way."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from domain.keys import KEYRING, KekEpochDestroyed
from infra.home import Home
from infra.product import Product, now
from infra.projector import catch_up
from infra.vault.destroying import destroy_epoch
from infra.vault.epochs import (
    EarlierEpochLives,
    EpochInUse,
    EpochIsCurrent,
    EpochNotKnown,
    Epochs,
)
from infra.vault.kek import KeyFileMissing, WrongKeyFile
from infra.vault.providers.file import FileKeks
from infra.vault.rewrap import rewrap
from infra.verify import verify
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import many_keys, name_of, reads, superuser


@pytest.fixture
def epochs(running: Product) -> Epochs:
    assert running.epochs is not None
    return running.epochs


@pytest.fixture
def rewrapped(running: Product, erika: UUID, epochs: Epochs) -> Epochs:
    """Epoch 2 is current, and nothing is under epoch 1 any more."""
    epochs.rotate()
    rewrap(epochs)
    return epochs


def destroy(product: Product, epoch: int) -> int:
    assert product.epochs is not None
    return destroy_epoch(product.record, product.epochs, epoch, actor="cli:ann", at=now())


def on_record(product: Product) -> list[tuple[int, int]]:
    said = [recorded.event for recorded in product.record.read_stream(KEYRING)]
    return [(e.epoch, e.succeeded_by) for e in said if isinstance(e, KekEpochDestroyed)]


def states(product: Product) -> dict[int, str]:
    with superuser(product) as connection:
        return dict(connection.execute("SELECT number, state FROM keys.epoch").fetchall())


@pytest.mark.case("KY-02")
def test_the_key_is_gone_the_record_says_so_and_the_living_are_readable(
    running: Product, erika: UUID, rewrapped: Epochs
) -> None:
    destroy(running, 1)
    assert states(running) == {1: "destroyed", 2: "current"}
    assert on_record(running) == [(1, 2)]
    assert not (running.home.keys / "kek-1").exists()
    assert reads(running, name_of(running, erika)) == "Erika Mustermann"
    with superuser(running) as connection:
        assert verify(connection).finding is None
        with pytest.raises(KeyFileMissing):
            rewrapped.kek(connection, 1)


def test_again_is_answered_with_the_same_event(running: Product, rewrapped: Epochs) -> None:
    assert destroy(running, 1) == destroy(running, 1)
    assert on_record(running) == [(1, 2)]


class TestRefused:
    def test_while_a_key_is_under_it(self, running: Product, erika: UUID, epochs: Epochs) -> None:
        many_keys(running, 3)
        epochs.rotate()
        with pytest.raises(EpochInUse) as refused:
            destroy(running, 1)
        assert refused.value.parameters == {"epoch": 1, "keys": 5}

    def test_while_it_is_current_or_not_there_or_a_later_one(
        self, running: Product, rewrapped: Epochs
    ) -> None:
        rewrapped.rotate()
        rewrap(rewrapped)
        for number, refusal in (
            (3, EpochIsCurrent), (4, EpochNotKnown), (0, EpochNotKnown), (2, EarlierEpochLives),
        ):  # fmt: skip
            with pytest.raises(refusal):
                destroy(running, number)
        assert states(running) == {1: "retiring", 2: "retiring", 3: "current"}

    def test_where_the_current_key_is_not_the_right_one(
        self, running: Product, rewrapped: Epochs
    ) -> None:
        """Otherwise the last readable copy of everything would be destroyed."""
        path = running.home.keys / "kek-2"
        kept = path.read_bytes()
        path.write_text("00" * 32)
        with pytest.raises(WrongKeyFile):
            destroy(running, 1)
        path.unlink()
        with pytest.raises(KeyFileMissing):
            destroy(running, 1)
        assert (running.home.keys / "kek-1").exists()
        path.write_bytes(kept)
        destroy(running, 1)

    def test_nothing_is_recorded_or_destroyed(
        self, running: Product, erika: UUID, epochs: Epochs
    ) -> None:
        epochs.rotate()
        with pytest.raises(EpochInUse):
            destroy(running, 1)
        assert on_record(running) == []
        assert (running.home.keys / "kek-1").exists()


class Dies(FileKeks):
    """Files of keys in a process that ends before or after a key is destroyed."""

    def __init__(self, folder: Path, *, before: bool) -> None:
        super().__init__(folder)
        self._before = before

    def destroy(self, epoch: int) -> None:
        if not self._before:
            super().destroy(epoch)
        raise KeyboardInterrupt


@pytest.mark.parametrize("moment", ["before the key", "after the key", "after the row"])
def test_killed_half_way_it_is_finished_by_the_next_call(
    running: Product, erika: UUID, rewrapped: Epochs, moment: str
) -> None:
    if moment == "after the row":
        rewrapped.destroy(1)
    else:
        dies = Dies(running.home.keys, before=moment == "before the key")
        with pytest.raises(KeyboardInterrupt):
            Epochs(rewrapped.connect, dies).destroy(1)
        assert states(running)[1] == "retiring", "never called destroyed before it is"
    assert on_record(running) == []
    destroy(running, 1)
    assert states(running)[1] == "destroyed"
    assert on_record(running) == [(1, 2)]
    assert not (running.home.keys / "kek-1").exists()
    assert reads(running, name_of(running, erika)) == "Erika Mustermann"


@pytest.mark.case("KY-02", "KY-08")
def test_a_row_put_back_from_before_cannot_be_unwrapped(
    running: Product, erika: UUID, epochs: Epochs
) -> None:
    """Of somebody who lives, so that no fence is in the way: it is the epoch that is gone."""
    with superuser(running) as connection:
        dump = connection.execute(
            "SELECT wrapped, subject, category FROM keys.subject_key"
        ).fetchall()
    epochs.rotate()
    rewrap(epochs)
    destroy(running, 1)
    with superuser(running) as connection:
        for row in dump:
            connection.execute(
                "UPDATE keys.subject_key SET wrapped = %s, epoch = 1"
                " WHERE subject = %s AND category = %s",
                row,
            )
    with pytest.raises(KeyFileMissing):
        reads(running, name_of(running, erika))


def test_the_stream_of_the_keyring_is_about_nobody_and_keeps_its_chain(
    running: Product, rewrapped: Epochs, database: str
) -> None:
    destroy(running, 1)
    ask(running, registration("Max Beispiel"))
    rewrapped.rotate()
    rewrap(rewrapped)
    destroy(running, 2)
    assert on_record(running) == [(1, 2), (2, 3)]
    with psycopg.connect(database) as connection:
        assert verify(connection).finding is None
        row = connection.execute(
            "SELECT kind, subject, version, status FROM es.streams WHERE stream = %s", (KEYRING,)
        ).fetchone()
    assert row == ("keyring", KEYRING, 2, "open")


def test_the_read_models_take_it_in(running: Product, rewrapped: Epochs, database: str) -> None:
    position = destroy(running, 1)
    catch_up(database)
    with psycopg.connect(database) as connection:
        behind = connection.execute(
            "SELECT count(*) FROM es.tracking WHERE position < %s", (position,)
        ).fetchone()
    assert behind == (0,)


def test_no_epoch_is_made_over_a_current_key_that_does_not_fit(
    running: Product, home: Home
) -> None:
    """The next start would look at the new one alone, and find nothing wrong."""
    assert running.epochs is not None
    ask(running, registration())
    file = next(path for path in home.keys.iterdir() if path.name in ("kek-1", "kek"))
    right = file.read_text("ascii")
    file.write_text("00" * 32 + "\n", "ascii")
    running.epochs.forget()
    with pytest.raises(WrongKeyFile):
        running.epochs.rotate()
    assert [epoch.number for epoch in running.epochs.listed()] == [1]
    assert running.epochs.rotate(current_is_lost=True) == 2
    file.write_text(right, "ascii")
    assert rewrap(running.epochs) > 0
