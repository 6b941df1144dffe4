"""What holds of every customer, whatever is asked and in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial, reduce
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer.consenting import (
    give_notice,
    grant_consent,
    note_expired,
    withdraw_consent,
)
from domain.customer.customer import Customer
from domain.customer.events import (
    ConsentGranted,
    CustomerEvent,
    CustomerRegistered,
    InteractionRecorded,
    ReactivationCause,
)
from domain.customer.evolve import evolve
from domain.customer.profile import CorrectionReason, Profile, ProfileField
from domain.customer.tier_review import evaluate_tier
from domain.personal import Category, Personal
from domain.policy.tier import TierRow, TierScheme
from domain.refusal import CustomerErased, Refused
from domain.terms import (
    Channel,
    CollectionSource,
    ConsentForm,
    ConsentPurpose,
    ConsentScope,
    CustomerKind,
    Direction,
    Tier,
)
from tests.domain.agreed import PLAIN, told
from tests.examples import examples

Decision = Callable[[Customer], list[CustomerEvent]]
SCHEME = TierScheme(
    id="s",
    version=1,
    clause="CB-9.1c",
    says="",
    zone="UTC",
    currency="EUR",
    window_days=365,
    indicators=("net",),
    rows=[
        TierRow(tier=Tier.CORE, clause="CB-9.1a", says="", at_least={"net": Decimal(10)}),
        TierRow(tier=Tier.POTENTIAL, clause="CB-9.1a", says="", at_least={}),
    ],
)
WRITTEN = dict.fromkeys(ProfileField, UUID(int=9))

times = st.integers(0, 60).map(lambda d: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=d))
names = st.sampled_from([f for f in ProfileField if f not in ("country", "language")])
profiles = st.sets(names, max_size=3).map(lambda fs: Profile(**{f: Personal("x") for f in fs}))
categories = st.sampled_from([PLAIN, (Category.SENSITIVE,)])
purposes, scopes = st.sampled_from(ConsentPurpose), st.sampled_from(ConsentScope)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    at, profile = draw(times), draw(profiles)
    purpose, scope = draw(purposes), draw(scopes)
    grant = ConsentGranted(
        consent=draw(st.uuids()),
        purpose=purpose,
        scope=scope,
        categories=draw(categories),
        channel=Channel.CHAT,
        form=ConsentForm.ORAL,
        notice_version="2026-01",
        notice_language="en",
        expires_at=draw(st.none() | times),
        at=at,
    )
    contact = InteractionRecorded(
        channel=Channel.CHAT, direction=Direction.INBOUND, content=Personal("x"), at=at
    )
    choices: list[Decision] = [
        lambda c: c.complete(
            profile,
            country=draw_country,
            kind=draw_kind,
            completed_by="ann",
            at=at,
        ),
        lambda c: c.correct(
            profile,
            remove=removed,
            reason=CorrectionReason.DATA_CHECK,
            entered_by="ann",
            written_in=WRITTEN,
            at=at,
        ),
        lambda c: c.note_change(removed, learned_by="ann", at=at),
        lambda c: c.record_interaction(contact),
        lambda c: give_notice(c, told(at=at)),
        lambda c: grant_consent(c, grant),
        lambda c: withdraw_consent(c, purpose, scope, channel=Channel.CHAT, now=at, at=at),
        lambda c: note_expired(c, at),
        lambda c: evaluate_tier(c, SCHEME, as_of=day, position=1, indicators={"net": net}, at=at),
        lambda c: c.mark_dormant(None, at=at),
        lambda c: c.reactivate(ReactivationCause.PURCHASE, at=at),
    ]
    draw_country = draw(st.sampled_from([None, "GB"]))
    draw_kind = draw(st.sampled_from([None, *CustomerKind]))
    removed = draw(st.lists(names, max_size=2))
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 90)))
    net = draw(st.decimals(0, 20, places=3))
    return draw(st.sampled_from(choices))


def first(kind: CustomerKind) -> Customer:
    return evolve(
        None,
        CustomerRegistered(
            kind=kind,
            collection_source=CollectionSource.OTHER_LAWFUL,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
    )


def after(customer: Customer, asked: list[Decision]) -> Customer:
    for decide in asked:
        try:
            events = decide(customer)
        except Refused:
            continue
        customer = reduce(evolve, events, customer)
    return customer


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(CustomerKind), st.lists(decisions(), max_size=15))
def test_what_was_allowed_adds_up(kind: CustomerKind, asked: list[Decision]) -> None:
    customer = after(first(kind), asked)
    assert customer.noted.keys() <= customer.held
    assert customer.tiers.keys() == customer.evaluations.keys()
    assert all(customer.evaluations[s].proposed is tier for s, tier in customer.tiers.items())
    if kind is CustomerKind.GUEST:
        assert customer == first(kind)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.sampled_from(CustomerKind),
    st.lists(decisions(), max_size=5),
    st.lists(decisions(), min_size=1, max_size=8),
)
def test_after_erasure_everything_is_refused(
    kind: CustomerKind, before: list[Decision], afterwards: list[Decision]
) -> None:
    customer = after(first(kind), before)
    erase = partial(customer.erase, [], at=datetime(2026, 3, 9, tzinfo=UTC))
    erased = reduce(evolve, erase(), customer)
    assert erased.erased
    for decide in afterwards:
        refusal: Refused | None = None
        try:
            decide(erased)
        except Refused as refused:
            refusal = refused
        assert isinstance(refusal, CustomerErased)
