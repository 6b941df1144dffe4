"""The gate from the HTTP door: scope, purpose, broken glass, and a trail that cannot be written."""

from __future__ import annotations

import time
from uuid import uuid4

import psycopg
import pytest

from infra.gate import Reader
from infra.gate.break_glass import break_glass
from infra.home import Home
from infra.identity.tokens import Grant, issue
from infra.product import now
from infra.projector import catch_up
from tests.http.door import opened
from tests.privacy.at_the_gate import trail

LAW = "dpv:LegalCompliance"


@pytest.mark.case("AC-29", "CP-01")
def test_an_auditor_opens_a_history_behind_broken_glass(
    home: Home, database: str, redis_url: str
) -> None:
    with opened(home, database, redis_url) as door:
        customer = door.customer()
        catch_up(database)
        path = f"/v1/customers/{customer}/history"
        denied = door.get(path, open=True, purpose=LAW, role="auditor")
        assert (denied.status_code, denied.json()["code"]) == (403, "access_denied")
        assert "Ann Example" not in denied.text
        broken = break_glass(
            door.product.record.connection,
            door.product.gate.policy,
            Reader("a-auditor", "auditor", uuid4()),
            LAW,
            reason="regulator-request",
            reference="REG-9",
            glass=uuid4(),
            at=now(),
        )
        assert "Ann Example" in door.get(path, open=True, purpose=LAW, role="auditor").text
        care = door.get(path, open=True, purpose="dpv:CustomerCare", role="auditor")
        assert care.status_code == 403
        kept = [(row.decision, row.rule, row.break_glass) for row in trail(door.product)]
    assert kept == [
        ("deny", "glass-not-broken", None),
        ("permit", "auditor-breaks-glass", broken.id),
        ("deny", "not-granted", None),
    ]


@pytest.mark.case("AC-08")
def test_a_token_for_one_market_opens_nobody_of_another(
    home: Home, database: str, redis_url: str
) -> None:
    with opened(home, database, redis_url) as door:
        customer = door.customer()
        catch_up(database)
        path = f"/v1/customers/{customer}/history"
        for market in ("CN", "GB"):
            grant = Grant(actor=f"a-{market}", roles=("agent",), markets=(market,))
            door.tokens[market] = issue(door.product.record.connection, grant).token
        foreign = door.get(path, open=True, purpose="dpv:CustomerCare", role="CN")
        nobody = door.get(f"/v1/customers/{uuid4()}/history", role="CN")
        assert (foreign.status_code, foreign.json()["code"]) == (404, nobody.json()["code"])
        own = door.get(path, open=True, purpose="dpv:CustomerCare", role="GB")
        assert "Ann Example" in own.text
        rows = [(row.actor, row.rule, row.auth_method) for row in trail(door.product)]
    assert rows == [
        ("a-CN", "out-of-scope", "token"),
        ("a-CN", "unknown", "token"),
        ("a-GB", "agent-serves", "token"),
    ]


@pytest.mark.case("CP-01")
def test_marketing_without_consent_opens_nothing_at_the_door(
    home: Home, database: str, redis_url: str
) -> None:
    with opened(home, database, redis_url) as door:
        customer = door.customer()
        catch_up(database)
        path = f"/v1/customers/{customer}/history"
        answer = door.get(path, open=True, purpose="dpv:DirectMarketing", role="sales")
        assert (answer.status_code, answer.json()["code"]) == (403, "access_denied")
        assert "Ann Example" not in answer.text
        (row,) = trail(door.product)
    assert (row.decision, row.rule, row.policy) == ("deny", "no-consent", "access@1")
    assert (row.subjects, row.request_id) == ([customer], row.correlation)


@pytest.mark.case("CP-14")
def test_a_locked_trail_is_told_in_time_and_other_questions_are_answered(
    home: Home, database: str, redis_url: str
) -> None:
    with opened(home, database, redis_url) as door:
        customer = door.customer()
        catch_up(database)
        path = f"/v1/customers/{customer}/history"
        with psycopg.connect(database) as holder:
            holder.execute("LOCK TABLE trail.access IN EXCLUSIVE MODE")
            asked = time.monotonic()
            answer = door.get(path, open=True, purpose="dpv:CustomerCare", role="agent")
            assert time.monotonic() - asked < 2
            assert (answer.status_code, answer.json()["code"]) == (503, "trail_unavailable")
            assert "Ann Example" not in answer.text
            assert door.get(path, role="agent").status_code == 200
            assert door.get("/v1/customers", role="agent").status_code == 200
            holder.rollback()
        opened_then = door.get(path, open=True, purpose="dpv:CustomerCare", role="agent")
        assert "Ann Example" in opened_then.text
