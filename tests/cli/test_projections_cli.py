"""What could not be applied is told at the terminal and by the API, and tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from infra.projector.running import catch_up
from projections.customers import CUSTOMERS
from projections.projection import Entry, Rows
from tests.cli.terminal import Terminal
from tests.http.conftest import door as door
from tests.http.door import Door


class Poison(Exception):
    """The fold of a test cannot apply this event."""


def fold(rows: Rows[Any], entry: Entry) -> None:
    raise Poison("no such thing")


POISONED = {"customers": replace(CUSTOMERS, fold=fold)}


def test_what_is_parked_is_shown_and_replayed(at_terminal: Terminal) -> None:
    assert at_terminal.types("projections", "parked").out == "nothing is parked\n"
    customer = str(at_terminal.customer(name="Ann Example"))
    at_terminal.types("projections", "run")
    with psycopg.connect(at_terminal.database) as admin:
        admin.execute("TRUNCATE p_customers_v1.customers")
        admin.execute("UPDATE es.tracking SET position = 0 WHERE name = 'customers'")
    catch_up(at_terminal.database, projections=POISONED)
    told = at_terminal.types("projections", "parked").out
    assert customer in told
    assert "Poison: no such thing" in told
    other = at_terminal.types(
        "projections", "replay", "customers", "--key", "00000000-0000-0000-0000-000000000007"
    )
    assert (other.code, other.out) == (0, "0 applied, 0 stay parked\n")
    again = at_terminal.types("projections", "replay", "customers")
    assert (again.code, again.out) == (0, "1 applied, 0 stay parked\n")
    assert at_terminal.rows("SELECT customer::text FROM read.customers") == [(customer,)]
    assert at_terminal.types("projections", "parked").out == "nothing is parked\n"


def test_what_still_cannot_be_applied_is_exit_1(at_terminal: Terminal) -> None:
    at_terminal.customer(name="Ann Example")
    catch_up(at_terminal.database, projections=POISONED)
    with psycopg.connect(at_terminal.database) as admin:
        admin.execute("ALTER TABLE p_customers_v1.customers ADD CHECK (market IS NULL)")
    again = at_terminal.types("projections", "replay", "customers")
    assert (again.code, again.out) == (1, "0 applied, 1 stay parked\n")
    assert "CheckViolation" in at_terminal.types("projections", "parked").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("replay", "rumours"), "projection_unknown"),
        (("replay", "customers", "--key", "x"), "invalid_request"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    at_terminal: Terminal, words: tuple[str, ...], code: str
) -> None:
    refused = at_terminal.types("projections", *words)
    assert refused.code == 1
    assert code in refused.one_line


def test_keys_that_are_parked_show_in_health(door: Door) -> None:
    door.customer()
    catch_up(door.product.addresses.database_url, projections=POISONED)
    ready = door.client.get("/readyz")
    assert (ready.status_code, ready.json()["parked"]) == (200, {"customers": 1})
