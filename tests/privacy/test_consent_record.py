"""Consents and agreements as the gate and a job find them in the record, at once and everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from commands.agreement.end_agreement import EndAgreement
from commands.customer.correct_profile import CorrectProfile
from commands.customer.standing import folded
from domain.agreement.events import EndOfAgreement
from domain.customer.consent import Consents
from domain.customer.profile import CorrectionReason
from domain.personal import Category
from domain.terms import ConsentPurpose, ConsentScope
from infra.dispatch import Caller
from infra.gate import AccessDenied
from infra.gate.consents import (
    RecordedConsents,
    agreement_for,
    consents_of,
    permitted,
)
from infra.home import Home
from infra.product import Product, assembled, now
from infra.projector.running import catch_up
from queries.consents_overstepped import overstepped
from tests.commands.consenting import (
    agreement,
    consent,
    consent_to_share,
    notice,
    signature,
    withdrawal,
)
from tests.commands.erasing import erase
from tests.domain.agreed import DIRECT, PARTNER
from tests.privacy.at_the_gate import reader, trail, value
from tests.privacy.conftest import ask, registration

HEAD = Caller("staff:head", "department_head")
DAY = timedelta(days=1)
CONTACT = {Category.CONTACT}
RESEARCH = "dpv:CommercialResearch"


class Counting(psycopg.Connection[Any]):
    """Counts the statements sent over it."""

    sent = 0

    def execute(self, *args: Any, **more: Any) -> Any:
        self.sent += 1
        return super().execute(*args, **more)


@pytest.fixture
def connection(running: Product) -> Iterator[Counting]:
    with Counting.connect(running.addresses.database_url, autocommit=True) as opened:
        yield opened


def told(product: Product, **more: object) -> UUID:
    made = ask(product, registration(**more)).ids["customer"]  # type: ignore[arg-type]
    ask(product, notice(made, at=now() - 2 * DAY))
    return made


def test_they_are_what_the_customers_own_streams_add_up_to(
    running: Product, connection: Counting
) -> None:
    plain, twice, back, gone = (told(running) for _ in range(4))
    ask(running, consent(plain, at=now() - DAY, expires_at=now() + DAY))
    ask(running, consent_to_share(plain))
    ask(running, consent(twice, at=now() - DAY))
    ask(running, consent(twice))
    ask(running, consent(back))
    ask(running, withdrawal(back))
    ask(running, consent(gone))
    erase(running, gone)
    nobody = uuid4()
    everybody = [plain, twice, back, gone, nobody]
    found = consents_of(connection, everybody)
    assert connection.sent == 1
    assert found[nobody] == Consents()
    for customer in everybody[:-1]:
        history = running.dispatcher.view.history(customer)
        assert history is not None
        assert [(h.consent, h.end) for h in found[customer].held] == [
            (h.consent, h.end) for h in folded(history).consents.held
        ]
    assert permitted(connection, everybody, DIRECT, CONTACT, now()) == [plain, twice]
    assert permitted(connection, everybody, DIRECT, CONTACT, now() + 2 * DAY) == [twice]
    assert permitted(connection, [], DIRECT, CONTACT, now()) == []


@pytest.mark.case("CP-02")
@pytest.mark.clause("CB-14.3a", "CB-15.2b")
def test_a_job_asks_again_for_every_batch(
    running: Product, connection: Counting, home: Home
) -> None:
    """Another Dossier on the same record takes the withdrawal while the job is at its work."""
    customers = [told(running) for _ in range(6)]
    for customer in customers:
        ask(running, consent(customer))
    contacted: list[UUID] = []
    with assembled(home, running.addresses) as other:
        for start in range(0, 6, 2):
            batch = customers[start : start + 2]
            contacted += permitted(connection, batch, DIRECT, CONTACT, now())
            if start == 0:
                ask(other, withdrawal(customers[3]))
                withdrawn = time.monotonic()
                assert permitted(connection, [customers[3]], DIRECT, CONTACT, now()) == []
                assert time.monotonic() - withdrawn < 1
    assert contacted == [c for c in customers if c != customers[3]]


def test_a_consent_without_its_body_holds_nothing(running: Product, connection: Counting) -> None:
    """An archived event is no proof: the person is treated as if they had never agreed."""
    customer = told(running)
    ask(running, consent(customer))
    assert permitted(connection, [customer], DIRECT, CONTACT, now()) == [customer]
    connection.execute("ALTER TABLE es.events DISABLE TRIGGER USER")
    connection.execute(
        "UPDATE es.events SET body = NULL WHERE stream = %s AND type = 'ConsentGranted'",
        (customer,),
    )
    assert permitted(connection, [customer], DIRECT, CONTACT, now()) == []
    book = RecordedConsents(running.record.connection)
    assert book.consents_of([customer])[customer].valid_for(DIRECT, CONTACT, None, now()) is None


class TestAgreements:
    @pytest.mark.clause("CB-14.3d")
    def test_cover_categories_until_they_end(self, running: Product, connection: Counting) -> None:
        since = now() - DAY

        def covering(*categories: Category, recipient: str = PARTNER, at: Any = None) -> Any:
            return agreement_for(connection, recipient, categories, at or now())

        assert covering(Category.CONTACT) is None
        terms = agreement(since, since + 30 * DAY, categories=(Category.CONTACT,))
        made = ask(running, terms).ids["agreement"]
        assert covering(Category.CONTACT) is None
        ask(running, signature(made), HEAD)
        assert covering(Category.CONTACT) == made
        assert covering(Category.CONTACT, Category.IDENTITY) is None
        assert covering(Category.CONTACT, recipient="somebody-else") is None
        assert covering(Category.CONTACT, at=since + 30 * DAY) is None
        ask(
            running,
            EndAgreement(recipient=PARTNER, agreement_id=made, why=EndOfAgreement.TERMINATED),
        )
        assert covering(Category.CONTACT) is None


class TestAcrossABorder:
    """The gate knows where the recipient keeps the data and where the customer lives."""

    @staticmethod
    def opens(product: Product, customer: UUID) -> bool:
        offered = [value(product, customer, "profile.email")]
        try:
            product.gate.open(offered, reader("crm_admin", recipient=PARTNER), RESEARCH)
        except AccessDenied as denied:
            assert denied.parameters["rule"] == "no-consent"
            return False
        return True

    @staticmethod
    def agree(product: Product, country: str, number: str = "NDA-1") -> None:
        since = now() - DAY
        terms = agreement(since, since + 30 * DAY, country=country, number=number)
        ask(product, signature(ask(product, terms).ids["agreement"]), HEAD)

    @pytest.mark.clause("CB-15.1")
    def test_a_consent_of_its_own_is_needed(self, running: Product) -> None:
        customer = told(running, jurisdiction="DE")
        ask(running, consent_to_share(customer))
        self.agree(running, "US")
        assert not self.opens(running, customer)
        ask(running, consent_to_share(customer, scope=ConsentScope.CROSS_BORDER))
        assert self.opens(running, customer)

    def test_within_one_area_the_consent_to_share_is_enough(self, running: Product) -> None:
        customer = told(running, jurisdiction="DE")
        ask(running, consent_to_share(customer))
        self.agree(running, "FR")
        assert self.opens(running, customer)
        self.agree(running, "US", number="NDA-2")  # now it is not known where the data go
        assert not self.opens(running, customer)

    def test_whoever_moves_is_asked_again(self, running: Product) -> None:
        customer = told(running, country="DE")
        ask(running, consent_to_share(customer))
        self.agree(running, "DE")
        assert self.opens(running, customer)
        ask(
            running,
            CorrectProfile(
                customer_id=customer, country="GB", why=CorrectionReason.CUSTOMER_REPORTED
            ),
        )
        assert not self.opens(running, customer)


@pytest.mark.clause("CB-14.3a", "CB-14.3b")
def test_after_a_day_at_the_gate_no_access_oversteps_a_consent(
    running: Product, connection: Counting
) -> None:
    """Served, marketed to, shared, withdrawn, run out: nothing is left that no consent covers."""
    began = now() - DAY
    erika, max_ = told(running, jurisdiction="DE"), told(running)
    ask(running, consent(erika, at=began))
    ask(running, consent(max_, at=began, expires_at=began + DAY + timedelta(seconds=2)))
    ask(running, consent_to_share(erika))
    ask(running, consent_to_share(erika, scope=ConsentScope.CROSS_BORDER))
    TestAcrossABorder.agree(running, "US")
    sales = reader("sales")
    asked = [
        (sales, DIRECT, [value(running, erika)]),
        (sales, DIRECT, [value(running, max_), value(running, erika)]),
        (reader("agent"), "dpv:CustomerCare", [value(running, max_)]),
        (reader("crm_admin", recipient=PARTNER), RESEARCH, [value(running, erika)]),
        (sales, ConsentPurpose.MARKETING, [value(running, erika)]),
    ]

    def opened() -> list[bool]:
        answers = []
        for who, purpose, values in asked:
            try:
                running.gate.open(values, who, purpose)
                answers.append(True)
            except AccessDenied:
                answers.append(False)
        return answers

    assert opened() == [True, True, True, True, False]
    ask(running, withdrawal(erika))
    ask(
        running,
        withdrawal(erika, purpose=ConsentPurpose.COMMERCIAL_RESEARCH, scope=ConsentScope.SHARING),
    )
    assert opened() == [False, False, True, False, False]
    catch_up(running.addresses.database_url)
    assert overstepped(connection, since=began, until=now() + DAY) == []
    assert len([row for row in trail(running) if row.decision == "permit"]) == 5
