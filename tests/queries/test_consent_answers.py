"""Questions about consents and shares, and what is answered from the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commands.customer.note_consent_expiry import NoteConsentExpiry
from commands.customer.register_customer import RegisterCustomer
from domain.terms import CollectionSource, ConsentPurpose, ConsentScope
from infra.projector.rebuilding import rebuild
from queries.before_and_after import Change, before_and_after
from queries.consents_contactable import contactable
from queries.consents_expiring import consents_expiring
from queries.consents_of_customer import consents_of_customer
from queries.consents_overstepped import Overstepped, overstepped
from queries.consents_shares import shares_found
from queries.history_as_of import history_as_of
from tests.commands.consenting import (
    agreement,
    consent,
    consent_to_share,
    notice,
    sharing,
    signature,
    withdrawal,
)
from tests.domain.agreed import DIRECT, PARTNER
from tests.projections.life import after, erase
from tests.projections.shop import EIGHT, Shop, contents

HOUR = timedelta(hours=1)
FOREVER = datetime(2999, 1, 1, tzinfo=UTC)


def told(shop: Shop, market: str | None = "DE") -> UUID:
    made = shop.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market=market,
            jurisdiction=market,
            at=EIGHT,
        )
    ).ids["customer"]
    shop.ask(notice(made, at=EIGHT))
    return made


def clock(shop: Shop) -> datetime:
    """What the database's clock says: between what was recorded before and after."""
    with shop.reading() as db:
        row = db.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


class TestConsentsOfACustomer:
    @pytest.mark.clause("CB-15.2a")
    def test_as_they_were_known_at_a_moment(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT, expires_at=FOREVER))
        given = clock(shop)
        shop.now = after(60)
        shop.ask(withdrawal(ada, at=after(30)))
        withdrawn = clock(shop)
        shop.ask(consent(ada, at=after(60)))
        shop.catch_up()
        with shop.reading() as db:
            [then] = consents_of_customer(db, ada, as_of=given)
            [later] = consents_of_customer(db, ada, as_of=withdrawn)
            first, second = consents_of_customer(db, ada, as_of=clock(shop))
            assert consents_of_customer(db, ada, as_of=EIGHT) == []
        assert (then.state, then.ended_at, then.categories) == (
            "given",
            None,
            ["contact", "content", "identity"],
        )
        assert (later.state, later.ended_at) == ("withdrawn", after(30))
        assert (first.state, second.state, second.granted_at) == ("withdrawn", "given", after(60))
        assert (second.notice_version, second.language, second.form) == (
            "2026-01",
            "en",
            "online",
        )

    @pytest.mark.clause("CB-15.2a")
    def test_that_ran_out_are_expired_noted_or_not(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT, expires_at=after(60)))
        shop.catch_up()
        with shop.reading() as db:
            [before] = consents_of_customer(db, ada, as_of=clock(shop))
        shop.now = after(90)
        shop.ask(NoteConsentExpiry(customer_id=ada))
        shop.ask(withdrawal(ada, at=after(95)))
        shop.catch_up()
        with shop.reading() as db:
            [noted] = consents_of_customer(db, ada, as_of=clock(shop))
        for shown in (before, noted):
            assert (shown.state, shown.ended_at) == ("expired", after(60))

    def test_given_anew_replace_the_one_before(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT))
        shop.ask(consent(ada, at=after(10)))
        shop.catch_up()
        with shop.reading() as db:
            first, second = consents_of_customer(db, ada, as_of=clock(shop))
        assert (first.state, first.ended_at) == ("replaced", after(10))
        assert second.state == "given"

    def test_end_with_the_customer(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT))
        erase(shop, ada)
        shop.catch_up()
        with shop.reading() as db:
            [shown] = consents_of_customer(db, ada, as_of=clock(shop))
        assert shown.state == "erased"


@pytest.mark.clause("CB-15.2a")
def test_those_that_run_out_by_a_day_come_in_order_and_in_pages(shop: Shop) -> None:
    ada, bob, cleo = told(shop), told(shop, market="CN"), told(shop)
    for customer, minutes in ((ada, 120), (bob, 60), (cleo, 600)):
        shop.ask(consent(customer, at=EIGHT, expires_at=after(minutes)))
    shop.catch_up()
    with shop.reading() as db:
        soon = consents_expiring(db, by=after(180))
        first = consents_expiring(db, by=after(180), limit=1)
        rest = consents_expiring(
            db, by=after(180), after=(first[0].expires_at, first[0].consent_id)
        )
        assert [c.customer for c in consents_expiring(db, by=after(180), market="CN")] == [bob]
    assert [c.customer for c in soon] == [bob, ada]
    assert first + rest == soon
    shop.now = after(100)
    shop.ask(NoteConsentExpiry(customer_id=bob))
    shop.ask(withdrawal(ada, at=after(30)))
    shop.catch_up()
    with shop.reading() as db:
        assert consents_expiring(db, by=after(180)) == []


