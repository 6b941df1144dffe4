"""Privacy requests through the door: in order, once each, and never past a hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from commands.command import Command
from commands.customer.erase_customer import EraseCustomer
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.privacy.answer_privacy_request import AnswerPrivacyRequest
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.note_erasure_step import (
    Certified,
    NoteErasureStep,
    Purged,
    Scanned,
    Told,
)
from commands.privacy.place_legal_hold import PlaceLegalHold
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.refuse_privacy_request import RefusePrivacyRequest
from commands.privacy.release_legal_hold import ReleaseLegalHold
from commands.privacy.restrict_processing import RestrictProcessing
from domain.customer.events import PersonalDataErased
from domain.keys import ProcessingRestricted as DataRestricted
from domain.personal import Category
from domain.privacy import refusals
from domain.privacy.case import case_of
from domain.privacy.events import (
    PrivacyRequestExecuted,
    PrivacyRequestFulfilled,
    RequestType,
    RetentionEvaluated,
)
from domain.refusal import CustomerErased
from domain.staff.refusals import SelfApproval
from domain.terms import Channel, CollectionSource, Direction
from domain.timers import SlaTimersStarted
from infra.dispatch import Result, RoleNotAllowed
from infra.policies import shipped_rulebook
from tests.commands.office import Office

RULES = shipped_rulebook()
REFERENCE = (Category.IDENTITY, Category.CONTACT, Category.CONTENT, Category.SENSITIVE)


@pytest.fixture
def desk() -> Office:
    return Office(replace(RULES))


@pytest.fixture
def customer(desk: Office) -> UUID:
    registered = desk.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market="DE",
            jurisdiction="DE",
            profile=ProfileFields(name="Ada", phone="1"),
        )
    ).ids["customer"]
    desk.ask(said(registered))
    return registered


def said(customer: UUID) -> RecordInteraction:
    return RecordInteraction(
        customer_id=customer, channel=Channel.PHONE, direction=Direction.INBOUND, content="Hello"
    )


class Requesting:
    """One customer's request and the steps of it, by name."""

    def __init__(self, desk: Office, customer: UUID) -> None:
        self.desk, self.customer = desk, customer
        self.request = UUID(int=0)

    def receive(
        self,
        asked: RequestType = RequestType.ERASURE,
        categories: tuple[Category, ...] = REFERENCE,
    ) -> Result:
        result = self.desk.ask(
            ReceivePrivacyRequest(
                customer_id=self.customer,
                request_type=asked,
                categories=categories,
                channel=Channel.EMAIL,
            )
        )
        self.request = result.ids["request"]
        return result

    def identify(self, role: str = "supervisor", actor: str = "cleo") -> Result:
        return self._ask(IdentifyRequester, role, actor, method="callback")

    def evaluate(self, last_order_on: date | None = None, open_cases: int = 0) -> Result:
        return self._ask(
            EvaluateRetention,
            "system",
            last_order_on=last_order_on,
            open_cases=open_cases,
            position=1,
        )

    def restrict(self) -> Result:
        return self._ask(RestrictProcessing, "system")

    def begin(self) -> Result:
        return self._ask(BeginDestruction, "system")

    def execute(self) -> Result:
        return self._ask(ExecutePrivacyRequest, "system")

    def certify(self) -> Result:
        """All that is noted from the purge to the certificate."""
        for done in (
            Purged(entries={}),
            Told(recipients=()),
            Scanned(scanner="scan:2", needles=4, objects=9, bytes=9, hits=0),
            Certified(
                digest="0" * 64, signature="0" * 128, signing_key="0" * 64, backups_until_epoch=1
            ),
        ):
            last = self._ask(NoteErasureStep, "system", done=done)
        return last

    def answer(self) -> Result:
        return self._ask(AnswerPrivacyRequest, "agent", channel=Channel.EMAIL)

    def refuse(self) -> Result:
        return self._ask(RefusePrivacyRequest, "compliance_officer", ground="not_the_customer")

    def hold(self, *categories: Category) -> UUID:
        return self.desk.ask(
            PlaceLegalHold(
                customer_id=self.customer,
                categories=categories,
                basis="court:17",
                review_on=date(2027, 6, 1),
            ),
            role="compliance_officer",
        ).ids["hold"]

    def to_restricted(self) -> None:
        self.receive()
        self.identify()
        self.evaluate()
        self.restrict()

    def _ask(
        self, command: type[Command], role: str, actor: str = "ann", **given: object
    ) -> Result:
        asked = command(customer_id=self.customer, request=self.request, **given)  # type: ignore[call-arg, arg-type]
        return self.desk.ask(asked, role=role, actor=actor)

    def opens(self) -> set[str]:
        wanted = [(self.customer, category, 1) for category in REFERENCE]
        return {category.value for _, category, _ in self.desk.keyring.for_opening(wanted)}


