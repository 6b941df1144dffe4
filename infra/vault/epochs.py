"""Epochs: one key-encryption key after the other, so that an old one can be destroyed.

`current` wraps new keys, `retiring` ones are only unwrapped from, `destroyed` ones are gone. Each
has a known answer, which opens under the right key only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.refusal import Refused
from infra.vault.kek import KeyFileMissing, WrongKeyFile
from infra.vault.providers import Kek, KekProvider
from infra.vault.unavailable import EpochBehind, KeysUnavailable
from infra.vault.watch import EVERYTHING, tell

LOCK = 4725
_KNOWN = b"dossier known answer v1"
Connect = Callable[[], AbstractContextManager[Connection[Any]]]


class Epoch(NamedTuple):
    """`keys`: how many are wrapped under it. `there`: its key can be had and fits."""

    number: int
    state: str
    made_at: datetime
    destroyed_at: datetime | None
    keys: int
    there: bool


class EpochNotKnown(Refused):
    """There is no such epoch. Parameters: epoch."""


class EpochIsCurrent(Refused):
    """Keys are wrapped under this epoch from now on; rotate first. Parameters: epoch."""


class EpochInUse(Refused):
    """Keys are still wrapped under this epoch; re-wrap first. Parameters: epoch, keys."""


class EarlierEpochLives(Refused):
    """Epochs are destroyed in their order. Parameters: epoch, earlier."""


def bound_to(epoch: int, subject: UUID, category: str, generation: int) -> bytes:
    """What a data key is wrapped together with: moved elsewhere, it does not unwrap."""
    return b"%d|%b|%b|%d" % (epoch, subject.bytes, category.encode(), generation)


class Epochs:
    """The epochs of one database, and their keys as far as a provider has them."""

    def __init__(self, connect: Connect, provider: KekProvider) -> None:
        self.connect = connect
        self.provider = provider
        self._held: dict[int, Kek] = {}

    def begin(self) -> None:
        """Makes the first epoch where there is neither epoch nor key; checks the current one.

        Raises KeyFileMissing, WrongKeyFile, EpochBehind, KeysUnavailable: then nothing personal
        can be used, and no key was made.
        """
        with self.alone() as connection:
            known = connection.execute(
                "SELECT number, state FROM keys.epoch ORDER BY number"
            ).fetchall()
            if all(state == "prepared" for _, state in known):
                empty = connection.execute(
                    "SELECT NOT EXISTS (SELECT FROM keys.subject_key)"
                ).fetchone()
                if empty != (True,):
                    raise KeyFileMissing("the database has keys and no epoch they belong to")
                self._make(connection, 1)
                known = [(1, "current")]
            current = [number for number, state in known if state == "current"]
            if not current:
                raise KeyFileMissing("no epoch is current; finish `dossier keys rotate`")
            self.kek(connection, current[0])
            if self.provider.newest() > known[-1][0]:
                raise EpochBehind(
                    f"the keys are of epoch {self.provider.newest()}, the database of epoch"
                    f" {known[-1][0]}; load the current key snapshot"
                )

    def current(self, connection: Connection[Any]) -> tuple[int, Kek]:
        """The epoch to wrap under, which stays current until the transaction ends."""
        asked = "SELECT number FROM keys.epoch WHERE state = 'current' FOR SHARE"
        # Whoever waited for a rotation finds the old row not current any more and has not seen the
        # new one; asked again, it is seen.
        row = connection.execute(asked).fetchone() or connection.execute(asked).fetchone()
        if row is None:
            raise KeysUnavailable("no epoch is current")
        return int(row[0]), self.kek(connection, row[0])

    def kek(self, connection: Connection[Any], epoch: int) -> Kek:
        """The key of an epoch, checked by its known answer when first used in this process."""
        held = self._held.get(epoch)
        if held is None:
            row = connection.execute(
                "SELECT known_answer FROM keys.epoch WHERE number = %s AND state <> 'destroyed'",
                (epoch,),
            ).fetchone()
            if row is None or row[0] is None:
                raise KeyFileMissing(f"epoch {epoch} has been destroyed")
            held = self.provider.kek(epoch)
            if held.unwrap([(bytes(row[0]), b"")]) != [_KNOWN]:
                raise WrongKeyFile(
                    f"the key-encryption key of epoch {epoch} does not fit this database"
                )
            self._held[epoch] = held
        return held

    def forget(self) -> None:
        """Drops the keys of all epochs; each is asked of the provider anew."""
        self._held.clear()

    def rotate(self, *, current_is_lost: bool = False) -> int:
        """Makes a new epoch, under which every new key is wrapped from now on; its number.

        Killed on the way, it is finished by the next call. Raises what `kek` raises where the
        current key is away or does not fit: a later epoch would hide that nobody earlier opens.
        `current_is_lost`: that is known, and the living are to go on.
        """
        with self.alone() as connection:
            if not current_is_lost:
                self.forget()
                for (epoch,) in connection.execute(
                    "SELECT number FROM keys.epoch WHERE state = 'current'"
                ).fetchall():
                    self.kek(connection, epoch)
            row = connection.execute(
                "SELECT max(number), max(number) FILTER (WHERE state = 'prepared') FROM keys.epoch"
            ).fetchone()
            assert row is not None
            number = row[1] or max(row[0] or 0, self.provider.newest()) + 1
            self._make(connection, number)
        return int(number)

    def _make(self, connection: Connection[Any], number: int) -> None:
        connection.execute(
            "INSERT INTO keys.epoch (number, state) VALUES (%s, 'prepared') ON CONFLICT DO NOTHING",
            (number,),
        )
        self.provider.make(number)
        kek = self.provider.kek(number)
        (answer,) = kek.wrap([(_KNOWN, b"")])
        with connection.transaction():
            connection.execute("UPDATE keys.epoch SET state = 'retiring' WHERE state = 'current'")
            connection.execute(
                "UPDATE keys.epoch SET state = 'current', known_answer = %s WHERE number = %s",
                (answer, number),
            )
            tell(connection, EVERYTHING)
        self._held[number] = kek

    def listed(self) -> Sequence[Epoch]:
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT e.number, e.state, e.made_at, e.destroyed_at, count(k.wrapped)"
                " FROM keys.epoch e LEFT JOIN keys.subject_key k ON k.epoch = e.number"
                " GROUP BY e.number ORDER BY e.number"
            ).fetchall()
            return [
                Epoch(number, state, made, destroyed, keys, self._there(connection, number))
                for number, state, made, destroyed, keys in rows
            ]

    def _there(self, connection: Connection[Any], epoch: int) -> bool:
        try:
            self.kek(connection, epoch)
        except KeysUnavailable:
            return False
        return True

    def destroy(self, epoch: int) -> int:
        """Destroys an epoch under which nothing is wrapped any more; the epoch that is current.

        The key goes first and the row afterwards: killed in between, the next call finishes.
        Raises EpochNotKnown, EpochIsCurrent, EpochInUse, EarlierEpochLives, and what `kek` raises
        where the current epoch's key does not fit: nothing is destroyed then.
        """
        with self.alone() as connection:
            rows = dict(connection.execute("SELECT number, state FROM keys.epoch").fetchall())
            if epoch not in rows:
                raise EpochNotKnown(epoch=epoch)
            if rows[epoch] in ("current", "prepared"):
                raise EpochIsCurrent(epoch=epoch)
            current = next(number for number, state in rows.items() if state == "current")
            if rows[epoch] == "destroyed":
                return int(current)
            if earlier := [n for n, state in rows.items() if n < epoch and state != "destroyed"]:
                raise EarlierEpochLives(epoch=epoch, earlier=min(earlier))
            self.forget()
            self.kek(connection, current)
            if left := _wrapped_under(connection, epoch):
                raise EpochInUse(epoch=epoch, keys=left)
            self.provider.destroy(epoch)
            with connection.transaction():
                connection.execute(
                    "UPDATE keys.epoch SET state = 'destroyed', destroyed_at = clock_timestamp()"
                    " WHERE number = %s",
                    (epoch,),
                )
                tell(connection, EVERYTHING)
        return int(current)

    @contextmanager
    def alone(self) -> Iterator[Connection[Any]]:
        """A connection while nobody else changes epochs."""
        with self.connect() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            try:
                yield connection
            finally:
                connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _wrapped_under(connection: Connection[Any], epoch: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM keys.subject_key WHERE epoch = %s AND wrapped IS NOT NULL", (epoch,)
    ).fetchone()
    assert row is not None
    return int(row[0])
