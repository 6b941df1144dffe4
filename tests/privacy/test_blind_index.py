"""A person is found by what they go by, and nothing of it is stored."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import ValidationError

from commands.customer.complete_profile import CompleteProfile
from commands.customer.correct_profile import CorrectProfile
from domain.customer.profile import CorrectionReason, ProfileField
from infra.blind_index import forget, found, spelling
from infra.blind_index.finding import SearchTooShort, rows_of_subject
from infra.blind_index.keys import hkdf
from infra.gate import AccessDenied, Reader
from infra.product import Product
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.searching import BOB, CARE, find, person, register, reviews, rows


def wide(text: str) -> str:
    """In the fullwidth letters of Chinese and Japanese keyboards."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


class TestSpelling:
    @pytest.mark.case("KY-15")
    def test_variants_of_an_address_are_one(self) -> None:
        variants = (
            "Jane@Example.com",
            "JANE@EXAMPLE.COM",
            wide("JANE@example.com"),
            " jane@example.com\n",
        )
        assert {spelling.email(text) for text in variants} == {"jane@example.com"}
        assert spelling.email("Straße@x.de") == spelling.email("STRASSE@x.de")
        assert spelling.email("jane.@example.com") != spelling.email("jane@example.com")

    @pytest.mark.case("KY-15")
    @pytest.mark.parametrize(
        "hidden", ["\u200b", "\u200d", "\u202e", "\ufeff", "\x00", "\x07", "\u2028", "\u00ad"]
    )
    @pytest.mark.parametrize("field", ["email", "phone"])
    def test_what_nobody_sees_is_refused_by_name(self, field: str, hidden: str) -> None:
        with pytest.raises(ValidationError) as refused:
            person(**{field: f"jane@exa{hidden}mple.com"})
        (error,) = refused.value.errors()
        assert (error["type"], error["loc"]) == ("invisible_character", (field,))
        assert "mple.com" not in str(refused.value)

    def test_a_number_is_read_as_one_of_its_country(self) -> None:
        assert spelling.phone("030 9018-2077", "DE") == "+493090182077"
        assert spelling.phone("+49 (30) 90182077", "US") == "+493090182077"
        assert spelling.phone("+86 138 0013 8000", None) == "+8613800138000"
        assert spelling.phone("ext. 12", None) == "12"

    @pytest.mark.case("AC-20")
    def test_letters_that_look_alike_are_one_and_accents_are_not(self) -> None:
        assert spelling.skeleton("J\u0430ne Doe") == spelling.skeleton("Jane Doe")
        assert spelling.skeleton("\u03a1aul") == spelling.skeleton("Paul")
        for accented in ("René", "Zoë", "Łukasz", "Øyvind", "Nguyễn", "Lærke", "I\u015f\u0131k"):
            bare = accented.translate(str.maketrans("éëŁØễæş\u0131", "eeLOeasi"))
            assert spelling.skeleton(accented) != spelling.skeleton(bare)

    def test_hkdf_is_that_of_rfc_5869(self) -> None:
        secret, salt, info = bytes([11]) * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))
        assert hkdf(secret, salt, info).hex() == (
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        )

    def test_contacts_in_a_text_are_seen(self) -> None:
        text = "call my wife (030 9018-2077) or mail Her.Name@Example.org, order 4711, 12:30"
        assert spelling.contacts_in(text, "DE") == ({"her.name@example.org"}, {"+493090182077"})
        assert spelling.contacts_in("x" * 200_000 + "@" * 1_000, "DE") == (set(), set())


