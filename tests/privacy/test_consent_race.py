"""Sharing and what forbids it, at the same moment on a real database: what forbids it wins."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from commands.agreement.end_agreement import EndAgreement
from commands.command import Command
from domain.agreement.agreement import recipient_id
from domain.agreement.events import EndOfAgreement
from domain.refusal import Refused
from domain.terms import ConsentScope
from infra.dispatch import Caller
from infra.product import Product, now
from tests.commands.consenting import (
    agreement,
    consent_to_share,
    notice,
    sharing,
    signature,
    withdrawal,
)
from tests.domain.agreed import RESEARCH
from tests.privacy.conftest import CRM, ask, registration

HEAD = Caller("staff:head", "department_head")
ROUNDS = 25


def position(product: Product, stream: UUID, kind: str) -> int | None:
    found = [r.header.position for r in product.record.read_stream(stream) if r.header.type == kind]
    return found[-1] if found else None


def together(product: Product, *commands: Command) -> list[str]:
    """Sends them at the same moment; what each came to."""
    start = Barrier(len(commands))

    def send(command: Command) -> str:
        start.wait()
        try:
            product.dispatcher.dispatch(command, CRM, uuid4())
        except Refused as refusal:
            return refusal.code
        return "recorded"

    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(send, commands))


def agreed(product: Product, recipient: str) -> tuple[UUID, UUID]:
    """A customer who agreed that this recipient gets their data, and the agreement with it."""
    customer = ask(product, registration(jurisdiction="DE")).ids["customer"]
    ask(product, notice(customer, recipients=(recipient,)))
    ask(product, consent_to_share(customer, recipients=(recipient,)))
    since = now() - timedelta(days=1)
    terms = agreement(since, since + timedelta(days=30), recipient=recipient)
    made = ask(product, terms).ids["agreement"]
    ask(product, signature(made, recipient=recipient), HEAD)
    return customer, made


def forbidding(what: str, recipient: str, customer: UUID, made: UUID) -> tuple[Command, UUID, str]:
    """The request, the stream it is recorded in and the event it comes to."""
    if what == "consent":
        asked = withdrawal(customer, purpose=RESEARCH, scope=ConsentScope.SHARING)
        return asked, customer, "ConsentWithdrawn"
    end = EndAgreement(recipient=recipient, agreement_id=made, why=EndOfAgreement.TERMINATED)
    return end, recipient_id(recipient), "ConfidentialityAgreementEnded"


@pytest.mark.clause("CB-14.3d", "CB-15.2b")
@pytest.mark.parametrize("what", ["consent", "agreement"])
def test_nothing_is_shared_after_what_forbids_it(running: Product, what: str) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        recipient = f"partner-{number}"
        customer, made = agreed(running, recipient)
        forbid, stream, ended = forbidding(what, recipient, customer, made)
        shared, forbidden = together(running, sharing(customer, recipient=recipient), forbid)
        assert forbidden == "recorded"
        end = position(running, stream, ended)
        went = position(running, customer, "DataShared")
        assert end is not None
        assert (went is not None) == (shared == "recorded")
        assert went is None or went < end
        again = together(running, sharing(customer, recipient=recipient))
        assert again != ["recorded"]
        outcomes[shared] += 1
    refused = {"consent": "consent_ended", "agreement": "agreement_not_in_force"}[what]
    assert set(outcomes) <= {"recorded", refused}, outcomes
