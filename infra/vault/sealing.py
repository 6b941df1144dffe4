"""From what a handler decided to what the record takes: ids given, values sealed, keys announced.

The first event under a new key is preceded, in the same append and stream, by SubjectKeyCreated.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import NamedTuple
from uuid import UUID

import orjson

from commands.command import Append, Write
from domain.event import Event
from domain.keys import SubjectKeyCreated
from domain.personal import Category, Personal
from domain.refusal import UnstorableText
from infra.record.batch import Entry, Findable, Guarded, KeyUse, Outgoing, OutsideName, Submission
from infra.record.registry import Registry
from infra.vault.kek import InstallationKey
from infra.vault.keyring import DataKey, Keyring, Pair
from infra.vault.token import NONCE, encoded, field_part


class Provenance(NamedTuple):
    """Who asks, as what, for what, and what it belongs to: the header of everything recorded."""

    actor: str
    role: str
    purpose: str
    correlation: UUID
    on_behalf_of: str | None = None
    legal_basis: str | None = None
    consent_id: UUID | None = None
    reason: str | None = None
    causation: UUID | None = None


class Decided(NamedTuple):
    """A command and what its handler wants recorded. `fingerprint` None: not remembered."""

    command_id: UUID
    fingerprint: bytes | None
    provenance: Provenance
    append: Append


FindableOf = Callable[[Event, UUID, str | None], Sequence[Findable]]


def findable_by_nothing(event: Event, subject: UUID, market: str | None) -> Sequence[Findable]:
    return ()


class Sealer:
    def __init__(
        self,
        registry: Registry,
        keyring: Keyring,
        installation: InstallationKey,
        new_id: Callable[[], UUID],
        findable: FindableOf = findable_by_nothing,
    ) -> None:
        """`findable`: what an event with open values leaves outside the record."""
        self._findable = findable
        self._registry = registry
        self._keyring = keyring
        self._installation = installation
        self._new_id = new_id

    def seal(self, decided: Sequence[Decided]) -> list[Submission]:
        """One submission per command; all keys are fetched or made in one go.

        Raises CustomerErased, UnstorableText (a lone surrogate, or a NUL where the header cannot
        hold one), KeysUnavailable.
        """
        pairs = {pair for one in decided for pair in self._pairs(one.append)}
        keys = self._keyring.for_sealing(pairs) if pairs else {}
        announced: set[Pair] = set()
        nonces = fresh_nonces()
        return [self._submission(one, keys, announced, nonces) for one in decided]

    def forget(self, decided: Decided) -> None:
        """After a conflict: what is known of these keys may be out of date."""
        self._keyring.forget(self._pairs(decided.append))

    def _pairs(self, append: Append) -> Iterator[Pair]:
        for one in append.writes:
            for event in one.events:
                fields = self._registry.personal(type(event).__name__)
                for category in fields.open_categories(event):
                    yield one.subject, category
        for name in append.external:
            yield name.subject, Category.IDENTITY

    def _submission(
        self,
        one: Decided,
        keys: Mapping[Pair, DataKey],
        announced: set[Pair],
        nonces: Iterator[bytes],
    ) -> Submission:
        uses: dict[Pair, KeyUse] = {}
        entries: list[Entry] = []
        for held in one.append.writes:
            lead = self._announced_outside(one.append, held, keys, uses, announced)
            entries += self._entries(held, lead, keys, uses, announced, nonces)
        outside = [
            OutsideName(
                name.source,
                self._installation.outside_name(name.source, name.external_id),
                name.subject,
                self._seal_outside(keys, name.subject, name.external_id, nonces),
            )
            for name in one.append.external
        ]
        provenance = one.provenance
        for field in ("actor", "reason", "purpose", "on_behalf_of", "legal_basis"):
            header_text(field, getattr(provenance, field))
        return Submission(
            command_id=one.command_id,
            fingerprint=one.fingerprint,
            entries=entries,
            guards=[Guarded(g.stream, g.version, g.status) for g in one.append.guards],
            keys=sorted(uses.values()),
            outside=outside,
            outbox=[
                Outgoing(m.topic, orjson.dumps(m.payload).decode(), m.due_at)
                for m in one.append.outbox
            ],
            findable=[
                row
                for held in one.append.writes
                for event in held.events
                for row in self._findable(event, held.subject, held.market)
            ],
            **provenance._asdict(),
        )

    def _announced_outside(
        self,
        append: Append,
        held: Write,
        keys: Mapping[Pair, DataKey],
        uses: dict[Pair, KeyUse],
        announced: set[Pair],
    ) -> list[Event]:
        """Outside ids are sealed too, so their key is announced before anything else."""
        return [
            created(keys[name.subject, Category.IDENTITY], held.events[0])
            for name in append.external
            if name.subject == held.subject
            and self._use(keys[name.subject, Category.IDENTITY], uses, announced)
        ]

    def _entries(
        self,
        held: Write,
        lead: Sequence[Event],
        keys: Mapping[Pair, DataKey],
        uses: dict[Pair, KeyUse],
        announced: set[Pair],
        nonces: Iterator[bytes],
    ) -> list[Entry]:
        events: list[tuple[Event, UUID, str | None]] = [
            (event, self._new_id(), None) for event in lead
        ]
        taken: dict[Category, DataKey] = {}
        source_refs = chain(held.source_refs, repeat(None))
        for event, source_ref in zip(held.events, source_refs, strict=False):
            event_id = self._new_id()
            name, raw_id = type(event).__name__, event_id.bytes

            def sealed(
                path: str,
                category: Category,
                value: Personal,
                event_id: UUID = event_id,
                raw_id: bytes = raw_id,
                name: str = name,
                source_ref: str | None = source_ref,
                event: Event = event,
            ) -> Personal:
                if value.token is not None:
                    return value
                key = taken.get(category)
                if key is None:
                    key = taken[category] = keys[held.subject, category]
                    if self._use(key, uses, announced):
                        events.append((created(key, event), self._new_id(), source_ref))
                token = seal_text(key, raw_id, name, path, value.text, next(nonces))
                return Personal.sealed(token, event_id)

            closed = self._registry.personal(name).change(event, sealed)
            events.append((closed, event_id, source_ref))
        last = len(events)
        return [
            Entry(
                originator_id=held.stream,
                originator_version=held.expected + number,
                topic=type(event).__name__,
                state=self._registry.encode(event),
                event_id=event_id,
                kind=held.kind,
                subject=held.subject,
                schema=event.SCHEMA,
                at=event.at,
                at_precision=event.at_precision.value,
                policies=held.policies,
                source_ref=header_text("source_ref", source_ref),
                market=header_text("market", held.market),
                status=held.status if number == last else None,
            )
            for number, (event, event_id, source_ref) in enumerate(events, 1)
        ]

    def _use(self, key: DataKey, uses: dict[Pair, KeyUse], announced: set[Pair]) -> bool:
        """Notes that a key is used; whether this is where it must be announced."""
        pair = (key.subject, key.category)
        announces = not key.announced and pair not in announced
        if pair not in uses:
            uses[pair] = KeyUse(key.subject, key.category, key.generation, announces)
            if announces:
                announced.add(pair)
            return announces
        return False

    def _seal_outside(
        self, keys: Mapping[Pair, DataKey], subject: UUID, text: str, nonces: Iterator[bytes]
    ) -> str:
        key = keys[subject, Category.IDENTITY]
        return seal_text(key, key.owner, "ExternalRef", "external_id", text, next(nonces))


def created(key: DataKey, cause: Event) -> SubjectKeyCreated:
    return SubjectKeyCreated(
        category=key.category,
        generation=key.generation,
        commitment=key.commitment,
        at=cause.at,
        at_precision=cause.at_precision,
    )


def seal_text(key: DataKey, event_id: bytes, type: str, path: str, text: str, nonce: bytes) -> str:
    """The token of a value in this field of this event. `nonce` must be new under this key."""
    try:
        plain = text.encode()
    except UnicodeEncodeError:
        raise UnstorableText(field=path) from None
    prefix = key.key_part + event_id + field_part(type, path)
    return encoded(prefix + nonce + key.encrypt(nonce, plain, key.owner + prefix))


def fresh_nonces(at_once: int = 32) -> Iterator[bytes]:
    """Nonces at random: 2^32 values per key keep the bound of SP 800-38D. Drawn several at a time,
    for one thread's use."""
    while True:
        chance = os.urandom(NONCE * at_once)
        for start in range(0, len(chance), NONCE):
            yield chance[start : start + NONCE]


def header_text(field: str, text: str | None) -> str | None:
    """Header text goes into a `text` column, which holds neither NUL nor a lone surrogate."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise UnstorableText(field=field)
    return text
