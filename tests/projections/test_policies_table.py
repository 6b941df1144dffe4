"""Policies as the table shows them: how far each version has come, and from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from commands.policy.drop_policy_row import DropPolicyRow
from commands.policy.file_policy import FilePolicy
from commands.policy.lapse_policy import LapsePolicy
from commands.policy.publish_shipped_policy import PublishShippedPolicy
from commands.policy.revise_policy import RevisePolicy
from commands.policy.withdraw_policy_draft import WithdrawPolicyDraft
from domain.publication.evolve import folded
from domain.publication.policy import policy_stream
from infra.projector.builds import connected
from queries.policies_found import policies_found
from tests.projections.policies import ROW, drafted, published, redrafted, signed
from tests.projections.shop import EIGHT, Shop

P = "house_rules"
TODAY = EIGHT.date()


def day(number: int) -> date:
    return date(2026, 4, number)


def changed(minutes: int) -> dict[str, Any]:
    return {**ROW, "target": {"working_minutes": minutes}}


def revised(shop: Shop, minutes: int, effective: date) -> None:
    shop.ask(RevisePolicy(policy_id=P))
    redrafted(shop, P, changed(minutes))
    signed(shop, P)
    published(shop, P, effective)


def shown(shop: Shop, *columns: str) -> list[tuple[Any, ...]]:
    shop.catch_up()
    return [tuple(row[c] for c in columns) for row in shop.rows("policies", policy_id=P)]


def test_a_version_in_every_state(shop: Shop) -> None:
    states = []
    drafted(shop, P, ROW)
    states += shown(shop, "state", "rows_hash", "reviewed_by", "approved_by")
    signed(shop, P)
    (state,) = shown(shop, "state", "reviewed_by", "approved_by", "drafted_by")
    assert state == ("approved", "cora", "maya", ["ann"])
    redrafted(shop, P, {**ROW, "id": "house-2", "metric": "resolution"})
    states += shown(shop, "state", "rows_hash", "reviewed_by", "approved_by")
    assert states == [("draft", None, None, None)] * 2
    shop.ask(DropPolicyRow(policy_id=P, row_id="house-2"))
    signed(shop, P)
    published(shop, P, day(1))
    shop.ask(FilePolicy(policy_id=P, filed_with="crm", reference="2026/1"))
    shop.ask(RevisePolicy(policy_id=P))
    shop.ask(WithdrawPolicyDraft(policy_id=P))
    assert shown(shop, "policy", "state", "row_ids", "based_on", "filed_with") == [
        (f"{P}@1", "published", ["house-1"], None, "crm"),
        (f"{P}@2", "withdrawn", ["house-1"], 1, None),
    ]
    known = folded([r.event for r in shop.record.read_stream(policy_stream(P))])  # type: ignore[misc]
    assert known is not None
    assert shop.row("policies", policy=f"{P}@1")["rows_hash"] == known.version(1).rows_hash


def test_each_version_ends_where_a_later_one_begins(shop: Shop) -> None:
    drafted(shop, P, ROW)
    signed(shop, P)
    published(shop, P, day(1))
    revised(shop, 20, day(20))
    assert shown(shop, "effective_day", "ends_on") == [(day(1), day(20)), (day(20), None)]
    revised(shop, 10, day(10))
    assert shown(shop, "policy_version", "effective_day", "ends_on", "replaces") == [
        (1, day(1), day(10), None),
        (2, day(20), day(10), 1),
        (3, day(10), None, 2),
    ]
    lapse = LapsePolicy(policy_id=P, lapses=day(28), change_record="Enough")
    shop.ask(lapse, actor="maya", role="management")
    assert shown(shop, "ends_on") == [(day(10),), (day(10),), (day(28),)]
    with shop.reading() as db:
        on = {d: [p.policy for p in policies_found(db, on=day(d))] for d in (1, 9, 10, 27, 28)}
    assert on == {1: [f"{P}@1"], 9: [f"{P}@1"], 10: [f"{P}@3"], 27: [f"{P}@3"], 28: []}


def test_what_ships_says_that_no_person_approved_it_until_two_have(shop: Shop) -> None:
    command = PublishShippedPolicy(
        policy_id=P,
        says="Our rules",
        zh="规则",
        version=1,
        publish=True,
        change_record="Shipped",
        deadline=(ROW,),
    )
    shop.ask(command, actor="dossier", role="system")
    assert shown(shop, "state", "approved_by", "effective_day") == [("shipped", None, None)]
    with shop.reading() as db:
        assert [p.policy for p in policies_found(db, on=date(1900, 1, 1))] == [f"{P}@1"]
    signed(shop, P, version=1)
    assert shown(shop, "state", "reviewed_by", "approved_by") == [("published", "cora", "maya")]


def test_pages_follow_each_other(shop: Shop) -> None:
    for name in ("a_rules", "b_rules", "c_rules"):
        drafted(shop, name, ROW)
    shop.catch_up()
    with shop.reading() as db:
        first = policies_found(db, limit=2)
        rest = policies_found(db, after=(first[-1].policy_id, first[-1].policy_version))
        drafts = policies_found(db, policy_id="b_rules", state="draft")
    assert [p.policy_id for p in (*first, *rest)] == ["a_rules", "b_rules", "c_rules"]
    assert [p.policy_id for p in drafts] == ["b_rules"]


def test_the_database_refuses_a_row_that_its_reviewer_approved(shop: Shop) -> None:
    drafted(shop, P, ROW)
    signed(shop, P)
    shop.catch_up()
    with connected(shop.dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "UPDATE p_policies_v1.policies SET approved_by = reviewed_by WHERE policy_id = %s", (P,)
        )
