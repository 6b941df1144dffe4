"""Keys and values put where they do not belong: refused by name, nothing opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.personal import Category
from infra.gate import SealedValue
from infra.product import Product
from infra.vault.epochs import bound_to
from infra.vault.keyring import KeyNotAsRecorded, commitment, is_committed
from infra.vault.sealing import fresh_nonces, seal_text
from infra.vault.token import Place, read, write
from infra.vault.unsealing import Tampered
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import AGENT, CARE, alarms, name_of, reads, superuser
from tests.privacy.test_sealed_values import interaction


@pytest.fixture
def max_(running: Product) -> UUID:
    return ask(running, registration("Max Beispiel")).ids["customer"]


def taken(database: str, subject: UUID) -> list[tuple[object, ...]]:
    """What an attacker copies out of the key table."""
    with psycopg.connect(database) as admin:
        return admin.execute(
            "SELECT wrapped, subject, category FROM keys.subject_key WHERE subject = %s", (subject,)
        ).fetchall()


def put_back(database: str, rows: Iterable[Sequence[object]]) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        for row in rows:
            admin.execute(
                "UPDATE keys.subject_key SET state = 'active', wrapped = %s, destroyed_at = NULL"
                " WHERE subject = %s AND category = %s",
                row,
            )


class TestKeyPutBack:
    @pytest.mark.case("KY-04")
    def test_of_somebody_erased_is_left_out_and_an_alarm_is_on_record(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        value, dump = name_of(running, erika), taken(database, erika)
        erase(running, erika)
        put_back(database, dump)
        assert reads(running, value) is None
        assert alarms(running)[0] == ("key-of-erased-person", [erika])

    @pytest.mark.case("KY-04")
    def test_with_every_fence_removed_the_record_itself_refuses_it(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        value, dump = name_of(running, erika), taken(database, erika)
        erase(running, erika)
        put_back(database, dump)
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("DELETE FROM keys.fence")
            admin.execute("UPDATE es.streams SET status = 'open'")
        assert reads(running, value) is None
        assert alarms(running)[0] == ("key-of-erased-person", [erika])


class TestCommitment:
    @pytest.mark.case("KY-07")
    def test_the_key_of_another_person_does_not_unwrap(
        self, running: Product, erika: UUID, max_: UUID, database: str
    ) -> None:
        value = name_of(running, erika)
        stolen = [(wrapped, erika, category) for wrapped, _, category in taken(database, max_)]
        put_back(database, stolen)
        with pytest.raises(KeyNotAsRecorded) as refused:
            reads(running, value)
        assert refused.value.parameters == {
            "customer": str(erika), "category": "identity", "generation": 1,
        }  # fmt: skip
        assert alarms(running) == [("key-commitment", [erika])]

    @pytest.mark.case("KY-07")
    @pytest.mark.parametrize("row_too", [False, True], ids=["the key", "key and commitment"])
    def test_another_key_well_wrapped_is_not_the_one_on_record(
        self, running: Product, erika: UUID, database: str, row_too: bool
    ) -> None:
        """By somebody who can wrap, and who may rewrite the whole row: the event decides."""
        value, forged = name_of(running, erika), os.urandom(32)
        assert running.epochs is not None
        with superuser(running) as connection:
            _, kek = running.epochs.current(connection)
        (wrapped,) = kek.wrap([(forged, bound_to(1, erika, "identity", 1))])
        put_back(database, [(wrapped, erika, "identity")])
        if row_too:
            with psycopg.connect(database, autocommit=True) as admin:
                admin.execute(
                    "UPDATE keys.subject_key SET commitment = %s WHERE category = 'identity'",
                    (commitment(forged),),
                )
        with pytest.raises(KeyNotAsRecorded):
            reads(running, value)
        with pytest.raises(KeyNotAsRecorded):
            running.keyring.for_sealing([(erika, Category.IDENTITY)])
        assert alarms(running) == [("key-commitment", [erika])] * 2

    @pytest.mark.case("KY-07")
    def test_a_row_moved_to_another_epoch_category_or_generation_does_not_unwrap(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        value, rows = name_of(running, erika), taken(database, erika)
        by_category = {str(category): wrapped for wrapped, _, category in rows}
        put_back(database, [(by_category["contact"], erika, "identity")])
        with pytest.raises(KeyNotAsRecorded):
            reads(running, value)
        put_back(database, rows)
        assert reads(running, value) == "Erika Mustermann"
        assert running.epochs is not None
        running.epochs.rotate()
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("UPDATE keys.subject_key SET epoch = 2")
        with pytest.raises(KeyNotAsRecorded):
            running.keyring.for_opening([(erika, Category.CONTACT, 1)])

    def test_a_key_that_no_event_announces_opens_nothing(
        self, running: Product, erika: UUID
    ) -> None:
        running.keyring.for_sealing([(erika, Category.SENSITIVE)])
        with pytest.raises(KeyNotAsRecorded):
            running.keyring.for_opening([(erika, Category.SENSITIVE, 1)])

    def test_tells_keys_apart_to_the_last_bit(self) -> None:
        secret = os.urandom(32)
        assert is_committed(secret, commitment(secret))
        for bit in range(256):
            other = bytes(
                b ^ ((1 << bit % 8) if n == bit // 8 else 0) for n, b in enumerate(secret)
            )
            assert not is_committed(other, commitment(secret))
        assert not is_committed(secret, "")


class TestValuesMoved:
    @pytest.mark.case("KY-05")
    def test_between_two_people_open_for_neither(
        self, running: Product, erika: UUID, max_: UUID
    ) -> None:
        for value, other in (
            (name_of(running, erika), max_),
            (name_of(running, max_), erika),
        ):
            with pytest.raises(Tampered):
                reads(running, value._replace(subject=other))

    @pytest.mark.case("KY-06")
    def test_between_events_or_fields_of_one_person_do_not_open(
        self, running: Product, erika: UUID
    ) -> None:
        token = read(name_of(running, erika).token)
        place, nonce, sealed = token.place, token.nonce, token.ciphertext
        for elsewhere in (
            Place(place.category, 1, uuid4(), place.type, place.path),
            Place(place.category, 1, place.event_id, "ProfileCompleted", place.path),
            Place(place.category, 1, place.event_id, place.type, "profile.phone"),
        ):
            moved = SealedValue(write(elsewhere, nonce, sealed), erika)
            with pytest.raises(Tampered):
                running.gate.open([moved], AGENT, CARE)

    def test_with_any_bit_changed_do_not_open(self, running: Product, erika: UUID) -> None:
        token = read(name_of(running, erika).token)
        place, nonce, sealed = token.place, token.nonce, token.ciphertext
        for n in range(len(sealed)):
            changed = sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]
            with pytest.raises(Tampered):
                running.gate.open([SealedValue(write(place, nonce, changed), erika)], AGENT, CARE)


class TestChance:
    def test_no_nonce_comes_twice_under_one_key(self, running: Product, erika: UUID) -> None:
        """Two thousand values of one person under one key, and as many wraps of one key."""
        for _ in range(3):
            ask(running, interaction(erika, "x"))
        (key,) = running.keyring.for_sealing([(erika, Category.CONTENT)]).values()
        fresh, event = fresh_nonces(), uuid4().bytes
        nonces = Counter(
            read(seal_text(key, event, "InteractionRecorded", "content", "same", next(fresh))).nonce
            for _ in range(2_000)
        )
        assert max(nonces.values()) == 1
        assert running.epochs is not None
        with superuser(running) as connection:
            _, kek = running.epochs.current(connection)
        wraps = Counter(wrapped[:12] for wrapped in kek.wrap([(bytes(32), b"")] * 2_000))
        assert max(wraps.values()) == 1

    def test_no_two_keys_are_alike(self, running: Product) -> None:
        people = [uuid4() for _ in range(500)]
        keys = running.keyring.for_sealing([(p, c) for p in people for c in Category])
        assert len({key.secret for key in keys.values()}) == 2_000
        assert not any(key.secret in (bytes(32), b"\xff" * 32) for key in keys.values())
