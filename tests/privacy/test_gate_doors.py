"""An auditor at the HTTP door: masked, then behind broken glass."""

from __future__ import annotations

from uuid import uuid4

import pytest

from infra.gate import Reader
from infra.gate.break_glass import break_glass
from infra.home import Home
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
