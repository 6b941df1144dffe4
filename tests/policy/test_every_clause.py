"""Every deadline and every cadence of the regulations is a row, and every row rests on a clause."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from domain.policy.cadence import CadenceRule, read_cadences
from domain.policy.deadline import DeadlineRule
from domain.policy.foreseen import FORESEEN
from domain.policy.reading import read_pack
from domain.publication import refusals, rows
from domain.publication.evolve import evolve
from domain.publication.policy import Policy
from domain.publication.rows import KNOWN_EVENTS, Row
from infra.policies import DORMANT, DRAFTS, PACKS, policy_document
from infra.publication.shipping import shipped

POLICIES = (*PACKS, *DORMANT, *DRAFTS)
STATUTORY = {"CB-4b"}
"""A clause of another kind that rows rest on: where the law is stricter it goes before."""
Rule = DeadlineRule | CadenceRule


def rules_of(policy: str) -> Iterator[Rule]:
    document = policy_document(policy)
    yield from read_pack(document)
    yield from read_cadences(document)


RULES = [rule for policy in POLICIES for rule in rules_of(policy)]
CLAUSES: Mapping[str, Mapping[str, str]] = {
    clause["id"]: clause
    for clause in csv.DictReader(
        files("domain").joinpath("clauses.csv").read_text("utf-8").splitlines()
    )
}
TIMED = {id: c for id, c in CLAUSES.items() if c["kind"] in ("deadline", "cadence")}
ROWS = {row.id: row for policy in POLICIES for row in shipped(policy).all_rows()}
BY_CLAUSE: dict[str, list[Rule]] = {}
for one in RULES:
    BY_CLAUSE.setdefault(one.clause, []).append(one)


def number(rule: Rule) -> object:
    return rule.target if isinstance(rule, DeadlineRule) else rule.every


def test_there_are_as_many_as_were_counted() -> None:
    kinds = [clause["kind"] for clause in CLAUSES.values()]
    assert (len(kinds), kinds.count("deadline"), kinds.count("cadence")) == (772, 87, 100)


def test_every_deadline_and_cadence_is_a_row_and_no_row_rests_on_anything_else() -> None:
    assert TIMED.keys() - BY_CLAUSE.keys() == set()
    assert BY_CLAUSE.keys() - TIMED.keys() == STATUTORY


def test_ids_are_used_once_over_all_policies() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
class TestARow:
    def test_is_one_plain_sentence_in_both_languages(self, rule: Rule) -> None:
        assert re.fullmatch(r"[A-Z].{20,200}\.", rule.says)
        assert re.fullmatch(r".{6,80}。", rule.zh)
        for remark in (rule.reading, rule.inactive):
            assert remark is None or re.fullmatch(r"[A-Z].{10,400}\.", remark)

    def test_is_called_by_its_clause(self, rule: Rule) -> None:
        assert rule.clause in STATUTORY or rule.id.startswith(rule.clause.lower())

    def test_its_number_is_marked_as_ours_where_the_clause_has_none(self, rule: Rule) -> None:
        limit = TIMED[rule.clause]["limit"] if rule.clause in TIMED else "vague"
        assert rule.proposal is (limit == "vague" and number(rule) is not None)
        assert rule.reading or not rule.proposal or rule.clause in STATUTORY
        assert number(rule) is not None or limit == "vague"
        assert (str(number(rule)) == "as agreed") is (limit == "agreed")

    def test_it_passes_as_a_row_of_a_policy(self, rule: Rule) -> None:
        """Facts are recorded, or foreseen and then the row says why it cannot run; roles exist."""
        rows.check(rule.pack.id, ROWS[rule.id])
        if isinstance(rule, DeadlineRule):
            named = {*rule.triggers, *rule.fulfilled_by, *rule.until, *rule.after}
            assert named <= KNOWN_EVENTS | FORESEEN
            assert named <= KNOWN_EVENTS or rule.inactive is not None


@pytest.mark.parametrize("policy", DORMANT)
def test_what_sleeps_starts_nothing_and_would_start_something_if_it_woke(policy: str) -> None:
    rules = list(rules_of(policy))
    assert not any(rule.starts for rule in rules)
    awake = [replace(rule, pack=replace(rule.pack, active=True)) for rule in rules]
    assert any(rule.starts for rule in awake)


DAY = datetime(2026, 3, 2, tzinfo=UTC)
OPEN = "rr-q-14, rr-s-8.2b, rr-u-c1-3.4.1, rr-u-c1-5.1.1b, rr-u-c1-5.2.1"


class TestTheCollection:
    def drafted(self, changed: Mapping[str, Mapping[str, Any]] | None = None) -> Policy:
        command = shipped("collection")
        new = [
            Row(kind=row.kind, row={**row.row, **(changed or {}).get(row.id, {})})
            for row in command.all_rows()
        ]
        opened = Policy(policy="collection").open_draft(command.head, by="ann", at=DAY)
        policy = evolve(None, opened)
        for event in policy.draft_rows(new, by="ann", at=DAY):
            policy = evolve(policy, event)
        return policy

    def test_it_is_not_published_while_limits_are_open_and_each_is_named(self) -> None:
        policy = self.drafted()
        with pytest.raises(refusals.RowsVague) as refused:
            policy.must_be_sound(policy.must_draft())
        assert refused.value.parameters == {"policy": "collection", "rows": OPEN}

    def test_with_their_numbers_it_can_be(self) -> None:
        policy = self.drafted(
            {
                id: {"every": {"years": 1}} if id == "rr-q-14" else {"target": {"working_days": 9}}
                for id in OPEN.split(", ")
            }
        )
        policy.must_be_sound(policy.must_draft())
