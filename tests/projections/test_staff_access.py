"""Access of staff as the table shows it, and who holds what as of when."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from infra.projector.builds import connected
from queries.access_held import access_held
from tests.projections.shop import Shop
from tests.projections.staff import hired, staffed


def test_a_request_in_every_state(shop: Shop) -> None:
    requests = staffed(shop)
    shop.catch_up()
    rows = {row["request"]: row for row in shop.rows("staff_access")}
    states = {state: rows[request]["state"] for state, request in requests.items()}
    assert states.pop("left") == "ended"
    assert states == {state: state for state in states}
    held = rows[requests["held"]]
    assert (held["staff"], held["post"], held["roles"]) == ("gil", "sales", ["sales"])
    assert (held["requested_by"], held["approved_by"], held["granted_by"]) == ("ann", "head", "ann")
    assert rows[requests["ended"]]["access_until"] == held["access_from"]
    assert rows[requests["replaced"]]["access_until"] == rows[requests["ended"]]["access_from"]
    assert rows[requests["left"]]["reason"] == "left"


def test_who_holds_what_as_of(shop: Shop) -> None:
    requests = staffed(shop)
    shop.catch_up()
    rows = {row["request"]: row for row in shop.rows("staff_access")}
    ended = rows[requests["ended"]]
    with shop.reading() as db:
        during = access_held(db, ended["access_from"])
        later = access_held(db, ended["access_until"])
        long_before = access_held(db, ended["access_from"] - timedelta(days=1))
        of_two = access_held(db, rows[requests["left"]]["access_from"], staff="gil-two")
    assert [(held.staff, held.roles, held.ended_by) for held in during] == [
        ("gil", ["supervisor"], "post_changed")
    ]
    assert [held.roles for held in later] == [["sales"]]
    assert long_before == []
    assert [held.request for held in of_two] == [requests["left"]]


@pytest.mark.case("AC-06")
@pytest.mark.parametrize(
    "change", ["approved_by = requested_by", "approved_by = staff", "granted_by = staff"]
)
def test_the_database_refuses_a_row_of_somebody_who_decided_their_own(
    shop: Shop, change: str
) -> None:
    request = hired(shop)
    shop.catch_up()
    with connected(shop.dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            f"UPDATE p_staff_access_v1.staff_access SET {change} WHERE request = %s".encode(),
            (request,),
        )
