"""The access policy as a truth table: every combination there is, decided as a person would."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.personal import Category
from domain.policy.access import CONSENT, DENIALS, Question, read_access
from domain.staff import roles as staff
from domain.terms import ConsentPurpose
from infra.policies import shipped_access_policy

POLICY = shipped_access_policy()
DAY = date(2026, 11, 24)
SERVICE = (Category.IDENTITY, Category.CONTACT, Category.CONTENT)
MARKETING = {
    "dpv:Marketing", "dpv:DirectMarketing", "dpv:SocialMediaMarketing",
    "dpv:PersonalisedAdvertising", "dpv:ProvideProductRecommendations",
    "dpv:ServicePersonalisation", "dpv:CommercialResearch", "dpv:PublicRelations",
}  # fmt: skip
SHARING = {"pipl:ProvisionToOthers", "pipl:ProvisionAbroad"}
LAW = {"dpv:LegalCompliance", "dpv:RightsFulfilment"}
CARE, ORDERS, PROVISION = "dpv:CustomerCare", "dpv:CustomerOrderManagement", "dpv:ServiceProvision"
RELATIONS, DISPUTES = "dpv:CustomerRelationshipManagement", "dpv:DisputeManagement"
BETTER, RECORDS = "dpv:ServiceOptimisation", "dpv:RecordManagement"
VERIFY, COMPLY = "dpv:IdentityVerification", "dpv:OrganisationComplianceManagement"
SOLVENCY = "dpv:CustomerSolvencyMonitoring"

# Written down apart from access.toml: who opens what for what.
OPENS: dict[str, list[tuple[set[str], tuple[Category, ...]]]] = {
    "agent": [({CARE, ORDERS, PROVISION, DISPUTES}, SERVICE)],
    "sales": [
        ({CARE, ORDERS, PROVISION, RELATIONS}, SERVICE),
        (
            {"dpv:Marketing", "dpv:DirectMarketing", "dpv:ProvideProductRecommendations",
             "dpv:ServicePersonalisation"},
            (Category.IDENTITY, Category.CONTACT),
        ),
    ],
    "supervisor": [({CARE, ORDERS, PROVISION, DISPUTES, RELATIONS, BETTER}, SERVICE)],
    "complaint_officer": [({CARE, DISPUTES, *LAW}, tuple(Category))],
    "crm_admin": [
        (
            {CARE, ORDERS, PROVISION, DISPUTES, RELATIONS, BETTER, SOLVENCY, RECORDS, VERIFY,
             "dpv:RightsFulfilment"},
            tuple(Category),
        ),
        (MARKETING, (Category.IDENTITY, Category.CONTACT)),
        (SHARING, SERVICE),
    ],
    "department_head": [({CARE, RELATIONS, DISPUTES, BETTER, *SHARING}, SERVICE)],
    "management": [({CARE, RELATIONS, DISPUTES, BETTER}, (Category.IDENTITY,))],
    "compliance_officer": [({CARE, DISPUTES, RECORDS, VERIFY, COMPLY, *LAW}, tuple(Category))],
    "system": [
        ({"dpv:RightsFulfilment"}, tuple(Category)),
        ({RECORDS}, (Category.IDENTITY, Category.CONTACT)),
    ],
    "dpo": [({COMPLY, *LAW}, tuple(Category))],
    "approver": [],
    "key_custodian": [],
    "auditor": [],
    "analyst": [],
    "importer": [],
}  # fmt: skip
BREAKS_GLASS = {"auditor": {"dpv:LegalCompliance", DISPUTES, COMPLY}}
BASES = {
    **{term: [CONSENT] for term in {*MARKETING, *SHARING}},
    **{term: ["dpv:LegalObligation"] for term in LAW},
    CARE: ["dpv:Contract", "dpv:LegitimateInterest", CONSENT],
    PROVISION: ["dpv:Contract", CONSENT],
    ORDERS: ["dpv:Contract"],
    RELATIONS: ["dpv:Contract", "dpv:LegitimateInterest", CONSENT],
    SOLVENCY: ["dpv:Contract", "dpv:LegitimateInterest"],
    BETTER: ["dpv:LegitimateInterest", CONSENT],
    RECORDS: ["dpv:LegalObligation", "dpv:Contract"],
    VERIFY: ["dpv:LegalObligation", "dpv:Contract"],
    COMPLY: ["dpv:LegalObligation", "dpv:LegitimateInterest"],
    DISPUTES: ["dpv:LegalObligation", "dpv:Contract", "dpv:LegitimateInterest"],
}
PURPOSES = sorted(BASES)
ROLES = sorted(OPENS)
LEGAL_BASES = ["dpv:Contract", "dpv:LegitimateInterest", CONSENT, "dpv:LegalObligation"]
NO_LEGITIMATE_INTEREST = {"CN", None}
BOTH = (False, True)


def expected(q: Question) -> bool:
    """By the sentences of the plan, not by the code."""
    granted = any(
        q.purpose in purposes and q.category in categories
        for purposes, categories in OPENS.get(q.role, [])
    )
    if not granted and not (q.break_glass and q.purpose in BREAKS_GLASS.get(q.role, set())):
        return False
    if not q.in_scope:
        return False
    unknown = {"dpv:LegitimateInterest"} if q.market in NO_LEGITIMATE_INTEREST else set()
    fitting = [basis for basis in BASES[q.purpose] if basis not in unknown]
    basis = q.legal_basis or fitting[0]
    if basis not in fitting:
        return False
    if q.restricted and q.purpose not in {*LAW, DISPUTES, VERIFY}:
        return False
    if q.purpose in SHARING and not q.shared:
        return False
    wants_consent = basis == CONSENT or (q.shared and q.purpose not in {*LAW, DISPUTES})
    if wants_consent and not q.consent:
        return False
    return not (q.shared and q.purpose not in LAW and not q.agreement)


def every_question() -> Iterator[Question]:
    for parts in product(
        [*ROLES, "nobody"],
        [*PURPOSES, "curiosity"],
        [None, *LEGAL_BASES, "dpv:LegalBasis"],
        Category,
        ["CN", "DE", None],
        BOTH, BOTH, BOTH, BOTH, BOTH, BOTH,
    ):  # fmt: skip
        yield Question._make(parts)


@pytest.mark.clause("CB-14.1b", "CB-14.1d", "CB-14.3a", "CB-14.3b", "CB-14.3d")
def test_every_combination_is_decided_and_none_otherwise_than_it_should() -> None:
    told: Counter[str] = Counter()
    for question in every_question():
        decision = POLICY.permit(question, DAY)
        if decision.permitted != expected(question):
            pytest.fail(f"{question}: {decision}")
        told[decision.rule] += 1
    assert sum(told.values()) == 16 * 23 * 6 * 4 * 3 * 64
    grants = {grant.id for grant in (*POLICY.grants, *POLICY.break_glass)}
    assert set(told) == grants | DENIALS, "a rule that never decides, or one nobody listed"


def test_the_purposes_and_roles_are_those_listed_here() -> None:
    assert POLICY.terms() == set(PURPOSES)
    assert POLICY.roles == set(ROLES) == staff.ROLES
    assert {term.partition(":")[0] for term in POLICY.terms()} == {"dpv", "pipl"}
    assert {str(purpose) for purpose in ConsentPurpose} <= POLICY.terms(), "consented, never used"


def test_without_rows_everything_is_denied() -> None:
    empty = replace(POLICY, grants=(), break_glass=())
    nothing = replace(POLICY, purposes=(), grants=(), break_glass=())
    for role, purpose, category in product(ROLES, PURPOSES, Category):
        question = Question(
            role, purpose, None, category, "DE", consent=True, agreement=True, break_glass=True
        )
        assert empty.permit(question, DAY)[:3] == (False, "not-granted", "access@1")
        assert nothing.permit(question, DAY)[:2] == (False, "purpose-not-listed")


questions = st.builds(
    Question,
    role=st.sampled_from(ROLES),
    purpose=st.sampled_from(PURPOSES),
    legal_basis=st.sampled_from([None, *LEGAL_BASES]),
    category=st.sampled_from(Category),
    market=st.sampled_from(["CN", "DE", "US", "XX", None]),
    in_scope=st.booleans(),
    shared=st.booleans(),
    consent=st.booleans(),
    agreement=st.booleans(),
    restricted=st.booleans(),
    break_glass=st.booleans(),
)
WORSE: dict[str, bool | None] = {
    "in_scope": False,
    "consent": False,
    "agreement": False,
    "break_glass": False,
    "restricted": True,
    "market": None,
}


@pytest.mark.parametrize("field", WORSE)
@given(question=questions)
def test_less_to_show_never_permits_more(field: str, question: Question) -> None:
    changes: dict[str, Any] = {field: WORSE[field]}
    worse = POLICY.permit(question._replace(**changes), DAY)
    assert not worse.permitted or POLICY.permit(question, DAY).permitted


@given(question=questions)
def test_a_recipient_never_permits_what_own_use_denies(question: Question) -> None:
    shared = POLICY.permit(question._replace(shared=True), DAY)
    own = POLICY.permit(question._replace(shared=False), DAY)
    assert not shared.permitted or own.permitted or own.rule == "no-recipient"


@given(question=questions)
def test_what_is_permitted_names_its_grant_and_a_basis_of_the_purpose(question: Question) -> None:
    decision = POLICY.permit(question, DAY)
    assert decision.policy == "access@1"
    if decision.permitted:
        assert decision.legal_basis in BASES[question.purpose]
        assert question.legal_basis in (None, decision.legal_basis)
    else:
        assert (decision.rule in DENIALS, decision.legal_basis) == (True, None)


@pytest.mark.parametrize(
    ("roles", "purpose", "role"),
    [
        (("crm_admin", "compliance_officer"), CARE, "crm_admin"),
        (("crm_admin", "compliance_officer"), "dpv:LegalCompliance", "compliance_officer"),
        (("agent", "sales"), "dpv:DirectMarketing", "sales"),
        (("analyst", "auditor"), COMPLY, "auditor"),
        (("agent", "analyst"), COMPLY, "agent"),
        (("agent",), "curiosity", "agent"),
    ],
)
def test_somebody_with_several_roles_reads_in_the_one_that_may(
    roles: tuple[str, ...], purpose: str, role: str
) -> None:
    assert POLICY.role_for(roles, purpose, DAY) == role


def document() -> dict[str, Any]:
    text = files("domain.policy").joinpath("access.toml").read_text("utf-8")
    return tomllib.loads(text)


def test_a_row_holds_from_its_first_day_to_the_last_before_it_lapses() -> None:
    changed = document()
    changed["policy"]["version"] = 2
    (row,) = (row for row in changed["grant"] if row["id"] == "agent-serves")
    row["lapsed"] = date(2027, 1, 1)
    changed["grant"].append(
        row | {"in_force": date(2027, 1, 1), "lapsed": None, "categories": ["identity"]}
    )
    policy = read_access(changed)
    content = Question("agent", CARE, None, Category.CONTENT, "DE")
    days = (date(2026, 12, 31), date(2027, 1, 1))
    assert [policy.permit(content, day).permitted for day in days] == [True, False]
    assert policy.permit(content._replace(category=Category.IDENTITY), days[1]).permitted
    assert policy.permit(content, days[1]).policy == "access@2"


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("grant", {"role": "emperor"}),
        ("grant", {"purposes": ["dpv:Curiosity"]}),
        ("grant", {"id": "not-granted"}),
        ("grant", {"id": "sales-serves"}),
        ("grant", {"categories": ["secrets"]}),
        ("purpose", {"bases": []}),
        ("purpose", {"consent": "sometimes"}),
        ("purpose", {"term": "dpv:Marketing"}),
        ("break_glass", {"tells": "nobody"}),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(table: str, change: dict[str, Any]) -> None:
    changed = document()
    changed[table][0] |= change
    with pytest.raises(ValueError):
        read_access(changed)


def test_a_policy_without_a_grants_role_is_refused() -> None:
    changed = document()
    del changed["grant"][0]["role"]
    with pytest.raises(KeyError):
        read_access(changed)
