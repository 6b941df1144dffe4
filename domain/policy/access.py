"""Who may open personal data: one question about one category, one answer, and the rule behind it.

The rows are in access.toml. Whatever no row allows is denied. A row is chosen by the day (UTC) the
question is asked on, and the answer names the row and the version of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from domain.event import Frozen
from domain.personal import Category


class Asked(StrEnum):
    """When something beside the role is asked for: consent, or an agreement."""

    NEVER = "never"
    SHARED = "shared"
    ALWAYS = "always"


class Question(NamedTuple):
    """May this role open this category for this purpose?

    `legal_basis` None: the first that fits. `market`: of the person the data are about, None if
    not known. `shared`: somebody outside receives them. `consent`, `agreement`: there is one that
    covers purpose, category, recipient and day. `restricted`: use of the key has been stopped.
    `break_glass`: the asker broke the glass for this purpose, and its time is not up.
    """

    role: str
    purpose: str
    legal_basis: str | None
    category: Category
    market: str | None
    in_scope: bool = True
    shared: bool = False
    consent: bool = False
    agreement: bool = False
    restricted: bool = False
    break_glass: bool = False


class Decision(NamedTuple):
    """`rule` is the grant that permits or the reason that denies; `policy` like "access@1"."""

    permitted: bool
    rule: str
    policy: str
    legal_basis: str | None = None


class Dated(Frozen):
    """A row with its days: `in_force` None: from ever; `lapsed`: the first day without it."""

    in_force: date | None = None
    lapsed: date | None = None

    def holds(self, day: date) -> bool:
        return (self.in_force or date.min) <= day < (self.lapsed or date.max)


class Purpose(Dated):
    term: str
    bases: Sequence[str]
    consent: Asked
    agreement: Asked
    under_restriction: bool = False
    recipient_only: bool = False


class Jurisdiction(Dated):
    id: str
    markets: frozenset[str]
    unknown_bases: frozenset[str]


class Grant(Dated):
    id: str
    role: str
    purposes: frozenset[str]
    categories: frozenset[Category]


class BreakGlassRule(Grant):
    """`minutes`: how long it lasts. `tells`: the role that is told. `reasons`: a closed list."""

    minutes: int
    tells: str
    reasons: Sequence[str]


class AccessPolicy(Frozen):
    name: str
    approved_by: Sequence[str]
    roles: frozenset[str]
    purposes: Sequence[Purpose]
    jurisdictions: Sequence[Jurisdiction]
    grants: Sequence[Grant]
    break_glass: Sequence[BreakGlassRule]

    @cached_property
    def _by_term(self) -> Mapping[str, Sequence[Purpose]]:
        return _grouped((purpose.term, purpose) for purpose in self.purposes)

    @cached_property
    def _by_use(self) -> Mapping[tuple[str, str, Category], Sequence[Grant]]:
        """An ordinary grant comes before breaking the glass."""
        return _grouped(
            ((grant.role, purpose, category), grant)
            for grant in (*self.grants, *self.break_glass)
            for purpose in grant.purposes
            for category in grant.categories
        )

    def permit(self, question: Question, day: date) -> Decision:
        """The first reason that denies, or the grant that permits."""
        purpose = self.purpose(question.purpose, day)
        if purpose is None:
            return self._denied("purpose-not-listed")
        if question.role not in self.roles:
            return self._denied("role-not-listed")
        grant = self._grant(question, day)
        if grant is None:
            return self._denied("not-granted")
        if isinstance(grant, BreakGlassRule) and not question.break_glass:
            return self._denied("glass-not-broken")
        if not question.in_scope:
            return self._denied("out-of-scope")
        basis = self._basis(purpose, question, day)
        if basis is None:
            return self._denied("basis-not-admitted")
        if question.restricted and not purpose.under_restriction:
            return self._denied("key-restricted")
        if purpose.recipient_only and not question.shared:
            return self._denied("no-recipient")
        if _asked(purpose.consent, question, basis == CONSENT) and not question.consent:
            return self._denied("no-consent")
        if _asked(purpose.agreement, question) and not question.agreement:
            return self._denied("no-agreement")
        return Decision(True, grant.id, self.name, basis)

    def purpose(self, term: str, day: date) -> Purpose | None:
        return next((p for p in self._by_term.get(term, ()) if p.holds(day)), None)

    def lists(self, term: str) -> bool:
        """Whether this is or was a purpose at all."""
        return term in self._by_term

    def terms(self) -> frozenset[str]:
        """Every purpose there is or was: events of other days name them too."""
        return frozenset(purpose.term for purpose in self.purposes)

    def role_for(self, roles: Sequence[str], purpose: str, day: date) -> str:
        """Of the roles somebody holds, in order of preference, the first that opens anything for
        this purpose; the first of all if none does. IndexError if there is none."""
        uses = {(g.role, p) for g in (*self.grants, *self.break_glass) if g.holds(day)
                for p in g.purposes}  # fmt: skip
        return next((role for role in roles if (role, purpose) in uses), roles[0])

    def breaking(self, role: str, purpose: str, day: date) -> BreakGlassRule | None:
        """The row under which this role may break the glass for this purpose."""
        return next(
            (
                rule
                for rule in self.break_glass
                if rule.role == role and purpose in rule.purposes and rule.holds(day)
            ),
            None,
        )

    def _grant(self, question: Question, day: date) -> Grant | None:
        asked = (question.role, question.purpose, question.category)
        return next((grant for grant in self._by_use.get(asked, ()) if grant.holds(day)), None)

    def _basis(self, purpose: Purpose, question: Question, day: date) -> str | None:
        jurisdictions = [j for j in self.jurisdictions if j.holds(day)]
        own = [j for j in jurisdictions if question.market in j.markets]
        unknown = frozenset().union(*(j.unknown_bases for j in own or jurisdictions))
        admitted = [basis for basis in purpose.bases if basis not in unknown]
        if question.legal_basis is None:
            return admitted[0] if admitted else None
        return question.legal_basis if question.legal_basis in admitted else None

    def _denied(self, rule: str) -> Decision:
        return Decision(False, rule, self.name)


CONSENT = "dpv:Consent"
DENIALS = frozenset(
    {
        "purpose-not-listed", "role-not-listed", "not-granted", "glass-not-broken", "out-of-scope",
        "basis-not-admitted", "key-restricted", "no-recipient", "no-consent", "no-agreement",
    }
)  # fmt: skip


K = TypeVar("K")
V = TypeVar("V")


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _asked(when: Asked, question: Question, always: bool = False) -> bool:
    return always or when is Asked.ALWAYS or (when is Asked.SHARED and question.shared)


def read_access(document: Mapping[str, Any]) -> AccessPolicy:
    """The policy of a parsed TOML document.

    KeyError or ValueError if it is not well-formed: two rows of one id in force on the same day,
    a grant for a role or a purpose that is not listed, a purpose without a basis, a grant called
    like a denial.
    """
    head = document["policy"]
    policy = AccessPolicy(
        name=f"{head['id']}@{head['version']}",
        approved_by=tuple(head["approved_by"]),
        roles=frozenset(document["roles"]["known"]),
        purposes=[_purpose(row) for row in document["purpose"]],
        jurisdictions=[
            Jurisdiction(
                id=row["id"],
                markets=frozenset(row["markets"]),
                unknown_bases=frozenset(row["unknown_bases"]),
                **_days(row),
            )
            for row in document["jurisdiction"]
        ],
        grants=[Grant(**_granted(row)) for row in document["grant"]],
        break_glass=[
            BreakGlassRule(
                minutes=row["minutes"],
                tells=row["tells"],
                reasons=tuple(row["reasons"]),
                **_granted(row),
            )
            for row in document["break_glass"]
        ],
    )
    _check(policy)
    return policy


def _purpose(row: Mapping[str, Any]) -> Purpose:
    return Purpose(
        term=row["term"],
        bases=tuple(row["bases"]),
        consent=Asked(row["consent"]),
        agreement=Asked(row["agreement"]),
        under_restriction=row.get("under_restriction", False),
        recipient_only=row.get("recipient_only", False),
        **_days(row),
    )


def _granted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "role": row["role"],
        "purposes": frozenset(row["purposes"]),
        "categories": frozenset(Category(category) for category in row["categories"]),
        **_days(row),
    }


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"in_force": row.get("in_force"), "lapsed": row.get("lapsed")}


def _check(policy: AccessPolicy) -> None:
    grants = [*policy.grants, *policy.break_glass]
    for rows in (
        [(p.term, p) for p in policy.purposes],
        [(j.id, j) for j in policy.jurisdictions],
        [(g.id, g) for g in grants],
    ):
        for n, (name, one) in enumerate(rows):
            for other, two in rows[:n]:
                if name == other and _overlap(one, two):
                    raise ValueError(f"two rows called {name} are in force on one day")
    for purpose in policy.purposes:
        if not purpose.bases:
            raise ValueError(f"{purpose.term} has no legal basis")
    for grant in grants:
        if grant.role not in policy.roles:
            raise ValueError(f"{grant.id}: there is no role {grant.role}")
        if strange := sorted(grant.purposes - policy.terms()):
            raise ValueError(f"{grant.id}: there is no purpose {strange[0]}")
        if grant.id in DENIALS:
            raise ValueError(f"{grant.id} is what a denial is called")
    for rule in policy.break_glass:
        if rule.tells not in policy.roles:
            raise ValueError(f"{rule.id}: there is no role {rule.tells}")


def _overlap(one: Dated, two: Dated) -> bool:
    starts = max(one.in_force or date.min, two.in_force or date.min)
    return starts < min(one.lapsed or date.max, two.lapsed or date.max)
