"""What has to be done by the calendar is read back from the record with the days it holds on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy_row import DraftPolicyRow
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from commands.policy.revise_policy import RevisePolicy
from domain.policy.cadence import CadenceRule
from domain.policy.rulebook import Rulebook
from domain.publication import refusals
from domain.publication.events import RowKind
from infra.policies import DRAFTS, POLICIES, policy_document, shipped_rulebook
from infra.publication.rules import with_policies
from infra.publication.shipping import shipped
from tests.commands.office import Office

P = "overseas_further"


@pytest.fixture
def office() -> Office:
    """With everything that ships on record."""
    office = Office()
    for policy in (*POLICIES, *DRAFTS):
        office.ask(shipped(policy), role="system", actor="dossier")
    return office


def cadences(office: Office) -> dict[tuple[str, str], CadenceRule]:
    rules = with_policies(Rulebook(), office.record).cadences
    return {(rule.pack.name, rule.id): rule for rule in rules}


def row(id: str, **changes: object) -> dict[str, object]:
    table: dict[str, object]
    [table] = [row for row in policy_document(P)["cadence"] if row["id"] == id]
    return table | changes


def test_those_of_the_files_are_published_and_those_of_a_draft_are_not(office: Office) -> None:
    found = cadences(office)
    assert found == {
        (rule.pack.name, rule.id): replace(rule, pack=found[rule.pack.name, rule.id].pack)
        for rule in shipped_rulebook().cadences
    }
    assert not any(rule.starts for rule in found.values())


def test_a_revision_ends_the_one_before_and_turns_it_on(office: Office) -> None:
    day = date(2026, 3, 9)
    changed = row("os-4.1-1b", every={"weeks": 2})
    office.ask(RevisePolicy(policy_id=P, active=True), actor="ann")
    office.ask(DraftPolicyRow(policy_id=P, kind=RowKind.CADENCE, row=changed), actor="ann")
    office.ask(ReviewPolicy(policy_id=P), actor="cy", role="compliance_officer")
    office.ask(ApprovePolicy(policy_id=P), actor="dee", role="management")
    office.ask(
        PublishPolicy(policy_id=P, effective_day=day, change_record="Every other week."),
        actor="ann",
        role="management",
    )
    found = cadences(office)
    before, after = found[f"{P}@1", "os-4.1-1b"], found[f"{P}@2", "os-4.1-1b"]
    assert (before.lapsed, before.starts, str(before.every)) == (day, False, "P1W")
    assert (after.in_force, after.starts, str(after.every)) == (day, True, "P2W")
    begun = with_policies(Rulebook(), office.record).started_by["InquiryReceived"]
    assert (f"{P}@2", "os-3.1-2c") in {(rule.pack.name, rule.id) for rule in begun}
    assert f"{P}@1" not in {rule.pack.name for rule in begun}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"every": {"weeks": 0}}, refusals.LimitNotPositive),
        ({"every": {"fortnights": 1}}, refusals.RowMalformed),
        ({"every": {"weeks": "two"}}, refusals.RowMalformed),
        ({"role": "janitor"}, refusals.RowRoleUnknown),
        ({"role": 7}, refusals.RowRoleUnknown),
        ({"role": ["agent"]}, refusals.RowRoleUnknown),
        ({"every": ["weeks"]}, refusals.RowMalformed),
        ({"every": {"years": 11}}, refusals.RowMalformed),
        ({"every": {"weeks": 10**9}}, refusals.RowMalformed),
        ({"every": {"working_days": 2}}, refusals.RowMalformed),
        ({"due": {"working_days": 10**9}}, refusals.RowMalformed),
        ({"warn": {"before_days": 10**9}}, refusals.RowMalformed),
        ({"duty": "Weekly sampling"}, refusals.RowMalformed),
        ({"duty": 7}, refusals.RowMalformed),
        ({"duty": ""}, refusals.RowMalformed),
        ({"per": "planet"}, refusals.RowMalformed),
        ({"times": 0}, refusals.RowMalformed),
        ({"proposal": "yes"}, refusals.RowMalformed),
        ({"evry": 1}, refusals.RowMalformed),
        ({"in_force": "soon"}, refusals.RowMalformed),
        ({"says": None}, refusals.RowMalformed),
    ],
    ids=str,
)
def test_a_row_that_could_not_be_done_is_refused_by_name(
    office: Office, changes: dict[str, object], refusal: type[refusals.RowMalformed]
) -> None:
    office.ask(RevisePolicy(policy_id=P), actor="ann")
    drafted = {k: v for k, v in row("os-4.1-1b", **changes).items() if v is not None}
    with pytest.raises(refusal) as refused:
        office.ask(DraftPolicyRow(policy_id=P, kind=RowKind.CADENCE, row=drafted), actor="ann")
    assert refused.value.parameters["row"] == "os-4.1-1b"
