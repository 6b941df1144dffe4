"""Policies from draft to publication, through the record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.command import Command
from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy import DraftPolicy
from commands.policy.draft_policy_row import DraftPolicyRow
from commands.policy.drop_policy_row import DropPolicyRow
from commands.policy.file_policy import FilePolicy
from commands.policy.lapse_policy import LapsePolicy
from commands.policy.open_policy_draft import OpenPolicyDraft
from commands.policy.publish_policy import PublishPolicy
from commands.policy.publish_shipped_policy import PublishShippedPolicy
from commands.policy.review_policy import ReviewPolicy
from commands.policy.revise_policy import RevisePolicy
from commands.policy.withdraw_policy_draft import WithdrawPolicyDraft
from domain.publication import refusals
from domain.publication.events import PolicyFiled, PolicyPublished, RowKind
from domain.publication.evolve import folded
from domain.publication.policy import Policy, policy_stream
from domain.refusal import NotFound, Refused
from infra.dispatch import Result, RoleNotAllowed
from tests.commands.office import NOON, Office

P = "house_rules"
STREAM = policy_stream(P)
TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)
ROLES = {
    "ann": "crm_admin",
    "ben": "crm_admin",
    "cora": "compliance_officer",
    "hugo": "department_head",
    "maya": "management",
    "dossier": "system",
}


def row(id: str = "h-1", **change: Any) -> dict[str, Any]:
    return {
        "id": id,
        "clause": "CB-10.1a",
        "says": "An inquiry is answered within an hour.",
        "zh": "1小时内响应。",
        "metric": "first_response",
        "trigger": "InquiryReceived",
        "fulfilled_by": "FirstResponseSent",
        "target": {"working_minutes": 60},
        **change,
    }


SCHEME = {
    "id": "house",
    "version": 1,
    "clause": "CB-9.1c",
    "says": "Everybody.",
    "zone": "UTC",
    "currency": "GBP",
    "window_days": 30,
    "indicators": ["orders_30d"],
    "row": [{"tier": "normal", "clause": "CB-9.1a", "says": "All.", "at_least": {}}],
}


def ask(office: Office, actor: str, command: Command) -> Result:
    return office.ask(command, actor=actor, role=ROLES[actor])


def opens(office: Office, actor: str = "ann", *rows: dict[str, Any]) -> None:
    ask(office, actor, OpenPolicyDraft(policy_id=P, says="Our rules", zh="规则"))
    for one in rows:
        drafts(office, one, actor=actor)


def drafts(office: Office, one: dict[str, Any], *, actor: str = "ann") -> Result:
    return ask(office, actor, DraftPolicyRow(policy_id=P, kind=RowKind.DEADLINE, row=one))


def signs(office: Office, reviewer: str = "cora", approver: str = "maya") -> None:
    ask(office, reviewer, ReviewPolicy(policy_id=P))
    ask(office, approver, ApprovePolicy(policy_id=P))


def publishes(office: Office, day: date = TODAY, actor: str = "ann") -> Result:
    command = PublishPolicy(policy_id=P, effective_day=day, change_record="First of its kind")
    return ask(office, actor, command)


def published(office: Office, *rows: dict[str, Any], day: date = TODAY) -> None:
    opens(office, "ann", *(rows or (row(),)))
    signs(office)
    publishes(office, day)


def policy(office: Office) -> Policy:
    found = folded([r.event for r in office.record.read_stream(STREAM)])  # type: ignore[misc]
    assert found is not None
    return found


def shipped(*rows: dict[str, Any], publish: bool = True, **change: Any) -> PublishShippedPolicy:
    return PublishShippedPolicy(
        **{
            "policy_id": P,
            "says": "Our rules",
            "zh": "规则",
            "version": 1,
            "publish": publish,
            "change_record": "Shipped",
            "deadline": rows or (row(),),
            **change,
        }
    )


@pytest.mark.clause("RR-T-0b", "OS-A8b", "RR-T-0a")
def test_a_policy_goes_from_draft_to_publication_in_the_hands_of_several(office: Office) -> None:
    opens(office, "ann", row())
    ask(
        office,
        "ben",
        DraftPolicyRow(policy_id=P, kind=RowKind.DEADLINE, row=row("h-2", metric="resolution")),
    )
    ask(office, "cora", ReviewPolicy(policy_id=P))
    ask(office, "maya", ApprovePolicy(policy_id=P))
    assert publishes(office, TOMORROW).ids["policy"] == STREAM
    assert office.types(STREAM) == [
        "PolicyDraftOpened",
        "PolicyRowDrafted",
        "PolicyRowDrafted",
        "PolicyReviewed",
        "PolicyApproved",
        "PolicyPublished",
    ]
    (fact,) = office.on_record(STREAM, PolicyPublished)
    assert (fact.version, fact.published_on, fact.effective_day, fact.replaces) == (
        1,
        TODAY,
        TOMORROW,
        None,
    )
    assert (fact.reviewed_by, fact.approved_by, fact.published_by) == ("cora", "maya", "ann")
    assert not fact.bootstrap
    assert fact.rows_hash == policy(office).version(1).rows_hash


def test_a_row_is_an_event_and_drafted_again_it_takes_the_place_of_the_first(
    office: Office,
) -> None:
    opens(office, "ann", row(), row("h-2", metric="resolution"))
    assert drafts(office, row()).position is None
    drafts(office, row(target={"working_minutes": 30}))
    ask(office, "ann", DropPolicyRow(policy_id=P, row_id="h-2"))
    draft = policy(office).must_draft()
    assert {id: dict(r.row["target"]) for id, r in draft.rows.items()} == {
        "h-1": {"working_minutes": 30}
    }
    with pytest.raises(refusals.NoSuchRow):
        ask(office, "ann", DropPolicyRow(policy_id=P, row_id="h-2"))


@pytest.mark.clause("RR-T-0b", "OS-A8b")
@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        (("publish",), refusals.PolicyNotReviewed),
        (("approve maya",), refusals.PolicyNotReviewed),
        (("review cora", "publish"), refusals.PolicyNotApproved),
        (("review cora", "approve maya", "row", "publish"), refusals.PolicyNotReviewed),
        (("review cora", "row", "approve maya"), refusals.PolicyNotReviewed),
        (("review cora", "approve maya", "review cyd", "publish"), refusals.PolicyNotApproved),
        (("review ann",), refusals.ReviewedByDrafter),
        (("review cora", "approve ann"), refusals.ApprovedByDrafter),
        (("review cora", "approve cora"), refusals.ApprovedByReviewer),
        (("ben drops", "review cora", "approve ben"), refusals.ApprovedByDrafter),
    ],
    ids=lambda value: " then ".join(value) if isinstance(value, tuple) else "",
)
def test_who_may_do_what_and_when(
    office: Office, steps: tuple[str, ...], refusal: type[Refused]
) -> None:
    opens(office, "ann", row(), row("h-2", metric="resolution"))
    *before, last = [word.split() for word in steps]

    def take(words: list[str]) -> None:
        match words:
            case ["publish"]:
                publishes(office)
            case ["row"]:
                drafts(office, row(target={"working_minutes": 45}))
            case ["ben", "drops"]:
                ask(office, "ben", DropPolicyRow(policy_id=P, row_id="h-2"))
            case ["review", who]:
                office.ask(ReviewPolicy(policy_id=P), actor=who, role="compliance_officer")
            case ["approve", who]:
                office.ask(ApprovePolicy(policy_id=P), actor=who, role="management")

    for words in before:
        take(words)
    stood = office.types(STREAM)
    with pytest.raises(refusal):
        take(last)
    assert office.types(STREAM) == stood


@pytest.mark.clause("CB-9.1c")
def test_tier_standards_are_approved_by_the_department_head(office: Office) -> None:
    opens(office)
    ask(office, "ann", DraftPolicyRow(policy_id=P, kind=RowKind.TIER_SCHEME, row=SCHEME))
    ask(office, "cora", ReviewPolicy(policy_id=P))
    with pytest.raises(refusals.ApproverNotEntitled) as refusal:
        ask(office, "maya", ApprovePolicy(policy_id=P))
    assert refusal.value.parameters["needed"] == "department_head"
    ask(office, "hugo", ApprovePolicy(policy_id=P))
    publishes(office)
    ask(office, "ann", RevisePolicy(policy_id=P))
    changed = {**SCHEME, "window_days": 60}
    ask(office, "ann", DraftPolicyRow(policy_id=P, kind=RowKind.TIER_SCHEME, row=changed))
    ask(office, "cora", ReviewPolicy(policy_id=P))
    with pytest.raises(refusals.SchemeVersionUsed):
        ask(office, "hugo", ApprovePolicy(policy_id=P))


@pytest.mark.clause("RR-T-0b")
def test_publishing_names_every_row_without_a_number(office: Office) -> None:
    vague = [row(f"v-{n}", metric=f"m{n}", target={}) for n in range(3)]
    opens(office, "ann", *vague, row())
    ask(office, "cora", ReviewPolicy(policy_id=P))
    with pytest.raises(refusals.RowsVague) as refusal:
        ask(office, "maya", ApprovePolicy(policy_id=P))
    assert refusal.value.parameters == {"policy": P, "rows": "v-0, v-1, v-2"}


def test_two_rows_that_promise_the_same_are_refused_by_name(office: Office) -> None:
    opens(office, "ann", row(), row("h-2"), row("h-3", when={"tier": ["core"]}))
    ask(office, "cora", ReviewPolicy(policy_id=P))
    with pytest.raises(refusals.RowsOverlap) as refusal:
        ask(office, "maya", ApprovePolicy(policy_id=P))
    told = refusal.value.parameters
    assert (told["row"], told["other"], told["metric"]) == ("h-2", "h-1", "first_response")
    ask(office, "ann", DropPolicyRow(policy_id=P, row_id="h-2"))
    signs(office)
    publishes(office)


def test_a_row_that_cannot_be_a_rule_is_refused_when_it_is_drafted(office: Office) -> None:
    opens(office)
    for wrong, refusal in (
        ({"trigger": "SunRisen"}, refusals.RowEventUnknown),
        ({"target": {"working_days": -1}}, refusals.LimitNotPositive),
        ({"escalate": [{"after_minutes": 0, "to": "wizard"}]}, refusals.RowRoleUnknown),
        ({"speed": "high"}, refusals.RowMalformed),
    ):
        with pytest.raises(refusal) as refused:
            drafts(office, row("wrong-1", **wrong))
        assert refused.value.parameters["row"] == "wrong-1"
    assert office.types(STREAM) == ["PolicyDraftOpened"]


@pytest.mark.parametrize(
    "value",
    [1.5, None, 2**53, "x" * 3_000, {"ü": 1}, [[[[[[1]]]]]], list(range(400)), "\x00", "\ud800"],
    ids=["fraction", "null", "large", "long", "name", "deep", "many", "nul", "half"],
)
def test_what_is_no_row_never_reaches_the_rules(value: Any) -> None:
    with pytest.raises(ValidationError):
        DraftPolicyRow(policy_id=P, kind=RowKind.DEADLINE, row=row(reading=value))


@pytest.mark.clause("RR-T-0b")
def test_no_version_takes_effect_in_the_past(office: Office) -> None:
    opens(office, "ann", row())
    signs(office)
    with pytest.raises(refusals.EffectiveDayPast) as refusal:
        publishes(office, TODAY - timedelta(days=1))
    assert refusal.value.parameters["today"] == TODAY.isoformat()
    publishes(office, TODAY)


@pytest.mark.clause("RR-T-0a")
def test_a_revision_begins_with_what_was_published_and_has_to_change_it(office: Office) -> None:
    published(office)
    ask(office, "ann", RevisePolicy(policy_id=P))
    assert policy(office).must_draft().version == 2
    assert list(policy(office).must_draft().rows) == ["h-1"]
    ask(office, "cora", ReviewPolicy(policy_id=P))
    with pytest.raises(refusals.NothingRevised):
        ask(office, "maya", ApprovePolicy(policy_id=P))
    drafts(office, row(target={"working_minutes": 30}))
    signs(office)
    publishes(office, TOMORROW)
    fact = office.on_record(STREAM, PolicyPublished)[-1]
    assert (fact.version, fact.replaces) == (2, 1)
    before = policy(office).version(1).rows["h-1"].row["target"]
    assert dict(before) == {"working_minutes": 60}


def test_there_is_one_draft_at_a_time_and_a_number_is_used_once(office: Office) -> None:
    opens(office, "ann", row())
    with pytest.raises(refusals.DraftIsOpen):
        opens(office, "ben")
    ask(office, "ann", WithdrawPolicyDraft(policy_id=P))
    with pytest.raises(refusals.NoDraft):
        publishes(office)
    opens(office, "ben", row())
    assert policy(office).must_draft().version == 2
    assert policy(office).must_draft().drafted_by == {"ben"}


def test_a_whole_document_is_drafted_at_once_or_not_at_all(office: Office) -> None:
    published(office, row(), row("h-2", metric="resolution"))
    document = DraftPolicy(
        policy_id=P,
        says="Our rules",
        zh="规则",
        deadline=(row(), row("h-3", metric="periodic_update")),
        scheme=(SCHEME,),
    )
    count = len(office.types(STREAM))
    with pytest.raises(refusals.RowRepeated):
        ask(office, "ann", document.model_copy(update={"deadline": (row(), row())}))
    with pytest.raises(refusals.RowMalformed):
        ask(office, "ann", document.model_copy(update={"cadence": ({"id": "c-1"},)}))
    assert len(office.types(STREAM)) == count
    ask(office, "ann", document)
    assert office.types(STREAM)[count:] == [
        "PolicyDraftOpened",
        "PolicyRowDropped",
        "PolicyRowDrafted",
        "PolicyRowDrafted",
    ]
    assert sorted(policy(office).must_draft().rows) == ["h-1", "h-3", "house"]
    assert ask(office, "ann", document).position is None


@pytest.mark.clause("RR-J-8b")
def test_a_published_version_is_put_on_file(office: Office) -> None:
    with pytest.raises(NotFound):
        ask(office, "cora", FilePolicy(policy_id=P, filed_with="crm", reference="2026/7"))
    opens(office, "ann", row())
    with pytest.raises(refusals.NotPublished):
        ask(office, "cora", FilePolicy(policy_id=P, filed_with="crm", reference="2026/7"))
    signs(office)
    publishes(office)
    ask(office, "cora", FilePolicy(policy_id=P, filed_with="crm", reference="2026/7"))
    (filed,) = office.on_record(STREAM, PolicyFiled)
    assert (filed.version, filed.filed_with, filed.filed_by) == (1, "crm", "cora")


def test_a_policy_ends_once_and_begins_anew_with_another_version(office: Office) -> None:
    published(office)
    end = LapsePolicy(policy_id=P, lapses=TOMORROW, change_record="No longer ours")
    with pytest.raises(RoleNotAllowed):
        ask(office, "ann", end)
    with pytest.raises(refusals.EffectiveDayPast):
        ask(office, "maya", end.model_copy(update={"lapses": TODAY - timedelta(days=1)}))
    ask(office, "maya", end)
    with pytest.raises(refusals.PolicyHasLapsed):
        ask(office, "maya", end)
    ask(office, "ann", RevisePolicy(policy_id=P))
    signs(office)
    publishes(office, TOMORROW + timedelta(days=7))
    versions = policy(office).published
    assert (versions[1].lapses, versions[2].lapses) == (TOMORROW, None)


class TestWhatShips:
    def test_it_is_published_from_ever_without_anybodys_approval(self, office: Office) -> None:
        ask(office, "dossier", shipped())
        (fact,) = office.on_record(STREAM, PolicyPublished)
        assert (fact.bootstrap, fact.effective_day) == (True, None)
        assert (fact.reviewed_by, fact.approved_by) == (None, None)
        assert ask(office, "dossier", shipped()).position is None

    def test_nobody_else_may_publish_like_that(self, office: Office) -> None:
        with pytest.raises(RoleNotAllowed):
            ask(office, "ann", shipped())

    def test_it_is_checked_like_any_other(self, office: Office) -> None:
        with pytest.raises(refusals.RowsVague):
            ask(office, "dossier", shipped(row(target={})))
        assert office.record.stream_row(STREAM) is None

    def test_what_ships_as_a_draft_is_not_in_force(self, office: Office) -> None:
        ask(office, "dossier", shipped(row(target={}), publish=False))
        assert policy(office).published == {}
        assert policy(office).must_draft().version == 1
        assert ask(office, "dossier", shipped(publish=True)).position is None

    def test_a_release_with_other_rows_makes_a_draft_once(self, office: Office) -> None:
        ask(office, "dossier", shipped())
        changed = shipped(row(target={"working_minutes": 30}), version=2)
        ask(office, "dossier", changed)
        assert len(office.on_record(STREAM, PolicyPublished)) == 1
        assert policy(office).must_draft().version == 2
        ask(office, "ann", WithdrawPolicyDraft(policy_id=P))
        assert ask(office, "dossier", changed).position is None

    def test_a_release_leaves_an_open_draft_of_people_alone(self, office: Office) -> None:
        ask(office, "dossier", shipped())
        ask(office, "ann", RevisePolicy(policy_id=P))
        changed = shipped(row(target={"working_minutes": 30}), version=2)
        assert ask(office, "dossier", changed).position is None
        assert policy(office).must_draft().drafted_by == {"ann"}

    @pytest.mark.clause("RR-T-0b", "OS-A8b")
    def test_two_people_adopt_it(self, office: Office) -> None:
        ask(office, "dossier", shipped())
        with pytest.raises(refusals.PolicyNotReviewed):
            ask(office, "maya", ApprovePolicy(policy_id=P, version=1))
        ask(office, "cora", ReviewPolicy(policy_id=P, version=1))
        with pytest.raises(refusals.ApprovedByReviewer):
            office.ask(ApprovePolicy(policy_id=P, version=1), actor="cora", role="management")
        ask(office, "maya", ApprovePolicy(policy_id=P, version=1))
        assert policy(office).version(1).approved_by == "maya"
        with pytest.raises(refusals.AlreadyApproved):
            ask(office, "cora", ReviewPolicy(policy_id=P, version=1))

    def test_what_people_published_is_not_approved_afterwards(self, office: Office) -> None:
        published(office)
        with pytest.raises(refusals.AlreadyApproved):
            ask(office, "cora", ReviewPolicy(policy_id=P, version=1))
        with pytest.raises(refusals.NoSuchPolicyVersion):
            ask(office, "cora", ReviewPolicy(policy_id=P, version=7))


def test_the_stream_of_a_policy_is_its_own_subject(office: Office) -> None:
    opens(office, "ann", row())
    header = office.header(STREAM, "PolicyRowDrafted")
    assert (header.kind, header.subject, header.market) == ("policy", UUID(str(STREAM)), None)
    assert header.purpose == "dpv:OrganisationComplianceManagement"