@pytest.fixture
def asking(desk: Office, customer: UUID) -> Requesting:
    return Requesting(desk, customer)


@pytest.mark.clause("CB-15.2b")
def test_execution_and_reply_fall_due_and_the_laws_own_day_beside(asking: Requesting) -> None:
    asking.receive()
    [started] = asking.desk.on_record(case_of(asking.customer), SlaTimersStarted)
    due = {(t.metric, t.rule): t.due_at for t in started.timers}
    end = datetime(2026, 3, 23, 17, tzinfo=UTC)
    assert due == {
        ("privacy_execution", "cb-15.2b-execution"): end,
        ("privacy_reply", "cb-15.2b-reply"): end,
        ("privacy_reply", "gdpr-12-3"): datetime(2026, 4, 2, 11, tzinfo=UTC),
    }


@pytest.mark.clause("CB-15.2b")
def test_the_whole_way_ends_the_person_and_keeps_the_record(asking: Requesting) -> None:
    asking.to_restricted()
    asking.begin()
    asking.execute()
    asking.certify()
    asking.answer()
    [erased] = asking.desk.on_record(asking.customer, PersonalDataErased)
    [executed] = asking.desk.on_record(case_of(asking.customer), PrivacyRequestExecuted)
    assert executed.destroyed == erased.keys
    assert len(executed.destroyed) == 3
    assert asking.opens() == set()
    with pytest.raises(CustomerErased):
        asking.desk.ask(said(asking.customer))


@pytest.mark.parametrize("step", ["evaluate", "restrict", "begin", "execute", "answer"])
def test_nothing_is_done_for_somebody_not_identified(asking: Requesting, step: str) -> None:
    asking.receive()
    with pytest.raises(refusals.RequesterNotIdentified):
        getattr(asking, step)()
    assert asking.opens() == {"identity", "contact", "content"}


@pytest.mark.parametrize(
    ("done", "step"),
    [
        (0, "restrict"),
        (0, "begin"),
        (0, "execute"),
        (1, "begin"),
        (1, "execute"),
        (2, "execute"),
        (2, "answer"),
    ],
)
def test_steps_keep_their_order(asking: Requesting, done: int, step: str) -> None:
    asking.receive()
    asking.identify()
    for before in ("evaluate", "restrict")[:done]:
        getattr(asking, before)()
    with pytest.raises(refusals.StepOutOfOrder):
        getattr(asking, step)()


def test_each_step_twice_is_recorded_once(asking: Requesting) -> None:
    asking.receive()
    for step in ("identify", "evaluate", "restrict", "begin", "execute", "certify", "answer"):
        getattr(asking, step)()
        recorded = len(asking.desk.types(case_of(asking.customer)))
        assert getattr(asking, step)().position is None
        assert len(asking.desk.types(case_of(asking.customer))) == recorded


@pytest.mark.case("AC-06")
@pytest.mark.clause("CB-14.1b")
def test_who_took_a_request_does_not_say_who_asked(asking: Requesting) -> None:
    asking.receive()
    for role in ("supervisor", "crm_admin", "compliance_officer"):
        with pytest.raises(SelfApproval):
            asking.identify(role, "ann")
    assert asking.identify().position is not None


def test_steps_are_the_products_own(asking: Requesting) -> None:
    asking.receive()
    asking.identify()
    with pytest.raises(RoleNotAllowed):
        asking.desk.ask(
            BeginDestruction(customer_id=asking.customer, request=asking.request),
            role="compliance_officer",
        )


def test_a_second_request_waits_and_one_for_what_is_gone_is_answered_by_name(
    asking: Requesting,
) -> None:
    asking.receive(categories=(Category.CONTENT,))
    with pytest.raises(refusals.RequestRunning):
        asking.receive()
    asking.identify()
    for step in ("evaluate", "restrict", "begin", "execute", "certify", "answer"):
        getattr(asking, step)()
    with pytest.raises(refusals.NothingLeftToErase):
        asking.receive(categories=(Category.CONTENT,))


def test_part_of_the_data_goes_and_the_rest_stays(asking: Requesting) -> None:
    asking.receive(categories=(Category.CONTENT,))
    for step in ("identify", "evaluate", "restrict", "begin", "execute"):
        getattr(asking, step)()
    assert asking.opens() == {"identity", "contact"}
    [erased] = asking.desk.on_record(asking.customer, PersonalDataErased)
    assert erased.categories == (Category.CONTENT,)


