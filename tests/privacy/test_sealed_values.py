"""Personal values: sealed from the first event on, opened only through the gate, gone for good."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError

from commands.customer.erase_customer import EraseCustomer
from commands.customer.record_interaction import RecordInteraction
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.customer.events import CustomerRegistered, InteractionRecorded, PersonalDataErased
from domain.keys import SubjectKeyCreated
from domain.personal import Category
from domain.refusal import CustomerErased, Refused
from domain.terms import Channel, Direction
from infra.gate import AccessDenied, Reader, SealedValue, TrailUnavailable, WrongPlace
from infra.product import Product
from infra.vault.token import NotAToken, Place, additional_data, read, write
from infra.vault.unsealing import Tampered
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration

AGENT = Reader("staff:bob", "agent", uuid4())
CARE = "dpv:CustomerCare"
NAUGHTY = Path(__file__).parents[1] / "data" / "naughty_strings.csv.gz"


def name_of(product: Product, customer: UUID) -> SealedValue:
    for r in product.record.read_stream(customer):
        if isinstance(r.event, CustomerRegistered):
            assert r.event.profile.name is not None
            assert r.event.profile.name.token is not None
            return SealedValue(r.event.profile.name.token, customer, "profile.name")
    raise AssertionError


def trail(product: Product) -> list[tuple[object, ...]]:
    with product.record.connection() as connection:
        return connection.execute(
            "SELECT actor, role, purpose, decision, rule, subjects, fields FROM trail.access"
            " ORDER BY id"
        ).fetchall()


class TestSealing:
    def test_the_key_is_announced_before_the_first_event_sealed_under_it(
        self, running: Product, erika: UUID
    ) -> None:
        recorded = running.record.read_stream(erika)
        announced = [r.event for r in recorded[:-1]]
        assert isinstance(recorded[-1].event, CustomerRegistered)
        assert {e.category for e in announced if isinstance(e, SubjectKeyCreated)} == {
            Category.IDENTITY, Category.CONTACT,
        }  # fmt: skip
        with running.key_service.connection() as connection:
            held = dict(
                connection.execute(
                    "SELECT category, commitment FROM keys.subject_key WHERE subject = %s", (erika,)
                )
            )
        assert {e.category: e.commitment for e in announced} == held  # type: ignore[attr-defined]

    def test_a_key_is_announced_once(self, running: Product, erika: UUID) -> None:
        for text in ("first", "second"):
            ask(running, interaction(erika, text))
        types = [r.header.type for r in running.record.read_stream(erika)]
        assert types.count("SubjectKeyCreated") == 3  # identity, contact; then content, once

    def test_nothing_of_a_person_stands_open_anywhere_in_the_database(
        self, running: Product, erika: UUID
    ) -> None:
        with running.key_service.connection() as connection:
            rows = connection.execute(
                "SELECT e::text, encode(body, 'escape') FROM es.events e"
            ).fetchall()
        text = json.dumps(rows)
        assert str(erika) in text
        for personal in ("Erika", "Mustermann", "example.org"):
            assert personal not in text

    def test_a_token_names_its_place_and_opens_nowhere_else(
        self, running: Product, erika: UUID
    ) -> None:
        value = name_of(running, erika)
        token = read(value.token)
        place, nonce, sealed = token.place, token.nonce, token.ciphertext
        assert (place.category, place.generation) == (Category.IDENTITY, 1)
        assert (place.type, place.path) == ("CustomerRegistered", "profile.name")
        assert place.event_id == running.record.read_stream(erika)[-1].header.event_id
        (key,) = running.keyring.for_opening([(erika, Category.IDENTITY, 1)]).values()
        opened = AESGCM(key.secret).decrypt(nonce, sealed, additional_data(erika, place))
        assert opened.decode() == "Erika Mustermann"
        other = ask(running, registration("Max Beispiel")).ids["customer"]
        for moved in (
            SealedValue(value.token, other),
            SealedValue(
                write(Place(place.category, 1, place.event_id, place.type, "x"), nonce, sealed),
                erika,
            ),
            SealedValue(
                write(Place(place.category, 1, uuid4(), place.type, place.path), nonce, sealed),
                erika,
            ),
        ):
            with pytest.raises(Tampered):
                running.gate.open([moved], AGENT, CARE)


class TestOpening:
    def test_the_trail_is_written_before_the_answer(self, running: Product, erika: UUID) -> None:
        assert running.gate.open([name_of(running, erika)], AGENT, CARE) == ["Erika Mustermann"]
        assert trail(running) == [
            (
                "staff:bob", "agent", CARE, "permit", "agent-serves", [erika],
                ["CustomerRegistered.profile.name"],
            )
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("role", "purpose", "rule"),
        [
            ("auditor", CARE, "not-granted"),
            ("analyst", CARE, "not-granted"),
            ("nobody", CARE, "role-not-listed"),
            ("agent", "curiosity", "purpose-not-listed"),
        ],
    )
    def test_a_denial_is_recorded_as_fully_as_an_answer(
        self, running: Product, erika: UUID, role: str, purpose: str, rule: str
    ) -> None:
        with pytest.raises(AccessDenied) as denied:
            running.gate.open([name_of(running, erika)], Reader("x", role, uuid4()), purpose)
        assert denied.value.parameters["rule"] == rule
        (row,) = trail(running)
        noted = "unlisted" if purpose == "curiosity" else purpose
        assert row[1:6] == (role, noted, "deny", rule, [erika])

    def test_a_token_offered_as_another_field_is_refused_and_recorded(
        self, running: Product, erika: UUID
    ) -> None:
        value = name_of(running, erika)._replace(path="profile.email")
        with pytest.raises(WrongPlace):
            running.gate.open([value], AGENT, CARE)
        assert trail(running)[0][3:5] == ("deny", "wrong-place")

    def test_if_the_trail_cannot_be_written_nothing_opens(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        value = name_of(running, erika)
        with psycopg.connect(database) as admin:
            admin.execute("REVOKE INSERT ON trail.access FROM dossier_writer")
        with pytest.raises(TrailUnavailable):
            running.gate.open([value], AGENT, CARE)

    @pytest.mark.parametrize("token", ["", "x", "djE", "Zm9v" * 30, "djEA" + "_" * 400])
    def test_what_is_no_token_is_said_to_be_none(
        self, running: Product, erika: UUID, token: str
    ) -> None:
        with pytest.raises(NotAToken):
            running.gate.open([SealedValue(token, erika)], AGENT, CARE)


class TestErasing:
    @pytest.mark.clause("CB-15.2b")
    def test_destroys_the_keys_and_fences_the_person(self, running: Product, erika: UUID) -> None:
        value = name_of(running, erika)
        erase(running, erika)
        last = running.record.read_stream(erika)[-1].event
        assert isinstance(last, PersonalDataErased)
        assert [(key.category, key.generation) for key in last.keys] == [
            (Category.CONTACT, 1), (Category.IDENTITY, 1),
        ]  # fmt: skip
        assert running.record.stream_row(erika) == (4, "fenced")
        assert running.gate.open([value], AGENT, CARE) == [None]
        with running.key_service.connection() as connection:
            held = connection.execute("SELECT state, wrapped FROM keys.subject_key").fetchall()
        assert set(held) == {("destroyed", None)}

    def test_everything_later_is_refused_by_name(self, running: Product, erika: UUID) -> None:
        erase(running, erika)
        before = len(running.record.read_after(0, 100_000))
        inquiry = ReceiveInquiry(customer_id=erika, channel=Channel.EMAIL, text="again")
        for command in (interaction(erika, "again"), inquiry):
            with pytest.raises(CustomerErased):
                ask(running, command)
        assert len(running.record.read_after(0, 100_000)) == before

    def test_twice_is_once(self, running: Product, erika: UUID) -> None:
        erase(running, erika)
        again = ask(running, EraseCustomer(customer_id=erika))
        assert again.position is None
        types = [r.header.type for r in running.record.read_stream(erika)]
        assert types.count("PersonalDataErased") == 1

    def test_keys_destroyed_before_a_crash_end_in_the_same_erasure(
        self, running: Product, erika: UUID
    ) -> None:
        running.keyring.destroy(erika)
        erase(running, erika)
        assert running.record.stream_row(erika) == (4, "fenced")

    def test_an_outside_id_is_remembered_as_erased_and_no_more(self, running: Product) -> None:
        command = registration(source="shop", external_id="4711")
        customer = ask(running, command).ids["customer"]
        assert ask(running, command).ids["customer"] == customer
        erase(running, customer)
        with pytest.raises(CustomerErased):
            ask(running, command)
        with running.key_service.connection() as connection:
            rows = connection.execute("SELECT subject, token, erased FROM ref.external").fetchall()
        assert rows == [(None, None, True)]
        later = ask(running, registration()).ids["customer"]
        assert later != customer

    def test_an_append_in_flight_loses_to_the_erasure(self, running: Product, erika: UUID) -> None:
        """The key is taken, then destroyed, then the append arrives."""
        ask(running, interaction(erika, "warm the cache"))
        running.keyring.for_sealing([(erika, Category.CONTENT)])
        with running.key_service.connection() as connection:
            connection.execute(
                "UPDATE keys.subject_key SET state = 'destroyed', wrapped = NULL"
                " WHERE subject = %s",
                (erika,),
            )
        with pytest.raises(CustomerErased):
            ask(running, interaction(erika, "too late"))


def interaction(customer: UUID, text: str) -> RecordInteraction:
    return RecordInteraction(
        customer_id=customer, channel=Channel.EMAIL, direction=Direction.INBOUND, content=text
    )


def test_every_naughty_string_comes_back_byte_for_byte_or_is_refused(
    running: Product, erika: UUID
) -> None:
    with gzip.open(NAUGHTY, "rt", encoding="utf-8", newline="") as file:
        strings = [json.loads(row["string_json"]) for row in csv.DictReader(file)]
    assert len(strings) == 515
    refused: list[str] = []
    kept: list[str] = []
    for text in strings:
        try:
            ask(running, interaction(erika, text))
            kept.append(text)
        except (ValidationError, Refused):
            refused.append(text)
    tokens = [
        SealedValue(r.event.content.token or "", erika, "content")
        for r in running.record.read_stream(erika)
        if isinstance(r.event, InteractionRecorded)
    ]
    opened = running.gate.open(tokens, AGENT, CARE)
    assert [text and text.encode() for text in opened] == [text.encode() for text in kept]
    assert len(kept) + len(refused) == 515
    blank = {text for text in strings if not text.strip()}
    assert set(refused) <= blank, "only blank text is refused"


def test_a_lone_surrogate_is_refused_by_name(running: Product, erika: UUID) -> None:
    before = running.record.stream_row(erika)
    with pytest.raises((Refused, ValidationError)):
        ask(running, interaction(erika, "broken \ud83d"))
    assert running.record.stream_row(erika) == before