@pytest.mark.clause("CB-14.3a", "CB-9.2e", "EC-4.1.2", "EC-X-2.2.2")
def test_only_who_agreed_is_on_the_list_for_a_mailing(shop: Shop) -> None:
    yes, no, took_back, ran_out, gone, other = (told(shop) for _ in range(6))
    for customer in (yes, took_back, gone):
        shop.ask(consent(customer, at=EIGHT))
    shop.ask(consent(ran_out, at=EIGHT, expires_at=after(60)))
    shop.ask(consent(other, at=EIGHT, purpose=ConsentPurpose.COMMERCIAL_RESEARCH))
    shop.now = after(90)
    shop.ask(withdrawal(took_back, at=after(30)))
    erase(shop, gone)
    shop.catch_up()

    def listed(at: datetime) -> set[UUID]:
        with shop.reading() as db:
            return {c.customer for c in contactable(db, purpose=DIRECT, at=at)}

    assert listed(after(90)) == {yes}
    assert listed(after(10)) == {yes, took_back, ran_out}
    assert listed(EIGHT - HOUR) == set()
    assert no not in listed(after(10))


@pytest.mark.clause("CB-14.3d")
def test_shares_are_found_by_customer_and_by_recipient(shop: Shop) -> None:
    ada, bob = told(shop), told(shop)
    agreed = shop.ask(agreement(EIGHT - HOUR, EIGHT + 9 * HOUR, at=EIGHT)).ids["agreement"]
    shop.ask(signature(agreed, at=EIGHT), role="department_head")
    given = {
        customer: shop.ask(consent_to_share(customer, at=EIGHT)).ids["consent"]
        for customer in (ada, bob)
    }
    shares = []
    for minutes, customer in ((1, ada), (2, bob), (3, ada)):
        shop.now = after(minutes)
        shares.append(shop.ask(sharing(customer)).ids["share"])
    shop.catch_up()
    with shop.reading() as db:
        hers = shares_found(db, customer=ada)
        theirs = shares_found(db, recipient=PARTNER, since=after(2), until=after(3))
        page = shares_found(db, recipient=PARTNER, after=(hers[0].at, hers[0].share))
        assert shares_found(db, recipient="nobody") == []
    assert [s.share for s in hers] == [shares[2], shares[0]]
    assert [s.share for s in theirs] == [shares[1]]
    assert [s.share for s in page] == [shares[1], shares[0]]
    assert (hers[0].consent_id, hers[0].agreement) == (given[ada], agreed)
    assert (hers[0].categories, hers[0].cross_border, hers[0].actor) == (["contact"], False, "ann")