class TestFinding:
    def test_by_any_spelling_of_e_mail_and_phone(self, running: Product) -> None:
        jane = register(running, email="Jane@Example.com", phone="030 9018 2077", name="Jane Doe")
        other = register(running, email="jane@example.org", name="Jane Roe")
        assert find(running, "email", wide("JANE@example.com")) == [jane]
        assert find(running, "phone", "+49 30 90182077") == [jane]
        assert find(running, "email", "jane@example.org") == [other]
        assert find(running, "email", "nobody@example.org") == []

    def test_by_name_roughly_and_what_does_not_fit_is_left_out(self, running: Product) -> None:
        wanted = register(running, name="Zoë Żółkiewska")
        register(running, name="Max Mustermann")
        company = ask(running, registration(profile=person(company="Zoltan & Sons Ltd"))).ids[
            "customer"
        ]
        assert find(running, "name", "zoe zolkiewska") == [wanted]
        assert find(running, "name", "Zolkiewska") == [wanted]
        assert find(running, "name", "ZOLTAN") == [company]
        assert find(running, "name", "Quentin") == []
        with running.record.connection() as connection:  # a gram all share is no match
            connection.execute("SELECT 1")
            assert wanted in found(connection, running.blind_index.keys, "name", "zoe")

    def test_a_chinese_name_is_found(self, running: Product) -> None:
        wanted = register(running, "CN", name="张伟")
        assert find(running, "name", "张伟") == [wanted]

    def test_what_is_corrected_is_found_by_the_new_value_only(self, running: Product) -> None:
        jane = register(running, email="old@example.com", name="Jane")
        correct = CorrectProfile(
            customer_id=jane,
            why=CorrectionReason.CUSTOMER_REPORTED,
            profile=person(email="new@example.com"),
        )
        ask(running, correct)
        assert find(running, "email", "old@example.com") == []
        assert find(running, "email", "new@example.com") == [jane]
        ask(
            running,
            CorrectProfile(
                customer_id=jane,
                why=CorrectionReason.NO_LONGER_NEEDED,
                remove=(ProfileField.EMAIL,),
            ),
        )
        assert find(running, "email", "new@example.com") == []
        ask(running, CompleteProfile(customer_id=jane, profile=person(phone="+4930111222")))
        assert find(running, "phone", "+4930111222") == [jane]

    def test_a_refused_command_leaves_nothing(self, running: Product) -> None:
        jane = register(running, email="a@example.com")
        again = CompleteProfile(customer_id=jane, profile=person(email="b@example.com"))
        with pytest.raises(Exception, match="field_already_held"):
            ask(running, again)
        assert find(running, "email", "b@example.com") == []

    @pytest.mark.case("PL-07", "CP-13")
    def test_is_on_record_and_what_was_searched_for_is_not(self, running: Product) -> None:
        jane = register(running, email="jane@example.com", name="Jane Doe")
        find(running, "email", "jane@example.com")
        find(running, "email", "nobody.at.all@example.com")
        trail = rows(
            running,
            "SELECT actor, purpose, decision, legal_basis, rule, fields, subjects FROM trail.access"
            " WHERE operation = 'find' ORDER BY id",
        )
        assert trail == [
            ("staff:bob", CARE, "permit", "dpv:Contract", "agent-serves", *found)
            for found in ((["BlindIndex.email"], [jane]), (["BlindIndex.email"], []))
        ]
        everything = str(rows(running, "SELECT a::text FROM trail.access a"))
        assert "nobody" not in everything and "jane" not in everything.lower()

    def test_a_role_that_may_not_is_denied_on_record_whether_there_is_somebody_or_not(
        self, running: Product
    ) -> None:
        register(running, email="jane@example.com")
        for text in ("jane@example.com", "nobody@example.com"):
            with pytest.raises(AccessDenied) as denied:
                find(running, "email", text, Reader("staff:eve", "analyst", uuid4()))
            assert denied.value.parameters == {"rule": "not-granted", "purpose": CARE}
        trail = rows(running, "SELECT decision, subjects FROM trail.access")
        assert trail == [("deny", []), ("deny", [])]

    def test_somebody_of_another_market_is_not_there(self, running: Product) -> None:
        register(running, "DE", email="jane@example.com", name="Jane Doe")
        abroad = BOB._replace(markets=frozenset({"FR"}))
        assert find(running, "email", "jane@example.com", abroad) == []
        assert find(running, "name", "Jane Doe", abroad) == []

    def test_nothing_to_search_for_is_refused(self, running: Product) -> None:
        for kind, text in (("email", " "), ("name", "…")):
            with pytest.raises(SearchTooShort):
                find(running, kind, text)


class TestErasing:
    @pytest.mark.case("KY-13")
    def test_nobody_is_found_any_more_and_a_new_registration_is_somebody_new(
        self, running: Product
    ) -> None:
        profile = {"email": "jane@example.com", "phone": "+493090182077", "name": "Jane Doe"}
        jane = register(running, **profile)
        twin = register(running, **profile)
        erase(running, jane)
        with running.record.connection() as connection:
            assert rows_of_subject(connection, jane) == 0
            assert rows_of_subject(connection, twin) > 0
        assert reviews(running) == set()
        assert find(running, "email", "jane@example.com") == [twin]
        assert find(running, "name", "Jane Doe") == [twin]
        erase(running, twin)
        for kind, text in profile.items():
            assert find(running, kind, text) == []
        again = register(running, **profile)
        assert again not in (jane, twin)
        assert find(running, "phone", "+493090182077") == [again]

    def test_forgetting_says_how_much_and_twice_is_once(self, running: Product) -> None:
        jane = register(running, email="jane@example.com", name="Jane")
        with running.record.connection() as connection:
            assert forget(connection, jane) == 4
            assert forget(connection, jane) == 0


@pytest.mark.case("AC-11")
def test_whoever_may_read_every_table_reads_hashes_and_tokens(
    running: Product, database: str
) -> None:
    import psycopg

    register(running, email="jane@example.com", phone="+493090182077", name="Jane Doe")
    name = f"monitor_{uuid4().hex[:8]}"
    # Given up at the end: the role is never there for another test to find.
    with psycopg.connect(database) as admin:
        admin.execute(f"CREATE ROLE {name} IN ROLE pg_read_all_data")
        try:
            admin.execute(f"SET ROLE {name}")
            tables = admin.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg_%'"
                " AND schemaname <> 'information_schema'"
            ).fetchall()
            text = ""
            for schema, table in tables:
                text += str(admin.execute(f"SELECT t::text FROM {schema}.{table} t").fetchall())
            members = admin.execute(
                "SELECT m.rolname, g.rolname FROM pg_auth_members a"
                " JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid"
                " WHERE g.rolname LIKE 'pg\\_%' AND m.rolname LIKE 'dossier%'"
            ).fetchall()
            bypassing = admin.execute(
                "SELECT rolname FROM pg_roles WHERE rolbypassrls AND rolname LIKE 'dossier%'"
            ).fetchall()
        finally:
            admin.rollback()
    assert len(tables) > 20 and "same_" not in text
    for value in ("jane", "90182077", "Doe"):
        assert value not in text and value.encode().hex() not in text
    assert (members, bypassing) == ([], []), "no role of ours is in a predefined one"
