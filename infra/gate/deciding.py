"""Whether a request is permitted: the policy asked once for each category of each person, and what
it wants to see (a consent, an agreement, broken glass) looked up only when it wants it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from domain.personal import Category
from domain.policy.access import AccessPolicy, Decision, Question
from infra.gate.break_glass import Glass
from infra.gate.consent_book import ConsentBook, Consents
from infra.gate.reader import Reader, SealedValue
from infra.gate.subjects import NOTHING_KNOWN, Subjects
from infra.vault.opening_key import OpeningKey, Reference
from infra.vault.token import Place


class Asked:
    """A request. `places` are those of the tokens, in order, once they have been read."""

    __slots__ = ("at", "places", "purpose", "reader", "tokens")

    def __init__(
        self, tokens: Sequence[SealedValue], reader: Reader, purpose: str, at: datetime
    ) -> None:
        self.tokens = tokens
        self.reader = reader
        self.purpose = purpose
        self.at = at
        self.places: Sequence[Place] = ()

    def categories(self) -> dict[UUID, set[Category]]:
        """Which categories of whom."""
        found: dict[UUID, set[Category]] = {}
        for value, place in zip(self.tokens, self.places, strict=True):
            found.setdefault(value.subject, set()).add(place.category)
        return found


class Grounds:
    """What was decided and on what. `denied` is the first reason against, with the person it is
    about; `questions` are those that were permitted, as they were finally put."""

    __slots__ = ("agreement", "bases", "broken", "consents", "denied", "questions", "rules")

    def __init__(self) -> None:
        self.questions: dict[tuple[UUID, Category], Question] = {}
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
        self._consents = consents
        self._subjects = subjects
        self._glass = glass

    def decide(self, asked: Asked) -> Grounds:
        reader, day = asked.reader, asked.at.date()
        categories = asked.categories()
        cases = reader.teams is not None or reader.own
        facts = self._subjects.facts(categories, cases=cases)
        grounds = Grounds()
        proofs = _Proofs(asked, categories, grounds, self._consents, self._glass)
        for subject, held in categories.items():
            known = facts.get(subject, NOTHING_KNOWN)
            in_scope = known.in_scope_of(reader)
            for category in held:
                question: Question | None = Question(
                    reader.role, asked.purpose, reader.legal_basis, category, known.market,
                    in_scope, reader.recipient is not None,
                )  # fmt: skip
                while question is not None:
                    put, decision = question, self._permit(question, day)
                    question = proofs.more(put, decision, subject)
                if not decision.permitted or decision.legal_basis is None:
                    grounds.denied = decision.rule, subject
                    return grounds
                grounds.questions[subject, category] = put
                grounds.rules.add(decision.rule)
                grounds.bases.add(decision.legal_basis)
        return grounds

    def stopped(self, asked: Asked, grounds: Grounds, keys: Mapping[Reference, OpeningKey]) -> bool:
        """Whether the use of one of these keys was stopped, and this purpose may not go on. Notes
        it on the grounds."""
        for (subject, category, _), key in keys.items():
            if key.state == "restricted":
                question = grounds.questions[subject, category]._replace(restricted=True)
                decision = self._permit(question, asked.at.date())
                if not decision.permitted:
                    grounds.denied = decision.rule, subject
                    return True
        return False


class _Proofs:
    """What can be shown when the policy asks for it, each looked up once in a request."""

    def __init__(
        self,
        asked: Asked,
        categories: Mapping[UUID, Collection[Category]],
        grounds: Grounds,
        book: ConsentBook,
        glass: Glass,
    ) -> None:
        self._asked = asked
        self._categories = categories
        self._grounds = grounds
        self._book = book
        self._glass = glass
        self._consents: Mapping[UUID, Consents] | None = None

    def more(self, question: Question, decision: Decision, subject: UUID) -> Question | None:
        """The same question with one thing more to show; None: it stays as it was decided."""
        if decision.permitted:
            return None
        if decision.rule == "glass-not-broken" and self._broken():
            return question._replace(break_glass=True)
        if decision.rule == "no-consent" and self._consented(subject):
            return question._replace(consent=True)
        if decision.rule == "no-agreement" and self._agreed():
            return question._replace(agreement=True)
        return None

    def _broken(self) -> bool:
        asked = self._asked
        if asked.reader.break_glass is None:
            return False
        broken = self._glass.broken(asked.reader.break_glass)
        if (
            broken is None
            or (broken.actor, broken.role) != (asked.reader.actor, asked.reader.role)
            or broken.purpose != asked.purpose
            or not broken.since <= asked.at < broken.until
        ):
            return False
        self._grounds.broken = broken.id
        return True

    def _consented(self, subject: UUID) -> bool:
        asked = self._asked
        if self._consents is None:
            self._consents = self._book.consents_of(self._categories.keys())
        given = self._consents.get(subject)
        if given is None:
            return False
        consent = given.valid_for(
            asked.purpose, self._categories[subject], asked.reader.recipient, asked.at
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
            every = set().union(*self._categories.values())
            found = self._book.agreement_for(reader.recipient, every, self._asked.at)
            if reader.agreement in (None, found):
                self._grounds.agreement = found
        return self._grounds.agreement is not None
