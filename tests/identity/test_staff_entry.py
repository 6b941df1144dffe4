"""Staff come in with what they hold at that moment: by a token of ours or a provider's word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands.staff.approve_access import ApproveAccess
from commands.staff.grant_access import GrantAccess
from commands.staff.record_leaver import RecordLeaver
from commands.staff.record_post_change import RecordPostChange
from commands.staff.revoke_access import RevokeAccess
from domain.staff.access import staff_stream
from domain.staff.refusals import SelfApproval
from domain.timer_events import SlaBreached, SlaTimersFulfilled, SlaTimersStarted
from infra.identity import tokens
from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import Credential, NoRoleHeld, TooManyFailures, Unauthenticated
from infra.identity.oidc.statement import Issuers
from infra.identity.staff import StaffHeld
from infra.identity.tokens import Grant
from tests.identity.loopback_provider import Provider
from tests.projections.shop import Shop
from tests.projections.staff import approved, asked, hired

SOURCE = "192.0.2.1"


@pytest.fixture
def token(shop: Shop) -> str:
    grant = Grant(actor="gil", roles=[], kind="staff")
    return tokens.issue(shop.record.connection, grant).token


def comes_in(shop: Shop, token: str, *issuers: Any) -> Credential:
    entry = Authentication(
        shop.record.connection, StaffHeld(shop.record.read_stream), Issuers(issuers)
    )
    return entry.authenticate(RequestFacts(f"Bearer {token}", SOURCE))


def trail(shop: Shop) -> list[Any]:
    with shop.record.connection() as connection:
        return connection.execute(
            "SELECT decision, method, rule, actor FROM trail.login ORDER BY id"
        ).fetchall()


class TestByToken:
    def test_with_what_was_granted(self, shop: Shop, token: str) -> None:
        hired(shop)
        known = comes_in(shop, token)
        assert (known.actor, list(known.roles)) == ("gil", ["agent"])
        assert (known.markets, known.teams) == (frozenset({"GB"}), None)

    def test_not_before_that_and_the_trail_says_so(self, shop: Shop, token: str) -> None:
        with pytest.raises(NoRoleHeld):
            comes_in(shop, token)
        assert trail(shop)[-1] == ("deny", "token", "no-role", "gil")

    @pytest.mark.clause("CB-14.1e", "RR-A-3.3")
    @pytest.mark.parametrize(
        "ends",
        [
            RecordLeaver(staff_id="gil"),
            RecordPostChange(staff_id="gil", post="sales"),
            RevokeAccess(staff_id="gil"),
        ],
        ids=["left", "another post", "revoked"],
    )
    def test_nor_from_the_moment_it_ends(self, shop: Shop, token: str, ends: Any) -> None:
        hired(shop)
        comes_in(shop, token)
        shop.ask(ends)
        with pytest.raises(NoRoleHeld):
            comes_in(shop, token)

    def test_what_changes_changes_at_once(self, shop: Shop, token: str) -> None:
        hired(shop)
        more = asked(shop, "gil", "service", "supervisor", "agent")
        approved(shop, "gil", more)
        assert list(comes_in(shop, token).roles) == ["agent"]
        shop.ask(GrantAccess(staff_id="gil", request=more))
        assert list(comes_in(shop, token).roles) == ["supervisor", "agent"]

    def test_a_token_only_narrows(self, shop: Shop) -> None:
        hired(shop)
        grant = Grant(actor="gil", roles=["supervisor"], kind="staff", markets=["GB", "DE"])
        wide = tokens.issue(shop.record.connection, grant).token
        with pytest.raises(NoRoleHeld):
            comes_in(shop, wide)
        grant = Grant(actor="gil", roles=["agent", "sales"], kind="staff", markets=["DE"])
        known = comes_in(shop, tokens.issue(shop.record.connection, grant).token)
        assert (list(known.roles), known.markets) == (["agent"], frozenset())

    def test_a_service_is_not_looked_up_among_staff(self, shop: Shop) -> None:
        grant = Grant(actor="gil", roles=["sales"])
        known = comes_in(shop, tokens.issue(shop.record.connection, grant).token)
        assert list(known.roles) == ["sales"]


@pytest.mark.case("AC-05")
class TestByStatement:
    def test_with_what_both_the_provider_and_we_say(self, shop: Shop, provider: Provider) -> None:
        hired(shop)
        issuer = provider.issuer(staff=True, prefix="")
        known = comes_in(shop, provider.said("gil", groups=["crm agents", "heads"]), issuer)
        assert (known.actor, list(known.roles)) == ("gil", ["agent"])
        assert known.markets == frozenset({"GB"})

    @pytest.mark.parametrize("groups", [["heads"], [], ["compliance_officer"]])
    def test_neither_alone_is_enough(
        self, shop: Shop, provider: Provider, groups: list[str]
    ) -> None:
        hired(shop)
        with pytest.raises(NoRoleHeld):
            comes_in(
                shop,
                provider.said("gil", groups=groups),
                provider.issuer(staff=True, prefix=""),
            )
        assert trail(shop) == [("deny", "oidc", "no-role", "gil")]

    def test_a_leaver_s_statement_is_worth_nothing_at_once(
        self, shop: Shop, provider: Provider
    ) -> None:
        hired(shop)
        issuer, text = provider.issuer(staff=True, prefix=""), provider.said("gil")
        comes_in(shop, text, issuer)
        shop.ask(RecordLeaver(staff_id="gil"))
        with pytest.raises(NoRoleHeld):
            comes_in(shop, text, issuer)

    @pytest.mark.case("AC-04")
    def test_what_is_not_believed_is_in_the_trail_and_counted(
        self, shop: Shop, provider: Provider
    ) -> None:
        for _ in range(10):
            with pytest.raises(Unauthenticated):
                comes_in(shop, provider.said(aud="elsewhere"), provider.issuer())
        with pytest.raises(TooManyFailures):
            comes_in(shop, provider.said(), provider.issuer())
        assert trail(shop) == [("deny", "oidc", "audience", None)] * 10


@pytest.mark.case("AC-06")
def test_who_asks_does_not_approve_whatever_their_role(shop: Shop) -> None:
    hired(shop)
    request = asked(shop, "gil", "service", "supervisor")
    with pytest.raises(SelfApproval) as refused:
        shop.ask(
            ApproveAccess(staff_id="gil", request=request), actor="ann", role="department_head"
        )
    assert (refused.value.code, refused.value.clause) == ("self_approval", "RR-T-3.3c")


@pytest.mark.clause("CB-14.1e", "RR-A-3.3")
class TestPromise:
    """Within one working day of leaving, by the working days of the staff member's market."""

    FRIDAY = datetime(2026, 2, 27, 15, tzinfo=UTC)
    DUE = datetime(2026, 3, 2, 18, tzinfo=UTC)

    def events(self, shop: Shop, kind: type[Any]) -> list[Any]:
        recorded = shop.record.read_stream(staff_stream("gil"))
        return [r.event for r in recorded if isinstance(r.event, kind)]

    def test_recorded_in_time(self, shop: Shop) -> None:
        hired(shop)
        shop.now = self.FRIDAY + timedelta(days=2)
        shop.ask(RecordLeaver(staff_id="gil", at=self.FRIDAY))
        ((started,),) = [e.timers for e in self.events(shop, SlaTimersStarted)]
        ((kept,),) = [e.timers for e in self.events(shop, SlaTimersFulfilled)]
        assert (started.clause, started.due_at.date()) == ("CB-14.1e", self.DUE.date())
        assert (kept.timer, kept.breached) == (started.timer, False)
        assert self.events(shop, SlaBreached) == []

    def test_recorded_too_late(self, shop: Shop) -> None:
        hired(shop)
        shop.now = self.FRIDAY + timedelta(days=4)
        shop.ask(RecordLeaver(staff_id="gil", at=self.FRIDAY))
        (breach,) = self.events(shop, SlaBreached)
        assert (breach.clause, breach.rule) == ("CB-14.1e", "cb-14.1e")
        ((kept,),) = [e.timers for e in self.events(shop, SlaTimersFulfilled)]
        assert kept.breached
