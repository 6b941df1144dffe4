"""Somebody is hired, given access, changes post, and another leaves: rows in every state."""

from __future__ import annotations

from uuid import UUID

from commands.staff.approve_access import ApproveAccess
from commands.staff.decline_access import DeclineAccess
from commands.staff.grant_access import GrantAccess
from commands.staff.record_joiner import RecordJoiner
from commands.staff.record_leaver import RecordLeaver
from commands.staff.record_post_change import RecordPostChange
from commands.staff.request_access import RequestAccess, Role
from tests.projections.shop import Shop


def hired(shop: Shop, staff: str = "gil", post: str = "service") -> UUID:
    """Asked for by ann, approved by the head of department, granted: the request."""
    shop.ask(RecordJoiner(staff_id=staff, post=post, market="GB"))
    request = asked(shop, staff, post)
    approved(shop, staff, request)
    shop.ask(GrantAccess(staff_id=staff, request=request))
    return request


def asked(shop: Shop, staff: str, post: str, *roles: str) -> UUID:
    wanted = tuple(Role(role) for role in roles or ("agent",))
    command = RequestAccess(staff_id=staff, post=post, roles=wanted, markets=("GB",), teams=None)
    return shop.ask(command).ids["request"]


def approved(shop: Shop, staff: str, request: UUID) -> None:
    command = ApproveAccess(staff_id=staff, request=request)
    shop.ask(command, actor="head", role="department_head")


def staffed(shop: Shop, staff: str = "gil") -> dict[str, UUID]:
    """The requests by the state they end in."""
    first = hired(shop, staff)
    second = asked(shop, staff, "service", "supervisor")
    approved(shop, staff, second)
    shop.ask(GrantAccess(staff_id=staff, request=second))
    declined = asked(shop, staff, "service", "management")
    shop.ask(DeclineAccess(staff_id=staff, request=declined), actor="head", role="department_head")
    next_post = asked(shop, staff, "sales", "sales")
    approved(shop, staff, next_post)
    shop.ask(RecordPostChange(staff_id=staff, post="sales"))
    other = hired(shop, f"{staff}-two")
    dropped = asked(shop, f"{staff}-two", "service")
    shop.ask(RecordLeaver(staff_id=f"{staff}-two"))
    return {
        "replaced": first,
        "ended": second,
        "declined": declined,
        "held": next_post,
        "dropped": dropped,
        "left": other,
    }
