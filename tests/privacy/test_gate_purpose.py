"""A purpose opens what it may, under a consent where it needs one, and every no is on record."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.personal import Category
from domain.terms import ConsentPurpose, ConsentScope
from infra.dispatch import Caller
from infra.gate import AccessDenied
from infra.product import Product, now
from tests.commands.consenting import (
    agreement,
    consent,
    consent_to_share,
    notice,
    signature,
    withdrawal,
)
from tests.domain.agreed import PARTNER
from tests.privacy.at_the_gate import (
    CARE,
    DIRECT,
    DISPUTE,
    LAW,
    gate_at,
    reader,
    trail,
    value,
    values,
)
from tests.privacy.conftest import ask, registration

HEAD = Caller("staff:head", "department_head")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RESEARCH = "dpv:CommercialResearch"


@pytest.fixture
def told(running: Product, erika: UUID) -> UUID:
    """Erika, after the notice, two days ago."""
    ask(running, notice(erika, at=now() - timedelta(days=2)))
    return erika


@pytest.mark.case("CP-01")
@pytest.mark.clause("CB-14.3a", "CB-14.3b")
def test_what_was_agreed_to_for_service_is_not_used_for_marketing(
    running: Product, told: UUID
) -> None:
    ask(running, consent(told, purpose=ConsentPurpose.CUSTOMER_CARE))
    offered = [value(running, told)]
    assert running.gate.open(offered, reader("sales"), CARE) == ["Erika Mustermann"]
    with pytest.raises(AccessDenied) as denied:
        running.gate.open(offered, reader("sales"), DIRECT)
    assert denied.value.parameters == {"rule": "no-consent", "purpose": DIRECT}
    kept = trail(running)[-1]
    assert (kept.decision, kept.rule, kept.purpose) == ("deny", "no-consent", DIRECT)
    assert (kept.policy, kept.subjects, kept.consents) == ("access@1", [told], [])
    assert kept.fields == ["CustomerRegistered.profile.name"]


@pytest.mark.case("CP-01")
def test_nothing_is_unsealed_before_it_is_permitted(running: Product, erika: UUID) -> None:
    """A token that cannot be opened tells: unsealing would say Tampered before AccessDenied."""
    other = ask(running, registration("Max Beispiel")).ids["customer"]
    moved = value(running, erika)._replace(subject=other)
    with pytest.raises(AccessDenied):
        running.gate.open([moved], reader("sales"), DIRECT)
    assert [row.rule for row in trail(running)] == ["no-consent"]


@pytest.mark.clause("CB-14.3a")
def test_a_consent_opens_what_it_covers_and_stands_in_the_trail(
    running: Product, told: UUID
) -> None:
    given = ask(running, consent(told, categories=(Category.IDENTITY,))).ids["consent"]
    assert running.gate.open([value(running, told)], reader("sales"), DIRECT)
    kept = trail(running)[-1]
    assert (kept.decision, kept.rule, kept.consents) == ("permit", "sales-offers", [given])
    assert kept.legal_basis == "dpv:Consent"
    with pytest.raises(AccessDenied):
        running.gate.open(values(running, told)[:2], reader("sales"), DIRECT)
    assert trail(running)[-1].rule == "no-consent"


@pytest.mark.case("CP-02")
def test_a_consent_holds_up_to_its_last_second_and_a_job_stops_there(
    running: Product, told: UUID
) -> None:
    ask(running, notice(told, at=NOON - timedelta(hours=3)))
    ask(running, consent(told, at=NOON - timedelta(hours=2), expires_at=NOON))
    batch = [value(running, told)]
    clock = [NOON + timedelta(seconds=1)]
    with gate_at(running, clock) as gate:
        with pytest.raises(AccessDenied):
            gate.open(batch, reader("sales"), DIRECT)
        clock.append(NOON - timedelta(seconds=1))
        done = 0
        with pytest.raises(AccessDenied):  # a job from 11:59:59 to 12:05, a batch a minute
            for _ in range(6):
                gate.open(batch, reader("sales"), DIRECT)
                done += 1
                clock.append(clock[-1] + timedelta(minutes=1))
    assert done == 1
    assert [row.decision for row in trail(running)] == ["deny", "permit", "deny"]


@pytest.mark.case("CP-02")
def test_a_withdrawal_counts_from_the_next_request(running: Product, told: UUID) -> None:
    ask(running, consent(told))
    batch = [value(running, told)]
    running.gate.open(batch, reader("sales"), DIRECT)
    ask(running, withdrawal(told))
    withdrawn = time.monotonic()
    with pytest.raises(AccessDenied):
        running.gate.open(batch, reader("sales"), DIRECT)
    assert time.monotonic() - withdrawn < 1


def test_one_without_consent_among_many_and_none_of_them_opens(
    running: Product, told: UUID
) -> None:
    other = ask(running, registration("Max Beispiel")).ids["customer"]
    ask(running, consent(told))
    with pytest.raises(AccessDenied):
        running.gate.open([value(running, told), value(running, other)], reader("sales"), DIRECT)
    assert trail(running)[-1].subjects == sorted([told, other])


@pytest.mark.clause("CB-14.3d")
def test_sharing_needs_the_persons_consent_and_a_signed_agreement(
    running: Product, told: UUID
) -> None:
    shared = [value(running, told, "profile.email")]
    partner = reader("crm_admin", recipient=PARTNER)

    def denied() -> str:
        with pytest.raises(AccessDenied) as refusal:
            running.gate.open(shared, partner, RESEARCH)
        kept = trail(running)[-1]
        assert (kept.operation, kept.recipient) == ("share", PARTNER)
        assert kept.rule == refusal.value.parameters["rule"]
        return str(kept.rule)

    assert denied() == "no-consent"
    given = ask(running, consent_to_share(told)).ids["consent"]
    abroad = consent_to_share(told, scope=ConsentScope.CROSS_BORDER)
    ask(running, abroad)
    assert denied() == "no-agreement"
    since = now() - timedelta(days=1)
    terms = agreement(since, since + timedelta(days=365))
    made = ask(running, terms, HEAD).ids["agreement"]
    assert denied() == "no-agreement"
    ask(running, signature(made), HEAD)
    assert running.gate.open(shared, partner, RESEARCH) == ["erika@example.org"]
    kept = trail(running)[-1]
    assert (kept.operation, kept.recipient) == ("share", PARTNER)
    assert (kept.consents, kept.agreement) == ([given], made)
    later = [since + timedelta(days=365)]
    with gate_at(running, later) as gate, pytest.raises(AccessDenied):
        gate.open(shared, partner, RESEARCH)
    other = partner._replace(recipient="other-company")
    with pytest.raises(AccessDenied):
        running.gate.open(shared, other, RESEARCH)


@pytest.mark.case("KY-18")
def test_a_stopped_key_opens_for_the_law_alone(running: Product, told: UUID) -> None:
    ask(running, consent(told))
    offered = [value(running, told)]
    assert running.gate.open(offered, reader("sales"), DIRECT) == ["Erika Mustermann"]
    running.keyring.restrict(told, [Category.IDENTITY])
    for role, purpose in (("sales", DIRECT), ("agent", CARE)):
        with pytest.raises(AccessDenied) as denied:
            running.gate.open(offered, reader(role), purpose)
        assert denied.value.parameters["rule"] == "key-restricted"
    assert [row.rule for row in trail(running)[-2:]] == ["key-restricted"] * 2
    officer = reader("compliance_officer")
    assert running.gate.open(offered, officer, LAW) == ["Erika Mustermann"]
    assert running.gate.open(offered, reader("agent"), DISPUTE) == ["Erika Mustermann"]
    assert [row.decision for row in trail(running)[-2:]] == ["permit"] * 2
    running.keyring.lift(told, [Category.IDENTITY])
    assert running.gate.open(offered, reader("agent"), CARE) == ["Erika Mustermann"]


def test_a_basis_the_law_of_the_place_does_not_know_carries_nothing(running: Product) -> None:
    german = ask(running, registration("Erika Mustermann")).ids["customer"]
    chinese = ask(running, registration("Li Lei", market="CN")).ids["customer"]
    interest = reader("supervisor", legal_basis="dpv:LegitimateInterest")
    assert running.gate.open([value(running, german)], interest, CARE) == ["Erika Mustermann"]
    with pytest.raises(AccessDenied) as denied:
        running.gate.open([value(running, chinese)], interest, CARE)
    assert denied.value.parameters["rule"] == "basis-not-admitted"
    assert [row.legal_basis for row in trail(running)] == ["dpv:LegitimateInterest"] * 2
