"""What came out and what stands in the trail agree, for every role, purpose, basis and scope."""

from __future__ import annotations

from itertools import product
from uuid import UUID, uuid4

import pytest

from domain.personal import Category
from domain.policy.access import Question
from domain.refusal import NotFound
from infra.gate import AccessDenied, Reader
from infra.product import Product, now
from tests.privacy.at_the_gate import trail, values

SCOPES = (None, frozenset({"DE", "FR"}), frozenset({"CN"}))
BASES = (None, "dpv:LegitimateInterest", "dpv:Consent")


@pytest.mark.case("CP-01")
@pytest.mark.clause("CB-14.1b", "CB-14.3a")
def test_a_text_came_out_exactly_where_the_last_row_says_so(running: Product, erika: UUID) -> None:
    policy, offered = running.gate.policy, values(running, erika)
    purposes = [*sorted(policy.terms()), "curiosity"]
    roles = [*sorted(policy.roles), "nobody"]
    expected = []
    for role, purpose, basis, markets in product(roles, purposes, BASES, SCOPES):
        reader = Reader(
            "staff:bob", role, uuid4(), legal_basis=basis, markets=markets, request_id=uuid4()
        )
        scoped = markets is None or "DE" in markets
        decisions = [
            policy.permit(
                Question(role, purpose, basis, category, "DE", in_scope=scoped), now().date()
            )
            for category in (Category.IDENTITY, Category.CONTACT)
        ]
        denials = [decision.rule for decision in decisions if not decision.permitted]
        try:
            texts = running.gate.open(offered, reader, purpose)
        except AccessDenied as denied:
            outcome, rule = "deny", denied.parameters["rule"]
            assert rule in denials
        except NotFound:
            outcome, rule = "deny", "out-of-scope"
            assert rule in denials
        else:
            outcome, rule = "permit", decisions[0].rule
            assert texts == ["Erika Mustermann", "erika@example.org"]
            assert not denials
        noted = purpose if purpose in policy.terms() else "unlisted"
        expected.append((reader.request_id, role, noted, outcome, rule, [erika], 2))
    rows = trail(running)
    assert [
        (r.request_id, r.role, r.purpose, r.decision, r.rule, r.subjects, r.tokens) for r in rows
    ] == expected
    assert {row.decision for row in rows} == {"permit", "deny"}
    assert all(row.legal_basis for row in rows if row.decision == "permit")
