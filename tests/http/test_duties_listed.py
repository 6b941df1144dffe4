"""Duties over HTTP: listed by page and filter, and performed at their address."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from commands.duty.open_duty_period import OpenDutyPeriod
from infra.dispatch import Caller, Dispatcher
from infra.product import new_id
from tests.domain.duties import APRIL, MARCH, row, rulebook
from tests.http.door import Door

RULES = rulebook(*(row(id=f"h-{n}", duty=f"duty_{n}") for n in range(5)))


@pytest.fixture
def owed(door: Door) -> list[UUID]:
    """Five duties of March."""
    dispatcher = Dispatcher(
        door.product.record,
        door.product.keyring,
        door.product.installation,
        RULES,
        clock=lambda: MARCH,
        new_id=new_id,
    )
    return [
        dispatcher.dispatch(
            OpenDutyPeriod(policy="house@2", rule=rule.id, on=MARCH),
            Caller("system:timekeeper", "system"),
            uuid4(),
        ).ids["duty"]
        for rule in RULES.cadences
    ]


def test_duties_are_listed_page_by_page(door: Door, owed: list[UUID]) -> None:
    door.show()
    (whole,) = door.walk("/v1/duties", limit=200)
    assert {UUID(duty["stream"]) for duty in whole} == set(owed)
    pages = door.walk("/v1/duties", limit=2)
    assert [duty for page in pages for duty in page] == whole
    assert [len(page) for page in pages] == [2, 2, 1]


def test_one_is_performed_at_its_address_by_whose_it_is(door: Door, owed: list[UUID]) -> None:
    place = f"/v1/duties/{owed[0]}/perform"
    done = {"what": "report_3", "at": "2026-03-05T12:00:00Z"}
    refused = door.post(place, done, role="agent")
    assert (refused.status_code, refused.json()["code"]) == (409, "duty_of_another_role")
    assert door.post(place, done).status_code == 200
    again = door.post(place, done)
    assert (again.status_code, again.json()["code"]) == (409, "duty_performed_already")
    door.show()
    (performed,) = door.get("/v1/duties", state="performed").json()["items"]
    assert (performed["stream"], performed["done_by"]) == (str(owed[0]), "a-crm_admin")
    assert len(door.get("/v1/duties", ends=APRIL.isoformat()).json()["items"]) == 0
    assert len(door.get("/v1/duties", begins=APRIL.isoformat()).json()["items"]) == 5
    assert door.get("/v1/duties", state="forgotten").status_code == 422
