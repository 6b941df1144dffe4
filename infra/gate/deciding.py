"""Whether a request is permitted: the policy asked once for each category of each person, and what
it wants to see (a consent, an agreement, broken glass) looked up only when it wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from domain.personal import Category
from domain.policy.access import AccessPolicy, Decision, Question
from infra.gate.break_glass import Glass
from infra.gate.consent_book import ConsentBook, Consents
from infra.gate.reader import Reader, SealedValue
from infra.gate.subjects import NOTHING_KNOWN, Subjects
from infra.vault.opening_key import OpeningKey, Reference
from infra.vault.token import Field, Sealed


class Asked:
    """A request, and once its tokens have been taken apart: `parts`, in their order, `categories`
    of each person, `wanted` keys."""

    __slots__ = ("at", "categories", "parts", "purpose", "reader", "tokens", "wanted")

    def __init__(
        self, tokens: Sequence[SealedValue], reader: Reader, purpose: str, at: datetime
    ) -> None:
        self.tokens = tokens
        self.reader = reader
        self.purpose = purpose
        self.at = at
        self.parts: Sequence[Sealed] = ()
        self.categories: dict[UUID, tuple[Category, ...]] = {}
        self.wanted: list[Reference] = []

    def taken_apart(self, parts: Sequence[Sealed]) -> None:
        self.parts = parts
        held: dict[UUID, set[Field]] = {}
        person: UUID | None = None
        for value, part in zip(self.tokens, parts, strict=True):
            if value.subject is not person:  # the values of one person mostly stand together
                person = value.subject
                fields = held.setdefault(person, set())
            fields.add(part.field)
        for person, fields in held.items():
            self.categories[person], slots = _keys_of(frozenset(fields))
            self.wanted += [(person, *slot) for slot in slots]


@lru_cache(4096)
def _keys_of(fields: frozenset[Field]) -> tuple[tuple[Category, ...], list[tuple[Category, int]]]:
    slots = {field.slot for field in fields}
    return tuple(sorted({category for category, _ in slots})), sorted(slots)


class Grounds:
    """What was decided and on what. `denied` is the first reason against, with the person it is
    about; `questions` are those that were permitted, as they were finally put."""

    __slots__ = ("agreement", "bases", "broken", "consents", "denied", "questions", "rules")

    def __init__(self) -> None:
        self.questions: list[tuple[UUID, Question]] = []
        self.rules: set[str] = set()
        self.bases: set[str] = set()
        self.consents: set[UUID] = set()
        self.agreement: UUID | None = None
        self.broken: UUID | None = None
        self.denied: tuple[str, UUID] | None = None


class Deciding:
    def __init__(
        self, policy: AccessPolicy, consents: ConsentBook, subjects: Subjects, glass: Glass
    ) -> None:
        self.policy = policy
        self._permit = lru_cache(16_384)(policy.permit)
        self._at_first = lru_cache(16_384)(self._put)
        self._consents = consents
        self._subjects = subjects
        self._glass = glass

    def decide(self, asked: Asked) -> Grounds:
        reader, day = asked.reader, asked.at.date()
        facts = self._subjects.facts(asked.categories, cases=reader.teams is not None or reader.own)
        grounds = Grounds()
        proofs: _Proofs | None = None
        for subject, held in asked.categories.items():
            known = facts.get(subject, NOTHING_KNOWN)
            for question, decision in self._at_first(
                reader.role, asked.purpose, reader.legal_basis, held, known.market,
                known.in_scope_of(reader), reader.recipient is not None, day,
            ):  # fmt: skip
                while not decision.permitted:
                    proofs = proofs or _Proofs(asked, grounds, self._consents, self._glass)
                    more = proofs.more(question, decision, subject)
                    if more is None:
                        grounds.denied = decision.rule, subject
                        return grounds
                    question, decision = more, self._permit(more, day)
                grounds.questions.append((subject, question))
                grounds.rules.add(decision.rule)
                grounds.bases.add(decision.legal_basis or "")
        return grounds

    def _put(
        self, role: str, purpose: str, basis: str | None, categories: tuple[Category, ...],
        market: str | None, in_scope: bool, shared: bool, day: date,
    ) -> list[tuple[Question, Decision]]:  # fmt: skip
        """The questions about one person before anything is shown, and the answers."""
        questions = [
            Question(role, purpose, basis, category, market, in_scope, shared)
            for category in categories
        ]
        return [(question, self._permit(question, day)) for question in questions]

    def stopped(self, asked: Asked, grounds: Grounds, keys: Mapping[Reference, OpeningKey]) -> bool:
        """Whether the use of one of these keys was stopped, and this purpose may not go on. Notes
        it on the grounds."""
        stopped = {
            (subject, category)
            for (subject, category, _), key in keys.items()
            if key.state == "restricted"
        }
        if stopped:
            for subject, question in grounds.questions:
                if (subject, question.category) in stopped:
                    decision = self._permit(question._replace(restricted=True), asked.at.date())
                    if not decision.permitted:
                        grounds.denied = decision.rule, subject
                        return True
        return False


class _Proofs:
    """What can be shown when the policy asks for it, each looked up once in a request."""

    def __init__(
        self,
        asked: Asked,
        grounds: Grounds,
        book: ConsentBook,
        glass: Glass,
    ) -> None:
        self._asked = asked
        self._grounds = grounds
        self._book = book
        self._glass = glass
        self._consents: Mapping[UUID, Consents] | None = None

    def more(self, question: Question, decision: Decision, subject: UUID) -> Question | None:
        """The same question with one thing more to show; None: it stays as it was decided."""
        if decision.rule == "glass-not-broken" and self._broken():
            return question._replace(break_glass=True)
        if decision.rule == "no-consent" and self._consented(subject):
            return question._replace(consent=True)
        if decision.rule == "no-agreement" and self._agreed():
            return question._replace(agreement=True)
        return None

    def _broken(self) -> bool:
        asked = self._asked
        self._grounds.broken = self._glass.broken(asked.reader, asked.purpose, asked.at)
        return self._grounds.broken is not None

    def _consented(self, subject: UUID) -> bool:
        asked = self._asked
        if self._consents is None:
            self._consents = self._book.consents_of(self._asked.categories.keys())
        given = self._consents.get(subject)
        if given is None:
            return False
        consent = given.valid_for(
            asked.purpose, self._asked.categories[subject], asked.reader.recipient, asked.at
        )
        if consent is None:
            return False
        self._grounds.consents.add(consent)
        return True

    def _agreed(self) -> bool:
        """The agreement has to cover every category of the request; if one is named, that one."""
        reader = self._asked.reader
        if reader.recipient is None:
            return False
        if self._grounds.agreement is None:
            every = set().union(*self._asked.categories.values())
            found = self._book.agreement_for(reader.recipient, every, self._asked.at)
            if reader.agreement in (None, found):
                self._grounds.agreement = found
        return self._grounds.agreement is not None
