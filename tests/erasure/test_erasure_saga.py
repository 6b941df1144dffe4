"""Requests carried out from the identified requester to the certificate, on the real stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from commands.privacy.answer_privacy_request import AnswerPrivacyRequest
from commands.privacy.place_legal_hold import PlaceLegalHold
from commands.privacy.release_legal_hold import ReleaseLegalHold
from domain.personal import Category
from domain.privacy.case import case_of
from domain.privacy.events import RequestType
from domain.privacy.next_step import Step
from domain.privacy.refusals import CertificateInvalid
from domain.refusal import CustomerErased
from domain.terms import Channel, ConsentScope
from infra.dispatch import Caller
from infra.erasure.carrying_out import Erasures
from infra.erasure.certificate import verified
from infra.gate import Reader, SealedValue
from infra.product import Product, now
from tests.commands import consenting
from tests.domain.agreed import PARTNER
from tests.erasure.asking import (
    EMAIL,
    NAME,
    OFFICER,
    ask,
    caught_up,
    customer_of,
    order,
    request_of,
    tokens_of,
)

LIVE = [Step.EVALUATE, Step.RESTRICT, Step.BEGIN, Step.EXECUTE]


def finished(product: Product, customer: UUID, request: UUID) -> list[Step]:
    """All steps up to the certificate."""
    erasures = Erasures(product, settled=0)
    done = erasures.carry_out(customer, request)
    caught_up(product)
    return done + erasures.carry_out(customer, request)


def opened(product: Product, customer: UUID, tokens: dict[str, str]) -> list[str | None]:
    reader = Reader(actor="staff:cleo", role="compliance_officer", correlation=customer)
    sealed = [SealedValue(token=token, subject=customer) for token in tokens.values()]
    return product.gate.open(sealed, reader, "dpv:RightsFulfilment")


@pytest.mark.clause("CB-15.2b")
def test_the_whole_way_to_a_certificate_that_verifies(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    tokens = tokens_of(running, customer)
    assert opened(running, customer, tokens) == [NAME, EMAIL]
    done = finished(running, customer, request)
    assert done == [*LIVE, Step.PURGE, Step.TELL, Step.SCAN, Step.CERTIFY]
    assert tokens_of(running, customer) == {}
    assert opened(running, customer, tokens) == [None, None]

    erasures = Erasures(running)
    stated = verified(erasures.certificate(customer, request), erasures.signing_key)
    assert stated["customer"] == str(customer)
    assert {key["category"] for key in stated["keys_destroyed"]} == {
        "identity",
        "contact",
        "content",
    }
    assert stated["identified"] == {"by": "staff:cleo", "method": "callback"}
    assert (stated["scan"]["needles"], stated["scan"]["hits"]) == (2, 0)
    assert stated["scan"]["objects"] > 10
    assert all(
        count == 0 for store, count in stated["purged"].items() if store.startswith("left_in_")
    )
    with running.record.connection() as db:
        left = db.execute("SELECT count(*) FROM ref.blind_index WHERE subject = %s", (customer,))
        assert left.fetchone() == (0,)
    assert stated["backup_copies"].startswith("pending until")
    text = orjson.dumps(stated).decode()
    assert NAME not in text
    assert EMAIL not in text


def test_the_certificate_is_the_same_bytes_whenever_it_is_made(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    finished(running, customer, request)
    first = Erasures(running).certificate(customer, request)
    ask(
        running,
        AnswerPrivacyRequest(customer_id=customer, request=request, channel=Channel.EMAIL),
    )
    assert Erasures(running).certificate(customer, request) == first


@pytest.mark.parametrize("change", ["statement", "signature", "key", "form"])
def test_a_changed_certificate_is_refused(running: Product, change: str) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    finished(running, customer, request)
    erasures = Erasures(running)
    whole = orjson.loads(erasures.certificate(customer, request))
    match change:
        case "statement":
            whole["statement"] = whole["statement"].replace('"hits":0', '"hits":1')
        case "signature":
            whole["signature"] = whole["signature"][:-2] + (
                "00" if whole["signature"][-2:] != "00" else "01"
            )
        case "key":
            whole["signing_key"] = "00" * 32
        case _:
            whole = {"statement": 1}
    with pytest.raises(CertificateInvalid):
        verified(orjson.dumps(whole), erasures.signing_key)


def test_what_the_law_keeps_is_left_under_restriction(running: Product) -> None:
    customer = customer_of(running)
    order(running, customer, now() - timedelta(days=30))
    request = request_of(running, customer)
    tokens = tokens_of(running, customer)
    finished(running, customer, request)
    assert opened(running, customer, tokens) == [NAME, EMAIL]
    with running.record.connection() as db:
        caught_up(running)
        [kept] = db.execute("SELECT kept FROM read.privacy_requests").fetchone() or ()
    assert kept["identity"].startswith("de-ao-147 20")
    assert set(kept) == {"identity", "contact"}


def test_a_hold_defers_and_its_release_lets_it_go_on(running: Product) -> None:
    customer = customer_of(running)
    hold = ask(
        running,
        PlaceLegalHold(
            customer_id=customer,
            categories=(Category.CONTENT,),
            basis="court:17",
            review_on=(now() + timedelta(days=90)).date(),
        ),
        OFFICER,
    ).ids["hold"]
    request = request_of(running, customer)
    finished(running, customer, request)
    first = _stated(running, customer, request)
    assert {key["category"] for key in first["keys_destroyed"]} == {"identity", "contact"}
    assert [h["hold"] for h in first["holds"]] == [str(hold)]
    release = ReleaseLegalHold(customer_id=customer, hold=hold, ground="settled")
    ask(running, release, Caller("staff:dora", "department_head"))
    done = finished(running, customer, request)
    assert done[:4] == LIVE
    then = _stated(running, customer, request)
    assert {key["category"] for key in then["keys_destroyed"]} == {
        "identity",
        "contact",
        "content",
    }
    assert then["holds"] == []


def test_to_stop_using_restricts_and_certifies_nothing(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer, RequestType.STOP_USE)
    assert finished(running, customer, request) == [Step.EVALUATE, Step.RESTRICT, Step.EXECUTE]
    tokens = tokens_of(running, customer)
    assert opened(running, customer, tokens) == [NAME, EMAIL]


def test_a_second_request_after_the_first_took_everything_is_refused_by_name(
    running: Product,
) -> None:
    customer = customer_of(running)
    finished(running, customer, request_of(running, customer))
    with pytest.raises(CustomerErased):
        request_of(running, customer)


def _stated(product: Product, customer: UUID, request: UUID) -> dict[str, Any]:
    erasures = Erasures(product)
    return verified(erasures.certificate(customer, request), erasures.signing_key)


def test_two_at_one_request_record_each_step_once(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)

    def carry_out(_: int) -> None:
        erasures = Erasures(running, settled=0)
        for _ in range(20):
            erasures.carry_out(customer, request)
            if erasures.waits_for(customer, request) is Step.BACKUPS:
                return
            caught_up(running)

    with ThreadPoolExecutor(2) as both:
        list(both.map(carry_out, range(2)))
    recorded = [r.header.type for r in running.record.read_stream(case_of(customer))]
    facts = [name for name in recorded if not name.startswith("Sla")]
    assert len(facts) == len(set(facts)) == 10
    stated = _stated(running, customer, request)
    assert len(stated["keys_destroyed"]) == 3
    assert stated["scan"]["needles"] == 2


def kept_elsewhere(product: Product, request: UUID) -> None:
    """What to search for lies in the keys folder of another machine."""
    (product.home.keys / f"search-{request}").unlink()


def test_who_does_not_know_the_values_leaves_the_search_to_who_does(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    knows, other = (Erasures(running, settled=0) for _ in range(2))
    assert knows.carry_out(customer, request) == LIVE
    caught_up(running)
    kept_elsewhere(running, request)
    assert other.carry_out(customer, request) == [Step.PURGE, Step.TELL]
    assert other.waits_for(customer, request) is Step.SCAN
    assert knows.carry_out(customer, request) == [Step.SCAN, Step.CERTIFY]
    assert _stated(running, customer, request)["scan"]["needles"] == 2


def test_where_nobody_knows_what_to_search_for_no_search_is_certified(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    assert Erasures(running, settled=0).carry_out(customer, request) == LIVE
    caught_up(running)
    kept_elsewhere(running, request)
    Erasures(running, settled=0, remembers=0).carry_out(customer, request)
    assert _stated(running, customer, request)["scan"] == {
        "searched": False,
        "why": "no value to search for was known",
    }


def test_what_was_searched_for_is_sealed_and_gone_before_the_certificate(
    running: Product,
) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    erasures = Erasures(running, settled=60)
    erasures.carry_out(customer, request)
    kept = running.home.keys / f"search-{request}"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert NAME.encode() not in kept.read_bytes()
    caught_up(running)
    erasures.carry_out(customer, request)
    assert erasures.waits_for(customer, request) is Step.CERTIFY
    assert not list(running.home.keys.glob("*search-*"))


def test_whoever_was_given_the_data_is_named_and_their_notice_queued(running: Product) -> None:
    customer, today = customer_of(running), now()
    agreed = ask(
        running, consenting.agreement(today - timedelta(days=1), today + timedelta(days=30))
    ).ids["agreement"]
    signer = Caller("staff:dora", "department_head")
    ask(running, consenting.signature(agreed, at=now()), signer)
    for command in (
        consenting.notice(customer),
        consenting.consent_to_share(customer),
        consenting.consent_to_share(customer, scope=ConsentScope.CROSS_BORDER),
        consenting.sharing(customer),
    ):
        ask(running, command)
    request = request_of(running, customer)
    finished(running, customer, request)
    assert _stated(running, customer, request)["recipients_notice_queued"] == [PARTNER]
    with running.record.connection() as db:
        sent = db.execute("SELECT payload FROM es.outbox WHERE topic = 'privacy.erased'").fetchall()
    assert [orjson.loads(payload) for (payload,) in sent] == [
        {"recipient": PARTNER, "customer": str(customer), "request": str(request)}
    ]
