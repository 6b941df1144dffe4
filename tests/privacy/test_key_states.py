"""Active, restricted, destroyed: per category, with a fence, and back only from restricted."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from domain.keys import ProcessingRestricted
from domain.personal import Category
from domain.refusal import CustomerErased
from infra.product import Product
from infra.vault.ledger import ErasureLedger
from infra.vault.postgres_keyring import PostgresKeyring
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import name_of, reads, superuser
from tests.privacy.test_sealed_values import interaction

ALL = [(category, 1) for category in (Category.IDENTITY, Category.CONTACT, Category.CONTENT)]


@pytest.fixture
def person(running: Product, erika: UUID) -> UUID:
    """With keys of three categories."""
    ask(running, interaction(erika, "hello"))
    return erika


def states(product: Product, subject: UUID) -> dict[str, str]:
    opened = product.keyring.for_opening([(subject, *key) for key in ALL])
    return {category.value: key.state for (_, category, _), key in opened.items()}


class TestRestricting:
    def test_some_categories_leaves_the_others_active(self, running: Product, person: UUID) -> None:
        running.keyring.restrict(person, [Category.CONTACT, Category.CONTENT])
        assert states(running, person) == {
            "identity": "active", "contact": "restricted", "content": "restricted",
        }  # fmt: skip

    def test_adds_nothing_under_a_restricted_key(self, running: Product, person: UUID) -> None:
        running.keyring.restrict(person, [Category.CONTENT])
        with pytest.raises(ProcessingRestricted) as refused:
            ask(running, interaction(person, "more"))
        assert refused.value.parameters == {"customer": str(person), "category": "content"}

    def test_a_category_that_has_no_key_yet_gets_none(self, running: Product, erika: UUID) -> None:
        running.keyring.restrict(erika, list(Category))
        with pytest.raises(ProcessingRestricted):
            ask(running, interaction(erika, "the first"))
        running.keyring.lift(erika, list(Category))
        ask(running, interaction(erika, "the first"))

    def test_is_lifted_and_repeated_at_will(self, running: Product, person: UUID) -> None:
        for _ in range(2):
            running.keyring.restrict(person, list(Category))
            running.keyring.restrict(person, list(Category))
            assert set(states(running, person).values()) == {"restricted"}
            running.keyring.lift(person, list(Category))
            running.keyring.lift(person, list(Category))
            assert set(states(running, person).values()) == {"active"}
        ask(running, interaction(person, "as before"))

    def test_an_append_in_flight_loses_to_it(self, running: Product, person: UUID) -> None:
        """The key is taken for sealing, then restricted by another process, which is not heard."""
        running.keyring.for_sealing([(person, Category.CONTENT)])
        with superuser(running) as connection:
            connection.execute("UPDATE keys.subject_key SET state = 'restricted'")
        with pytest.raises((CustomerErased, ProcessingRestricted)):
            ask(running, interaction(person, "too late"))


class TestDestroying:
    def test_some_categories_fences_those_and_leaves_the_others(
        self, running: Product, person: UUID
    ) -> None:
        destroyed = running.keyring.destroy(person, [Category.CONTENT])
        assert [(key.category, key.generation) for key in destroyed] == [(Category.CONTENT, 1)]
        assert states(running, person) == {"identity": "active", "contact": "active"}
        assert reads(running, name_of(running, person)) == "Erika Mustermann"
        with pytest.raises(CustomerErased):
            ask(running, interaction(person, "again"))

    def test_a_category_that_never_had_a_key_gets_none(self, running: Product, erika: UUID) -> None:
        assert running.keyring.destroy(erika, [Category.CONTENT]) == []
        with pytest.raises(CustomerErased):
            ask(running, interaction(erika, "the first"))

    def test_again_names_the_same_keys(self, running: Product, person: UUID) -> None:
        first = running.keyring.destroy(person)
        assert len(first) == 3
        assert running.keyring.destroy(person) == first
        assert running.keyring.destroy(person, [Category.CONTACT]) == first[:1]

    def test_is_final(self, running: Product, person: UUID) -> None:
        running.keyring.destroy(person)
        running.keyring.restrict(person, list(Category))
        running.keyring.lift(person, list(Category))
        assert states(running, person) == {}
        with pytest.raises(CustomerErased):
            running.keyring.for_sealing([(person, Category.CONTENT)])

    def test_part_by_part_and_then_the_rest_is_the_whole(
        self, running: Product, person: UUID
    ) -> None:
        for category in (Category.CONTENT, Category.CONTACT):
            running.keyring.destroy(person, [category])
        erase(running, person)
        assert states(running, person) == {}
        assert running.record.stream_row(person) is not None

    def test_is_in_the_ledger_before_it_is_in_the_database(
        self, running: Product, person: UUID
    ) -> None:
        running.keyring.destroy(person, [Category.CONTACT])
        running.keyring.destroy(person)
        ledger = ErasureLedger(running.home.keys / "erased", running.installation)
        assert [(e.subject, e.categories) for e in ledger.entries()] == [
            (person, frozenset({Category.CONTACT})), (person, None),
        ]  # fmt: skip

    def test_by_many_at_once_is_one(self, running: Product, person: UUID) -> None:
        answers: list[object] = []
        threads = [
            threading.Thread(target=lambda: answers.append(running.keyring.destroy(person)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 8
        assert all(answer == answers[0] for answer in answers)


def test_a_new_person_is_not_touched_by_what_was_done_to_another(
    running: Product, person: UUID
) -> None:
    other = ask(running, registration("Max Beispiel")).ids["customer"]
    running.keyring.restrict(person, list(Category))
    running.keyring.destroy(person)
    assert reads(running, name_of(running, other)) == "Max Beispiel"


@pytest.mark.parametrize("change", ["restrict", "destroy", "destroy all"])
def test_a_key_made_at_the_same_moment_does_not_slip_through(running: Product, change: str) -> None:
    """Whoever makes the first key of a category and whoever fences it, again and again at once."""
    assert running.epochs is not None
    makers = PostgresKeyring(running.epochs.connect, running.epochs)
    people = [uuid4() for _ in range(150)]
    together = threading.Barrier(2)

    def make() -> None:
        for person in people:
            together.wait()
            with suppress(CustomerErased, ProcessingRestricted):
                makers.for_sealing([(person, Category.CONTENT)])

    thread = threading.Thread(target=make)
    thread.start()
    for person in people:
        together.wait()
        if change == "restrict":
            running.keyring.restrict(person, [Category.CONTENT])
        else:
            running.keyring.destroy(person, [Category.CONTENT] if change == "destroy" else None)
    thread.join()
    with superuser(running) as connection:
        states = connection.execute(
            "SELECT state FROM keys.subject_key WHERE subject = ANY(%s)", (people,)
        ).fetchall()
    assert {state for (state,) in states} <= {"restricted" if change == "restrict" else "destroyed"}