@pytest.mark.clause("CB-15.2b")
def test_what_the_law_keeps_is_restricted_and_goes_when_its_day_has_come(
    asking: Requesting,
) -> None:
    asking.receive()
    asking.identify()
    asking.evaluate(last_order_on=date(2026, 1, 5))
    asking.restrict()
    asking.begin()
    asking.execute()
    assert asking.opens() == {"identity", "contact"}
    with pytest.raises((CustomerErased, DataRestricted)):
        asking.desk.ask(said(asking.customer))
    asking.certify()
    asking.answer()
    asking.desk.now = datetime(2035, 1, 1, 12, tzinfo=UTC)
    for step in ("evaluate", "restrict", "begin", "execute"):
        getattr(asking, step)()
    assert asking.opens() == set()
    executed = asking.desk.on_record(case_of(asking.customer), PrivacyRequestExecuted)
    assert [len(e.destroyed) for e in executed] == [1, 2]


@pytest.mark.case("KY-17")
def test_a_hold_between_restriction_and_destruction_defers_it(asking: Requesting) -> None:
    asking.to_restricted()
    hold = asking.hold(Category.CONTENT)
    with pytest.raises(refusals.UnderLegalHold):
        asking.begin()
    asking.evaluate()
    asking.restrict()
    asking.begin()
    asking.execute()
    assert asking.opens() == {"content"}
    latest = asking.desk.on_record(case_of(asking.customer), RetentionEvaluated)[-1]
    assert {r.category: r.basis for r in latest.rulings}[Category.CONTENT] == f"hold:{hold}"


@pytest.mark.case("KY-17")
def test_a_hold_after_the_destruction_has_begun_comes_too_late(asking: Requesting) -> None:
    asking.to_restricted()
    asking.begin()
    with pytest.raises(refusals.DestructionHasBegun):
        asking.hold(Category.CONTENT)


def test_a_hold_stands_in_the_way_of_an_erasure_at_once(asking: Requesting) -> None:
    asking.hold(Category.SENSITIVE)
    with pytest.raises(refusals.UnderLegalHold):
        asking.desk.ask(EraseCustomer(customer_id=asking.customer), role="compliance_officer")
    assert asking.opens() == {"identity", "contact", "content"}


@pytest.mark.clause("CB-14.1b")
def test_the_owner_of_a_hold_does_not_release_it_alone(asking: Requesting) -> None:
    hold = asking.hold(Category.CONTENT)
    with pytest.raises(refusals.OwnHold):
        asking.desk.ask(
            ReleaseLegalHold(customer_id=asking.customer, hold=hold, ground="settled"),
            role="compliance_officer",
        )


@pytest.mark.clause("CB-15.2b")
def test_the_customer_is_not_told_before_the_certificate(asking: Requesting) -> None:
    asking.to_restricted()
    asking.begin()
    asking.execute()
    with pytest.raises(refusals.StepOutOfOrder):
        asking.answer()
    asking.certify()
    assert asking.answer().position is not None
    assert len(asking.desk.on_record(case_of(asking.customer), PrivacyRequestFulfilled)) == 1


@pytest.mark.clause("CB-15.2b")
def test_a_refusal_has_a_ground_and_is_answered(asking: Requesting) -> None:
    asking.receive()
    asking.refuse()
    asking.answer()
    case = case_of(asking.customer)
    [executed] = asking.desk.on_record(case, PrivacyRequestExecuted)
    assert executed.refused == tuple(sorted(REFERENCE))
    assert len(asking.desk.on_record(case, PrivacyRequestFulfilled)) == 1
    assert asking.opens() == {"identity", "contact", "content"}


def test_no_refusal_once_it_is_carried_out(asking: Requesting) -> None:
    asking.to_restricted()
    asking.begin()
    with pytest.raises(refusals.ExecutionHasBegun):
        asking.refuse()


def test_no_step_after_the_execution_before_it_and_no_certificate_over_residue(
    asking: Requesting,
) -> None:
    asking.to_restricted()
    noted = NoteErasureStep(
        customer_id=asking.customer, request=asking.request, done=Purged(entries={})
    )
    with pytest.raises(refusals.StepOutOfOrder):
        asking.desk.ask(noted, role="system")
    asking.begin()
    asking.execute()
    found = Scanned(scanner="scan:1", needles=4, objects=9, bytes=9, hits=1)
    with pytest.raises(refusals.ResidueFound):
        asking.desk.ask(noted.model_copy(update={"done": found}), role="system")
    assert asking.desk.ask(noted, role="system").position is not None
