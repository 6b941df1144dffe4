"""An auditor sees values only behind broken glass: for a reason, for a while, and told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.customer.record_interaction import RecordInteraction
from domain.terms import Channel, Direction
from infra.gate import AccessDenied, Reader
from infra.gate.break_glass import (
    BrokenGlass,
    GlassNotForRole,
    GlassReasonMissing,
    break_glass,
    broken_between,
    confirm,
    unseen,
)
from infra.product import Product, now
from tests.privacy.at_the_gate import CARE, LAW, gate_at, reader, trail, values
from tests.privacy.conftest import ask

AUDITOR = reader("auditor", "staff:ada")


def breaking(running: Product, at: datetime, who: Reader = AUDITOR, **more: Any) -> BrokenGlass:
    asked = {"purpose": LAW, "reason": "audit-finding", "reference": "AUD-17", **more}
    return break_glass(
        running.record.connection, running.gate.policy, who, glass=uuid4(), at=at, **asked
    )


@pytest.mark.case("AC-29")
def test_glass_is_broken_for_a_while_and_every_field_stands_in_the_trail(
    running: Product, erika: UUID
) -> None:
    spoken = RecordInteraction(
        customer_id=erika, channel=Channel.PHONE, direction=Direction.INBOUND, content="I moved."
    )
    ask(running, spoken)
    wanted = values(running, erika)
    with pytest.raises(AccessDenied) as denied:
        running.gate.open(wanted, AUDITOR, LAW)
    assert denied.value.parameters["rule"] == "glass-not-broken"
    at = now()
    broken = breaking(running, at)
    assert broken.until - broken.since == timedelta(minutes=30)
    behind = AUDITOR._replace(break_glass=broken.id)
    clock = [at]
    with gate_at(running, clock) as gate:
        assert gate.open(wanted, behind, LAW) == [
            "Erika Mustermann", "erika@example.org", "I moved.",
        ]  # fmt: skip
        rows = trail(running)[1:]
        clock.append(broken.until - timedelta(seconds=1))
        assert gate.open(wanted[:1], AUDITOR, LAW) == ["Erika Mustermann"], "named or not"
        clock.append(broken.until)
        with pytest.raises(AccessDenied):
            gate.open(wanted, behind, LAW)
    registered, interaction = (
        r.header.event_id
        for r in running.record.read_stream(erika)
        if r.header.type in ("CustomerRegistered", "InteractionRecorded")
    )
    assert {row.record_ref: (row.subjects, row.fields, row.tokens) for row in rows} == {
        registered: (
            [erika], ["CustomerRegistered.profile.email", "CustomerRegistered.profile.name"], 2,
        ),
        interaction: ([erika], ["InteractionRecorded.content"], 1),
    }  # fmt: skip
    assert {(row.rule, row.break_glass) for row in rows} == {("auditor-breaks-glass", broken.id)}
    assert trail(running)[-1].rule == "glass-not-broken"


@pytest.mark.case("AC-29")
def test_the_data_protection_officer_is_told_at_once_and_the_report_lists_it(
    running: Product, erika: UUID
) -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    broken = breaking(running, at, reason="court-order", reference="CASE-2026")
    behind = AUDITOR._replace(break_glass=broken.id)
    with gate_at(running, [at]) as gate:
        gate.open(values(running, erika), behind, LAW)
        gate.open(values(running, erika), behind._replace(correlation=uuid4()), LAW)
    with running.record.connection() as connection:
        (notice,) = unseen(connection, ["dpo"])
        assert (notice.topic, notice.about) == ("break-glass", broken.id)
        assert unseen(connection, ["auditor", "agent"]) == []
        confirm(connection, notice.id, "staff:dora")
        confirm(connection, notice.id, "staff:dora")
        assert unseen(connection, ["dpo"]) == []
        half_year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
        assert broken_between(connection, *half_year) == [broken._replace(accesses=2)]
        assert broken_between(connection, half_year[1], at + timedelta(days=365)) == []


@pytest.mark.case("AC-29")
@pytest.mark.parametrize(
    ("who", "purpose"),
    [
        (AUDITOR._replace(actor="staff:eve"), LAW),
        (AUDITOR._replace(role="analyst"), LAW),
        (AUDITOR, "dpv:DisputeManagement"),
        (AUDITOR, CARE),
    ],
)
def test_glass_is_broken_for_one_person_and_one_purpose(
    running: Product, erika: UUID, who: Reader, purpose: str
) -> None:
    broken = breaking(running, now())
    with pytest.raises(AccessDenied):
        running.gate.open(values(running, erika), who._replace(break_glass=broken.id), purpose)
    with pytest.raises(AccessDenied):
        running.gate.open(values(running, erika), AUDITOR._replace(break_glass=uuid4()), LAW)


def test_a_stopped_or_missing_consent_is_not_lifted_by_broken_glass(
    running: Product, erika: UUID
) -> None:
    behind = AUDITOR._replace(break_glass=breaking(running, now()).id, recipient="press")
    with pytest.raises(AccessDenied):
        running.gate.open(values(running, erika), behind, "dpv:DirectMarketing")


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"purpose": CARE}, GlassNotForRole),
        ({"who": reader("agent")}, GlassNotForRole),
        ({"reason": "curiosity"}, GlassReasonMissing),
        ({"reason": ""}, GlassReasonMissing),
        ({"reference": ""}, GlassReasonMissing),
        ({"reference": "Erika Mustermann"}, GlassReasonMissing),
        ({"reference": "AUD-17\n"}, GlassReasonMissing),
    ],
)
def test_no_reason_no_broken_glass(
    running: Product, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        breaking(running, now(), **more)
    with running.record.connection() as connection:
        assert connection.execute(
            "SELECT (SELECT count(*) FROM trail.break_glass), (SELECT count(*) FROM trail.notice)"
        ).fetchone() == (0, 0)
