"""After anything said in any order, `valid_for` agrees with reading the whole story again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer.consenting import grant_consent, note_expired, withdraw_consent
from domain.customer.customer import Customer
from domain.customer.events import (
    ConsentGranted,
    ConsentWithdrawn,
    CustomerEvent,
    PersonalDataErased,
)
from domain.customer.evolve import evolve
from domain.personal import Category
from domain.refusal import Refused
from domain.terms import Channel, ConsentPurpose, ConsentScope
from tests.domain.agreed import DIRECT, NOON, PARTNER, PLAIN, RESEARCH, grant, known, told
from tests.examples import examples

Decide = Callable[[Customer, UUID], list[CustomerEvent]]
"""A wish, and the id a consent gets if it comes to one: ids are never given twice."""
HOUR = timedelta(hours=1)
NOW = NOON + 100 * HOUR
RECIPIENTS = (PARTNER, "other")
moments = st.integers(0, 40).map(lambda hours: NOON + hours * HOUR)
purposes = st.sampled_from([DIRECT, RESEARCH])
scopes = st.sampled_from([ConsentScope.OWN_USE, ConsentScope.SHARING, ConsentScope.SENSITIVE_DATA])
plain = st.sets(st.sampled_from(PLAIN), min_size=1).map(lambda s: tuple(sorted(s)))
START = known(told(recipients=RECIPIENTS))


@st.composite
def said(draw: st.DrawFn) -> Decide:
    at, purpose, scope = draw(moments), draw(purposes), draw(scopes)
    recipients: tuple[str, ...] = ()
    categories = draw(plain)
    if scope is ConsentScope.SHARING:
        recipients = tuple(sorted(draw(st.sets(st.sampled_from(RECIPIENTS), min_size=1))))
    if scope is ConsentScope.SENSITIVE_DATA:
        categories = (Category.SENSITIVE,)
    asked = replace(
        grant(1, at, draw(st.none() | moments)),
        purpose=purpose,
        scope=scope,
        categories=categories,
        recipients=recipients,
    )
    recipient = draw(st.none() | st.sampled_from(recipients)) if recipients else None
    choices: list[Decide] = [
        lambda c, n: grant_consent(c, replace(asked, consent=n)),
        lambda c, n: grant_consent(c, replace(asked, consent=n)),
        lambda c, _: withdraw_consent(
            c, purpose, scope, recipient=recipient, channel=Channel.CHAT, now=NOW, at=at
        ),
        lambda c, _: note_expired(c, at),
    ]
    return draw(st.sampled_from(choices))


def story(asked: list[Decide], erased_at: datetime | None) -> list[CustomerEvent]:
    """What of it was allowed, in the order recorded."""
    customer, events = START, list[CustomerEvent]()
    for n, decide in enumerate(asked):
        try:
            more = decide(customer, UUID(int=n))
        except Refused:
            continue
        customer = reduce(evolve, more, customer)
        events += more
    if erased_at is not None:
        events.append(
            PersonalDataErased(categories=tuple(Category), keys=(), retained=(), at=erased_at)
        )
    return events


def oracle(
    events: list[CustomerEvent],
    purpose: ConsentPurpose,
    categories: set[Category],
    recipient: str | None,
    at: datetime,
) -> bool:
    """Plays everything that had been said by `at`, in the order it was said, and looks."""
    now: dict[tuple[ConsentPurpose, ConsentScope, tuple[str, ...]], ConsentGranted] = {}
    happened = sorted((e for e in events if e.at <= at), key=lambda e: e.at)
    for event in happened:
        match event:
            case ConsentGranted():
                now[event.purpose, event.scope, event.recipients] = event
            case ConsentWithdrawn():
                now.pop((event.purpose, event.scope, event.recipients), None)
            case PersonalDataErased():
                return False

    def agreed(scope: ConsentScope, covering: set[Category], whom: str | None) -> bool:
        return any(
            g.purpose is purpose
            and g.scope is scope
            and covering <= set(g.categories)
            and (whom is None or whom in g.recipients)
            and (g.expires_at is None or at < g.expires_at)
            for g in now.values()
        )

    sensitive = categories & {Category.SENSITIVE}
    if sensitive and not agreed(ConsentScope.SENSITIVE_DATA, sensitive, None):
        return False
    if recipient is not None:
        return agreed(ConsentScope.SHARING, categories, recipient)
    own = categories - sensitive
    return (bool(sensitive) and not own) or agreed(ConsentScope.OWN_USE, own, None)


@settings(max_examples=examples(400), deadline=None)
@given(
    st.lists(said(), max_size=14),
    st.none() | moments,
    purposes,
    st.sets(st.sampled_from(Category), max_size=3),
    st.none() | st.sampled_from(RECIPIENTS),
    moments.map(lambda m: m + timedelta(minutes=30)) | moments,
)
def test_agrees_with_the_whole_story(
    asked: list[Decide],
    erased_at: datetime | None,
    purpose: ConsentPurpose,
    categories: set[Category],
    recipient: str | None,
    at: datetime,
) -> None:
    events = story(asked, erased_at)
    customer = reduce(evolve, events, START)
    found = customer.consents.valid_for(purpose, categories, recipient, at)
    assert (found is not None) == oracle(events, purpose, categories, recipient, at)
    usable = customer.consents.usable(purpose, categories, recipient, at)
    assert usable is None or found is not None
    granted = {e.consent for e in events if isinstance(e, ConsentGranted)}
    assert found is None or found in granted


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(said(), max_size=14), purposes, moments)
def test_a_withdrawal_ends_it_at_that_moment_and_for_good(
    asked: list[Decide], purpose: ConsentPurpose, at: datetime
) -> None:
    customer = reduce(evolve, story(asked, None), START)
    try:
        ended = withdraw_consent(
            customer, purpose, ConsentScope.OWN_USE, channel=Channel.EMAIL, now=NOW, at=at
        )
    except Refused:
        return
    names = {e.consent for e in ended if isinstance(e, ConsentWithdrawn)}
    after = reduce(evolve, ended, customer).consents
    for later in range(60):
        found = after.valid_for(purpose, {Category.CONTACT}, None, at + later * HOUR)
        assert found not in names
        behind = after.usable(purpose, {Category.CONTACT}, None, at - later * HOUR)
        assert behind not in names


def test_the_oracle_can_say_both() -> None:
    events: list[CustomerEvent] = [grant(1, NOON, NOON + HOUR)]
    assert oracle(events, DIRECT, {Category.CONTACT}, None, NOON)
    assert not oracle(events, DIRECT, {Category.CONTACT}, None, NOON + HOUR)
    assert UUID(int=1) == known(*events).consents.held[0].consent
