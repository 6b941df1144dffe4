"""Consents and agreements as the record has them at this moment.

Nothing is cached and no read model is asked: they are folded from the customers' own streams, so
that a withdrawal counts from the next request on, in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple, TypeAlias, cast, get_args
from uuid import UUID

from psycopg import Connection

from domain.agreement.agreement import Agreements, recipient_id
from domain.agreement.agreement import evolve as evolve_agreements
from domain.agreement.events import AgreementEvent
from domain.customer.consent import ConsentEvent, Consents
from domain.customer.customer import Customer
from domain.customer.events import (
    CustomerEvent,
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerRegistered,
)
from domain.customer.evolve import evolve
from domain.customer.sharing import crosses_border
from domain.event import Event
from domain.personal import Category
from domain.refusal import Refused
from infra.record.registry import registry

NONE = Consents()
_CONSENTS = [event.__name__ for event in get_args(ConsentEvent)]
_HOME = [
    event.__name__
    for event in (CustomerRegistered, CustomerProfileCompleted, CustomerProfileUpdated)
]
_AGREEMENTS = [event.__name__ for event in get_args(AgreementEvent)]
Connect: TypeAlias = Callable[[], AbstractContextManager[Connection[Any]]]


class Heading(NamedTuple):
    """What has to be known of an event to read its body."""

    event_id: UUID
    type: str
    schema: int
    at: datetime
    at_precision: str


class Bodiless(Exception):
    """The body of an event is archived or gone, so nothing can be shown to hold."""


class Stored(NamedTuple):
    stream: UUID
    heading: Heading
    body: bytes | None

    def event(self) -> Event:
        if self.body is None:
            raise Bodiless
        return registry().decode(self.heading, self.body)


def consents_of(connection: Connection[Any], subjects: Collection[UUID]) -> Mapping[UUID, Consents]:
    """The consents of these customers, as recorded by now; one query for all of them.

    Whoever is not on record has none. The same for a customer one of whose consent events has lost
    its body.
    """
    stored = _stored(connection, list(subjects), _CONSENTS)
    return {subject: _folded(stored.get(subject, ())) for subject in subjects}


def permitted(
    connection: Connection[Any],
    subjects: Sequence[UUID],
    purpose: str,
    categories: Collection[Category],
    at: datetime,
) -> list[UUID]:
    """Those of `subjects`, in order, who agree to this use of ours at `at` (aware). A job asks
    this for every batch, right before it uses the batch; the others are left out."""
    held = consents_of(connection, subjects)
    return [s for s in subjects if held[s].usable(purpose, categories, None, at)]


def agreements_with(connection: Connection[Any], recipient: str) -> Agreements:
    """What was agreed with the recipient of this code, as recorded by now."""
    stream = recipient_id(recipient)
    events = (stored.event() for stored in _stored(connection, [stream], _AGREEMENTS)[stream])
    try:
        return reduce(evolve_agreements, cast("list[AgreementEvent]", list(events)), Agreements())
    except Bodiless:
        return Agreements()


def agreement_for(
    connection: Connection[Any], recipient: str, categories: Collection[Category], at: datetime
) -> UUID | None:
    """The signed agreement under which these may go to the recipient at `at`, or None."""
    try:
        return (
            agreements_with(connection, recipient).must_allow(recipient, categories, at).agreement
        )
    except Refused:
        return None


class RecordedConsents:
    """The book the gate asks. `connect` gives a connection that may read the record."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def consents_of(self, subjects: Collection[UUID]) -> Mapping[UUID, ConsentsOfOne]:
        with self._connect() as connection:
            consents = _stored(connection, list(subjects), [*_CONSENTS, *_HOME])
        return {
            subject: ConsentsOfOne(consents.get(subject, ()), self._country) for subject in subjects
        }

    def agreement_for(
        self, recipient: str, categories: Collection[Category], at: datetime
    ) -> UUID | None:
        with self._connect() as connection:
            return agreement_for(connection, recipient, categories, at)

    def _country(self, recipient: str) -> str | None:
        """Where the recipient keeps the data, if only one place is on record."""
        with self._connect() as connection:
            terms = agreements_with(connection, recipient).terms.values()
        countries = {t.country for t in terms}
        return countries.pop() if len(countries) == 1 else None


class ConsentsOfOne:
    """What one person agreed to, and where they live: data that go abroad need a consent of their
    own, and whoever's place is not known is taken to be abroad."""

    def __init__(self, stored: Sequence[Stored], country_of: Callable[[str], str | None]) -> None:
        self._stored = stored
        self._country_of = country_of

    def valid_for(
        self, purpose: str, categories: Collection[Category], recipient: str | None, at: datetime
    ) -> UUID | None:
        """The consent that covers all of this at that moment, or None."""
        consents = _folded([s for s in self._stored if s.heading.type in _CONSENTS])
        found = consents.usable(purpose, categories, recipient, at)
        if found is None or recipient is None:
            return found
        return consents.usable(
            purpose, categories, recipient, at, cross_border=self._abroad(recipient)
        )

    def _abroad(self, recipient: str) -> bool:
        country = self._country_of(recipient)
        if country is None:
            return True
        customer: Customer | None = None
        try:
            for stored in self._stored:
                if stored.heading.type in _HOME:
                    customer = evolve(customer, cast("CustomerEvent", stored.event()))
        except Bodiless:
            return True
        return customer is None or crosses_border(customer, country)


def _folded(stored: Sequence[Stored]) -> Consents:
    consents = NONE
    try:
        for one in stored:
            consents = consents.after(cast("ConsentEvent", one.event()))
    except Bodiless:
        return NONE
    return consents


def _stored(
    connection: Connection[Any], streams: Sequence[UUID], types: Sequence[str]
) -> dict[UUID, list[Stored]]:
    """By stream, in order. A consent ends no later than that is on record, whatever time the note
    of it gives."""
    rows = connection.execute(
        "SELECT stream, body, event_id, type, schema, CASE WHEN type IN ('ConsentWithdrawn',"
        " 'PersonalDataErased') THEN least(at, recorded_at) ELSE at END, at_precision"
        " FROM es.events WHERE stream = ANY(%s::uuid[]) AND type = ANY(%s::text[])"
        " ORDER BY stream, version",
        (list(streams), list(types)),
        prepare=True,
        binary=True,
    ).fetchall()
    found: dict[UUID, list[Stored]] = {stream: [] for stream in streams}
    for stream, body, *heading in rows:
        stored = Stored(stream, Heading(*heading), None if body is None else bytes(body))
        found[stream].append(stored)
    return found
