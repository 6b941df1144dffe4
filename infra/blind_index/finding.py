"""Finding customers by e-mail, phone or name: asked for a purpose, on record first.

What is searched for is hashed and dropped; the trail holds who searched by which kind of value and
who was found. Names are found by trigrams that many names share, so candidates are opened through
the gate and those that do not fit are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from struct import unpack
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.personal import Category
from domain.policy.access import AccessPolicy, Question
from domain.refusal import Refused
from infra.blind_index import spelling
from infra.blind_index.keys import BlindKey, BlindKeys, Connect
from infra.gate import AccessDenied, Gate, Reader, SealedValue
from infra.gate.access import Access
from infra.gate.subjects import NOTHING_KNOWN, Subjects
from infra.gate.trail import Trail
from infra.record.packed import Uuids
from queries.lookup_shown import lookup_shown

MOST = 50
CANDIDATES = 200
SHARE = 0.6
"""Of the trigrams of what is searched for, this part has to be in a name."""
_CATEGORY = {"email": Category.CONTACT, "phone": Category.CONTACT, "name": Category.IDENTITY}


class SearchTooShort(Refused):
    """There is too little to search for. Parameters: kind."""


class FoundCustomer(NamedTuple):
    """`name` as it is now, None if there is none or it cannot be opened any more."""

    customer: UUID
    market: str | None
    name: str | None


class Review(NamedTuple):
    """Two customers that somebody should look at, and why."""

    id: int
    reason: str
    customer: UUID
    other: UUID
    noted_at: datetime


class Finder:
    def __init__(
        self,
        keys: BlindKeys,
        gate: Gate,
        trail: Trail,
        subjects: Subjects,
        connect: Connect,
        clock: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._gate = gate
        self._trail = trail
        self._subjects = subjects
        self._connect = connect
        self._clock = clock

    def find(self, kind: str, text: str, reader: Reader, purpose: str) -> list[FoundCustomer]:
        """`kind` is email, phone or name. At most 50, in the reader's scope only: who is outside
        it is not even looked for where scope is by market.

        Raises AccessDenied (on record), SearchTooShort, BlindIndexUnavailable, TrailUnavailable.
        """
        category = _CATEGORY[kind]
        basis, rule = self._allowed(kind, category, reader, purpose)
        if not text.strip() or (kind == "name" and not spelling.trigrams(text)):
            raise SearchTooShort(kind=kind)
        with self._connect() as connection:
            subjects = found(connection, self._keys, kind, text, reader.markets)
        inside = self._in_scope(subjects, reader)
        row = _row(kind, reader, purpose, "permit", rule, self._policy, inside)
        self._trail.note([row._replace(legal_basis=basis)])
        customers = self._named(inside, reader, purpose)
        if kind == "name":
            customers = [c for c in customers if _fits(text, c.name)]
        return customers[:MOST]

    @property
    def _policy(self) -> AccessPolicy:
        return self._gate.policy

    def _allowed(
        self, kind: str, category: Category, reader: Reader, purpose: str
    ) -> tuple[str | None, str]:
        """The legal basis and the rule that permits it."""
        question = Question(reader.role, purpose, reader.legal_basis, category, market=None)
        decision = self._policy.permit(question, self._clock().date())
        if not decision.permitted:
            row = _row(kind, reader, purpose, "deny", decision.rule, self._policy, ())
            self._trail.note([row])
            raise AccessDenied(rule=decision.rule, purpose=purpose)
        return decision.legal_basis, decision.rule

    def _in_scope(self, subjects: Sequence[UUID], reader: Reader) -> list[UUID]:
        facts = self._subjects.facts(subjects, cases=reader.teams is not None or reader.own)
        return [s for s in subjects if facts.get(s, NOTHING_KNOWN).in_scope_of(reader)]

    def _named(self, subjects: Sequence[UUID], reader: Reader, purpose: str) -> list[FoundCustomer]:
        with self._connect() as connection:
            shown = {row.customer: row for row in lookup_shown(connection, subjects)}
        tokens = {
            s: token
            for s in subjects
            if s in shown and (token := shown[s].name_token or shown[s].company_token) is not None
        }
        values = [SealedValue(token, subject) for subject, token in tokens.items()]
        try:
            texts = self._gate.open(values, reader, purpose)
        except AccessDenied:  # it may search by a contact and not see names
            texts = [None] * len(values)
        names = dict(zip(tokens, texts, strict=True))
        return [
            FoundCustomer(s, shown[s].market if s in shown else None, names.get(s))
            for s in subjects
        ]


def found(
    connection: Connection[Any],
    keys: BlindKeys,
    kind: str,
    text: str,
    markets: Iterable[str] | None = None,
) -> list[UUID]:
    """Whom a value may belong to, in all markets or in these: by e-mail and phone exactly, by name
    roughly. A national phone number is read as one of each market. Raises BlindIndexUnavailable.
    """
    every = list(keys.all().values())
    rows = connection.execute(
        "SELECT DISTINCT market FROM ref.blind_index UNION SELECT DISTINCT market"
        " FROM ref.blind_grams"
    ).fetchall()
    present = {market for (market,) in rows}
    wanted = present if markets is None else present & set(markets)
    if kind == "name":
        return _by_name(connection, every, sorted(wanted), text)
    hashes = []
    for market in sorted(wanted):
        spelt = spelling.email(text) if kind == "email" else spelling.phone(text, market or None)
        hashes += [key.hash(kind, market, spelt) for key in every]
    rows = connection.execute(
        "SELECT DISTINCT subject FROM ref.blind_index WHERE hash = ANY(%s) AND kind = %s"
        " ORDER BY subject LIMIT %s",
        (hashes, kind, CANDIDATES),
    ).fetchall()
    return [subject for (subject,) in rows]


def _by_name(
    connection: Connection[Any], every: Sequence[BlindKey], markets: Sequence[str], text: str
) -> list[UUID]:
    scores: dict[UUID, float] = {}
    sought = spelling.trigrams(text)
    for market in markets:
        for key in every:
            for kind in ("name grams", "company grams"):
                packed = key.grams(kind, market, sought)
                grams = list(unpack(f"!{len(packed) // 4}i", packed))
                rows = connection.execute(
                    "SELECT subject, s.n::float / cardinality(%(grams)s::int[])"
                    " FROM ref.blind_grams b CROSS JOIN LATERAL (SELECT count(*) AS n"
                    " FROM unnest(b.grams) u(g) WHERE u.g = ANY(%(grams)s::int[])) s"
                    " WHERE grams && %(grams)s::int[] AND market = %(market)s AND kind = %(kind)s"
                    " AND s.n >= %(share)s * cardinality(%(grams)s::int[])"
                    " ORDER BY 2 DESC, 1 LIMIT %(most)s",
                    {
                        "grams": grams,
                        "market": market,
                        "kind": kind,
                        "share": SHARE,
                        "most": CANDIDATES,
                    },
                ).fetchall()
                for subject, score in rows:
                    scores[subject] = max(score, scores.get(subject, 0.0))
    return sorted(scores, key=lambda s: (-scores[s], s))[:CANDIDATES]


def forget(connection: Connection[Any], subject: UUID) -> int:
    """Removes everything a person can be found by; how many rows that was."""
    row = connection.execute("SELECT ref.forget_findable_v1(%s)", (subject,)).fetchone()
    assert row is not None
    return int(row[0])


def open_reviews(connection: Connection[Any], limit: int = 100) -> list[Review]:
    """Duplicates, look-alikes and mentions that nobody has settled, earliest first."""
    rows = connection.execute(
        "SELECT id, reason, subject, other, noted_at FROM ref.review WHERE settled_at IS NULL"
        " ORDER BY noted_at, id LIMIT %s",
        (limit,),
    ).fetchall()
    return [Review(*row) for row in rows]


def settle_review(connection: Connection[Any], number: int, actor: str) -> bool:
    """Whether there was such an open review. It stays on file; nothing is merged."""
    return bool(
        connection.execute(
            "UPDATE ref.review SET settled_at = clock_timestamp(), settled_by = %s"
            " WHERE id = %s AND settled_at IS NULL",
            (actor, number),
        ).rowcount
    )


def rows_of_subject(connection: Connection[Any], subject: UUID) -> int:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM ref.blind_index WHERE subject = ANY(%(s)s))"
        " + (SELECT count(*) FROM ref.blind_grams WHERE subject = ANY(%(s)s))",
        {"s": Uuids([subject])},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _fits(sought: str, name: str | None) -> bool:
    wanted = spelling.trigrams(sought)
    return name is not None and len(wanted & spelling.trigrams(name)) >= SHARE * len(wanted)


def _row(
    kind: str,
    reader: Reader,
    purpose: str,
    decision: str,
    rule: str,
    policy: AccessPolicy,
    subjects: Sequence[UUID],
) -> Access:
    return Access(
        actor=reader.actor,
        role=reader.role,
        on_behalf_of=reader.on_behalf_of,
        operation="find",
        purpose=purpose if policy.lists(purpose) else "unlisted",
        legal_basis=None,
        decision=decision,
        rule=rule,
        policy=policy.name,
        subjects=sorted(subjects),
        fields=[f"BlindIndex.{kind}"],
        tokens=0,
        row_count=0,
        record_ref=None,
        consents=(),
        agreement=None,
        recipient=None,
        break_glass=None,
        auth_method=None,
        correlation=reader.correlation,
        request_id=reader.request_id,
    )
