"""Under which key a person is found, and what becomes of the index when it changes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from commands.customer.correct_profile import CorrectProfile
from domain.customer.profile import CorrectionReason, ProfileField
from infra.blind_index import BlindIndexUnavailable, forget
from infra.blind_index.finding import rows_of_subject
from infra.blind_index.keys import BlindKey
from infra.blind_index.rebuilding import Rebuilder
from infra.product import Product, new_id
from tests.commands.erasing import erase
from tests.privacy.conftest import ask
from tests.privacy.searching import find, person, register, rows


class TestKeys:
    @pytest.mark.case("KY-14")
    def test_without_the_key_the_numbers_of_a_country_tell_nothing(self, running: Product) -> None:
        """An attacker with the table and a guessed key tries numbers around the right one."""
        jane = register(running, phone="+4930901820", email="jane@example.com")
        held = {bytes(h) for (h,) in rows(running, "SELECT hash FROM ref.blind_index")}
        right = running.blind_index.keys.current()
        guesses = [f"+49309{number:05d}" for number in range(20_000)] + ["+4930901820"]
        chance = random.Random(1)
        for secret in (bytes(32), chance.randbytes(32), bytes.fromhex("00" * 31 + "01")):
            wrong = BlindKey(1, secret)
            assert not held & {wrong.hash("phone", "DE", number) for number in guesses}
        assert (
            right.hash("phone", "DE", "+4930901820") in held
        )  # with the key it is a minute's work
        assert right.hash("phone", "FR", "+4930901820") not in held
        assert jane

    def test_the_key_is_a_file_of_its_own(self, running: Product) -> None:
        register(running, email="jane@example.com")
        path = running.home.keys / "blind-index-1"
        assert path.stat().st_mode & 0o777 == 0o600
        secrets = {p.read_text().strip() for p in running.home.keys.iterdir() if p.is_file()}
        assert len(secrets) == len([p for p in running.home.keys.iterdir() if p.is_file()])

    @pytest.mark.parametrize("content", [None, "00" * 32, "no key"])
    def test_without_its_key_people_are_recorded_and_not_found(
        self, running: Product, content: str | None, tmp_path: Path
    ) -> None:
        register(running, email="first@example.com")
        path = running.home.keys / "blind-index-1"
        kept = path.read_text()
        running.blind_index.keys.forget_loaded()
        path.unlink()
        if content is not None:
            path.write_text(content)
        later = register(running, email="later@example.com")
        with pytest.raises(BlindIndexUnavailable):
            find(running, "email", "later@example.com")
        path.write_text(kept)
        assert find(running, "email", "later@example.com") == []
        rebuilder(running).rebuild()
        assert find(running, "email", "later@example.com") == [later]


def rebuilder(product: Product) -> Rebuilder:
    return Rebuilder(product.record, product.gate, product.blind_index.keys, new_id)


def index(product: Product) -> list[tuple[Any, ...]]:
    return rows(
        product,
        "SELECT subject, kind, market, hash::text FROM ref.blind_index UNION ALL"
        " SELECT subject, kind, market, grams::text FROM ref.blind_grams ORDER BY 1, 2",
    )


class TestRebuilding:
    def test_gives_the_same_rows_as_the_commands_did(self, running: Product) -> None:
        jane = register(running, email="jane@example.com", phone="030 9018 2077", name="Jane Doe")
        register(running, "CN", name="张伟", company="某某公司")
        ask(
            running,
            CorrectProfile(
                customer_id=jane,
                why=CorrectionReason.ENTRY_ERROR,
                profile=person(name="Jane Roe"),
                remove=(ProfileField.PHONE,),
            ),
        )
        gone = register(running, email="gone@example.com")
        erase(running, gone)
        before = index(running)
        with running.record.connection() as connection:
            forget(connection, jane)
        assert index(running) != before
        done = rebuilder(running).rebuild()
        assert (done.customers, done.left) == (2, 0)
        assert index(running) == before

    def test_drops_whoever_can_no_longer_be_opened(self, running: Product) -> None:
        """As after the restore of a backup: the rows are back, the keys are not."""
        jane = register(running, email="jane@example.com", name="Jane Doe")
        max_ = register(running, email="max@example.com")
        running.keyring.destroy(jane)
        rebuilder(running).rebuild()
        with running.record.connection() as connection:
            assert rows_of_subject(connection, jane) == 0
        assert find(running, "email", "max@example.com") == [max_]

    def test_a_new_key_changes_every_row_and_the_old_one_is_gone(self, running: Product) -> None:
        jane = register(running, email="jane@example.com", name="Jane Doe")
        before = {row[3] for row in index(running)}
        rebuilder(running).rotate()
        assert not before & {row[3] for row in index(running)}
        assert [p.name for p in running.home.keys.glob("blind-index-*")] == ["blind-index-2"]
        assert find(running, "email", "jane@example.com") == [jane]
        later = register(running, email="later@example.com")
        assert find(running, "email", "later@example.com") == [later]
        assert rows(running, "SELECT DISTINCT generation FROM ref.blind_index") == [(2,)]