class TestAccessesWithoutConsent:
    """Rows are put into the trail as a gate that erred would have: the answer trusts no gate."""

    @staticmethod
    def note(
        shop: Shop,
        customer: UUID,
        at: datetime,
        *,
        purpose: str = DIRECT,
        basis: str | None = "dpv:Consent",
        decision: str = "permit",
        recipient: str | None = None,
    ) -> None:
        with shop.reading() as db:
            db.execute(
                "INSERT INTO trail.access (at, actor, role, operation, purpose, legal_basis,"
                " decision, rule, subjects, fields, tokens, correlation, recipient)"
                " VALUES (%s, 'eve', 'sales', 'open', %s, %s, %s, 'r', %s, '{}', 1, %s, %s)",
                (at, purpose, basis, decision, [customer], UUID(int=1), recipient),
            )

    @staticmethod
    def found(shop: Shop) -> list[Overstepped]:
        shop.catch_up()
        with shop.reading() as db:
            return overstepped(db, since=EIGHT - HOUR, until=FOREVER)

    @pytest.mark.clause("CB-14.3a", "CB-14.3b")
    def test_there_are_none_while_it_held(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT, expires_at=after(60)))
        shop.ask(consent_to_share(ada, at=EIGHT))
        self.note(shop, ada, after(1))
        self.note(shop, ada, after(59))
        self.note(shop, ada, after(5), purpose="dpv:CommercialResearch", recipient=PARTNER)
        self.note(shop, ada, after(90), decision="deny")
        self.note(shop, ada, after(90), purpose="dpv:CustomerCare", basis="dpv:Contract")
        assert self.found(shop) == []

    @pytest.mark.clause("CB-14.3a", "CB-14.3b")
    @pytest.mark.parametrize(
        ("minutes", "what"),
        [
            (-1, {}),
            (61, {}),
            (31, {"purpose": "dpv:CommercialResearch"}),
            (1, {"recipient": PARTNER}),
            (1, {"purpose": "dpv:CommercialResearch", "recipient": "somebody-else"}),
            (90, {"basis": None}),
        ],
        ids=[
            "before", "run out", "withdrawn", "no consent to share", "another recipient",
            "a marketing purpose on no basis",
        ],
    )  # fmt: skip
    def test_one_that_was_not_covered_is_shown(
        self, shop: Shop, minutes: int, what: dict[str, str]
    ) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT, expires_at=after(60)))
        shop.ask(consent(ada, at=EIGHT, purpose=ConsentPurpose.COMMERCIAL_RESEARCH))
        shop.ask(consent_to_share(ada, at=EIGHT))
        shop.ask(withdrawal(ada, purpose=ConsentPurpose.COMMERCIAL_RESEARCH, at=after(30)))
        shop.now = after(95)
        self.note(shop, ada, after(minutes), **what)
        [shown] = self.found(shop)
        assert (shown.customer, shown.actor, shown.at) == (ada, "eve", after(minutes))
        assert not shown.known_later

    def test_a_withdrawal_recorded_late_is_told_apart(self, shop: Shop) -> None:
        ada = told(shop)
        shop.ask(consent(ada, at=EIGHT))
        accessed = clock(shop)
        self.note(shop, ada, accessed)
        shop.now = clock(shop)
        shop.ask(withdrawal(ada, at=accessed - HOUR))
        [shown] = self.found(shop)
        assert shown.known_later


@pytest.mark.clause("CB-15.2a")
def test_the_history_tells_what_a_consent_was_before_and_after(shop: Shop) -> None:
    ada = told(shop)
    shop.ask(consent(ada, at=EIGHT, proof="Said so on the phone"))
    shop.ask(consent_to_share(ada, at=EIGHT))
    shop.ask(withdrawal(ada))
    shop.catch_up()
    with shop.reading() as db:
        history = history_as_of(db, ada)
    changed = {fact.type: changes for fact, changes in before_and_after(history)}
    use = "consent.dpv:DirectMarketing.own_use"
    assert changed["ConsentWithdrawn"] == [Change(use, "given", None)]
    assert changed["ConsentGranted"] == [
        Change(f"consent.dpv:CommercialResearch.sharing.{PARTNER}", None, "given")
    ]
    [notice_given] = [fact for fact in history if fact.type == "CollectionNoticeGiven"]
    assert notice_given.facts["retention"] == "P3Y"
    [first, _] = [fact for fact in history if fact.type == "ConsentGranted"]
    assert list(first.sealed or {}) == ["proof"]


def test_the_tables_come_out_the_same_when_they_are_rebuilt(shop: Shop) -> None:
    ada = told(shop)
    agreed = shop.ask(agreement(EIGHT - HOUR, EIGHT + 9 * HOUR, at=EIGHT)).ids["agreement"]
    shop.ask(signature(agreed, at=EIGHT), role="department_head")
    shop.now = after(20)
    for asked in (
        consent(ada, at=EIGHT, expires_at=after(60)),
        consent(ada, at=after(5)),
        consent_to_share(ada, at=EIGHT),
        sharing(ada),
        withdrawal(ada, at=after(10)),
        withdrawal(ada, purpose=ConsentPurpose.COMMERCIAL_RESEARCH, scope=ConsentScope.SHARING),
    ):
        shop.ask(asked)
    shop.catch_up()
    before = {name: contents(shop.dsn)[name] for name in ("consents", "shares")}
    for name in before:
        rebuild(shop.dsn, name)
    assert {name: contents(shop.dsn)[name] for name in before} == before
    assert before["shares"].count(b"\n") == 1
    assert before["consents"].count(b"\n") == 3
