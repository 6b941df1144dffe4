"""A staff member's access: asked for, approved by another, given, ended with post or leaving."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.catalogue import HANDLERS
from domain.staff import refusals
from domain.staff.access import Holding, StaffAccess
from domain.staff.events import (
    AccessApproved,
    AccessChanged,
    AccessDeclined,
    AccessEnd,
    AccessGranted,
    AccessRequested,
    AccessRevoked,
    StaffEvent,
    StaffJoined,
    StaffLeft,
    StaffPostChanged,
)
from domain.staff.evolve import evolve
from domain.staff.roles import ALONE, APART, ROLES, RolesExclude, must_go_together
from infra.gate import permissions

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def access(*events: StaffEvent) -> StaffAccess:
    return reduce(evolve, events, StaffAccess(staff="ann", post="none"))


def asked(request: UUID = FIRST, post: str = "service", **more: object) -> AccessRequested:
    values: dict[str, object] = {
        "staff": "ann",
        "roles": ("agent",),
        "markets": ("GB",),
        "teams": None,
        "requested_by": "bob",
    }
    return AccessRequested(request=request, post=post, at=NINE, **(values | more))  # type: ignore[arg-type]


joined = StaffJoined(staff="ann", post="service", at=NINE)
approved = AccessApproved(request=FIRST, approved_by="cid", at=NINE)
granted = AccessGranted(
    request=FIRST,
    post="service",
    roles=("agent",),
    markets=("GB",),
    teams=None,
    granted_by="dee",
    at=NINE,
)
left = StaffLeft(post="service", dropped=(), at=NINE)
HELD = Holding(request=FIRST, roles=("agent",), markets=("GB",), teams=None)


@pytest.mark.clause("RR-T-3.3c")
class TestApproving:
    def test_another_person_approves(self) -> None:
        decided = access(joined, asked()).approve(FIRST, by="cid", at=TEN)
        assert decided == [AccessApproved(request=FIRST, approved_by="cid", at=TEN)]

    def test_or_declines(self) -> None:
        decided = access(joined, asked()).decline(FIRST, by="cid", at=TEN)
        assert decided == [AccessDeclined(request=FIRST, declined_by="cid", at=TEN)]

    @pytest.mark.case("AC-06")
    @pytest.mark.parametrize("by", ["bob", "ann"], ids=["who asked", "whom it is for"])
    def test_nobody_decides_their_own(self, by: str) -> None:
        for decide in (access(joined, asked()).approve, access(joined, asked()).decline):
            with pytest.raises(refusals.SelfApproval):
                decide(FIRST, by=by, at=TEN)

    def test_only_what_is_open_is_decided(self) -> None:
        declined = AccessDeclined(request=FIRST, declined_by="cid", at=NINE)
        for events in ((joined,), (joined, asked(), approved), (joined, asked(), declined)):
            with pytest.raises(refusals.NoSuchRequest):
                access(*events).approve(FIRST, by="cid", at=TEN)


class TestGranting:
    def test_what_was_approved_is_given(self) -> None:
        found = access(joined, asked(), approved)
        (given,) = found.grant(FIRST, by="dee", at=TEN)
        assert given == AccessGranted(
            request=FIRST,
            post="service",
            roles=("agent",),
            markets=("GB",),
            teams=None,
            granted_by="dee",
            at=TEN,
        )
        assert evolve(found, given).held == HELD

    def test_a_second_one_takes_the_place_of_the_first(self) -> None:
        more = asked(SECOND, roles=("supervisor",), markets=None)
        also = AccessApproved(request=SECOND, approved_by="cid", at=NINE)
        found = access(joined, asked(), approved, granted, more, also)
        (changed,) = found.grant(SECOND, by="dee", at=TEN)
        assert isinstance(changed, AccessChanged)
        held = Holding(request=SECOND, roles=("supervisor",), markets=None, teams=None)
        assert evolve(found, changed).held == held

    @pytest.mark.clause("RR-T-3.3c")
    def test_not_before_it_is_approved(self) -> None:
        with pytest.raises(refusals.AccessNotApproved):
            access(joined, asked()).grant(FIRST, by="dee", at=TEN)

    def test_not_to_oneself_and_not_twice(self) -> None:
        with pytest.raises(refusals.SelfApproval):
            access(joined, asked(), approved).grant(FIRST, by="ann", at=TEN)
        with pytest.raises(refusals.NoSuchRequest):
            access(joined, asked(), approved, granted).grant(FIRST, by="dee", at=TEN)

    @pytest.mark.clause("RR-A-3.1")
    def test_not_for_a_post_not_held(self) -> None:
        with pytest.raises(refusals.AccessOfAnotherPost):
            access(joined, asked(post="sales"), approved).grant(FIRST, by="dee", at=TEN)


@pytest.mark.clause("RR-A-3.3")
class TestChangingPost:
    def test_ends_the_old_access(self) -> None:
        found = access(joined, asked(), approved, granted)
        decided = found.change_post("sales", by="dee", now=TEN, at=NINE)
        assert decided == [
            StaffPostChanged(post="sales", previous="service", at=NINE),
            AccessRevoked(
                cause=AccessEnd.POST_CHANGED,
                request=FIRST,
                roles=("agent",),
                revoked_by="dee",
                at=TEN,
            ),
        ]
        assert reduce(evolve, decided, found).held is None

    def test_and_gives_what_was_approved_for_the_new_one(self) -> None:
        ready = asked(SECOND, post="sales", roles=("sales",), markets=("DE",))
        also = AccessApproved(request=SECOND, approved_by="cid", at=NINE)
        found = access(joined, asked(), approved, granted, ready, also)
        decided = found.change_post("sales", by="dee", now=TEN, at=NINE)
        now = reduce(evolve, decided, found)
        assert now.held == Holding(request=SECOND, roles=("sales",), markets=("DE",), teams=None)
        assert now.requests == {}

    def test_the_same_post_is_no_change(self) -> None:
        assert access(joined).change_post("service", by="dee", now=TEN, at=NINE) == []


@pytest.mark.clause("CB-14.1e", "RR-A-3.3")
class TestLeaving:
    def test_ends_access_when_it_is_recorded(self) -> None:
        found = access(joined, asked(), approved, granted)
        decided = found.leave(by="dee", now=TEN, at=NINE)
        assert decided == [
            left,
            AccessRevoked(
                cause=AccessEnd.LEFT, request=FIRST, roles=("agent",), revoked_by="dee", at=TEN
            ),
        ]
        assert reduce(evolve, decided, found).held is None

    def test_ends_what_was_asked_for(self) -> None:
        found = access(joined, asked(), approved, left)
        with pytest.raises(refusals.StaffHasLeft):
            found.grant(FIRST, by="dee", at=TEN)
        with pytest.raises(refusals.StaffHasLeft):
            found.approve(FIRST, by="cid", at=TEN)
        with pytest.raises(refusals.StaffHasLeft):
            found.request(asked(SECOND))

    def test_who_comes_back_begins_anew(self) -> None:
        found = access(joined, asked(), approved, granted, left)
        assert found.leave(by="dee", now=TEN, at=TEN) == []
        again = reduce(evolve, found.join("sales", at=TEN), found)
        assert again == StaffAccess(staff="ann", post="sales")
        with pytest.raises(refusals.StaffHasJoined):
            again.join("sales", at=TEN)


class TestRevoking:
    def test_what_is_held(self) -> None:
        found = access(joined, asked(), approved, granted)
        (revoked,) = found.revoke(by="eve", at=TEN)
        assert revoked == AccessRevoked(
            cause=AccessEnd.DECIDED, request=FIRST, roles=("agent",), revoked_by="eve", at=TEN
        )

    def test_nothing_is_held(self) -> None:
        with pytest.raises(refusals.NoAccessHeld):
            access(joined).revoke(by="eve", at=TEN)


@pytest.mark.case("AC-06")
class TestRolesApart:
    @pytest.mark.parametrize("roles", [("key_custodian", "crm_admin"), ("agent", "auditor")])
    def test_are_not_asked_for_together(self, roles: tuple[str, ...]) -> None:
        with pytest.raises(RolesExclude):
            access(joined).request(asked(roles=roles))

    @given(st.sets(st.sampled_from(sorted(ROLES))))
    def test_the_rule(self, roles: set[str]) -> None:
        apart = any(set(pair) <= roles for pair in APART)
        apart |= bool(ALONE & roles) and not roles <= ALONE
        try:
            must_go_together(roles)
        except RolesExclude:
            assert apart
        else:
            assert not apart

    def test_an_auditor_may_ask_for_nothing_that_writes(self) -> None:
        assert [c.__name__ for c in HANDLERS if "auditor" in c.ROLES] == []

    def test_the_gate_knows_the_same_roles(self) -> None:
        assert permissions.ROLES == ROLES

    def test_every_role_a_request_names_is_one_there_is(self) -> None:
        named = {role for command in HANDLERS for role in command.ROLES}
        assert named - ROLES == set()
