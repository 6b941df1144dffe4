"""Rows of the key table: what is asked of them, and how they change state.

Every change is told to the other processes by the transaction that makes it (`watch.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.personal import Category
from infra.record.packed import Bytes, Ints, Texts, Uuids
from infra.vault.ledger import Erased
from infra.vault.opening_key import Pair, Reference
from infra.vault.watch import tell

# Whoever makes a key looks for fences first and shares a lock with other makers; whoever fences has
# it alone. Otherwise a key made in that moment would be seen by neither.
_FENCING = 4727
_BUCKETS = 64
_OPENING = """
SELECT k.subject, k.category, k.generation, k.epoch, k.wrapped, k.state, k.commitment,
  EXISTS (SELECT FROM keys.fence f WHERE f.subject = k.subject)
  OR EXISTS (SELECT FROM keys.category_fence f
             WHERE f.subject = k.subject AND f.category = k.category)
  OR EXISTS (SELECT FROM es.streams t WHERE t.stream = k.subject AND t.status = 'fenced')
  OR k.state = 'destroyed'
FROM unnest(%s, %s, %s) u(s, c, g) JOIN keys.subject_key k
  ON k.subject = u.s AND k.category = u.c AND k.generation = u.g
WHERE k.wrapped IS NOT NULL"""
_SEALING = """
SELECT DISTINCT ON (k.subject, k.category)
  k.subject, k.category, k.generation, k.epoch, k.wrapped, k.state, k.commitment, k.announced
FROM unnest(%s, %s) u(s, c) JOIN keys.subject_key k ON k.subject = u.s AND k.category = u.c
ORDER BY k.subject, k.category, k.generation DESC"""
_BARRED = """
SELECT u.s, u.c, EXISTS (SELECT FROM keys.fence f WHERE f.subject = u.s)
  OR EXISTS (SELECT FROM keys.category_fence f WHERE f.subject = u.s AND f.category = u.c)
FROM unnest(%s, %s) u(s, c)
WHERE EXISTS (SELECT FROM keys.fence f WHERE f.subject = u.s)
  OR EXISTS (SELECT FROM keys.category_fence f WHERE f.subject = u.s AND f.category = u.c)
  OR EXISTS (SELECT FROM keys.restriction r WHERE r.subject = u.s AND r.category = u.c)
LIMIT 1"""
_MAKING = """
INSERT INTO keys.subject_key (subject, category, generation, state, epoch, wrapped, commitment)
SELECT s, c, 1, 'active', %s, w, m FROM unnest(%s, %s, %s, %s) u(s, c, w, m)
ON CONFLICT DO NOTHING"""
_ALIVE = """
SELECT u.s FROM unnest(%s) u(s)
WHERE NOT EXISTS (SELECT FROM keys.fence f WHERE f.subject = u.s)
  OR EXISTS (SELECT FROM keys.subject_key k WHERE k.subject = u.s AND k.wrapped IS NOT NULL)"""
_IN_PART = """
SELECT DISTINCT u.s, u.c FROM unnest(%s, %s) u(s, c)
WHERE NOT EXISTS (SELECT FROM keys.category_fence f WHERE f.subject = u.s AND f.category = u.c)
  OR EXISTS (SELECT FROM keys.subject_key k
             WHERE k.subject = u.s AND k.category = u.c AND k.wrapped IS NOT NULL)"""


def rows_to_open(connection: Connection[Any], wanted: Sequence[Reference]) -> list[tuple[Any, ...]]:
    """Subject, category, generation, epoch, wrapped key, state, commitment, whether the person is
    erased; of those keys that are there."""
    return connection.execute(
        _OPENING,
        (
            Uuids([s for s, _, _ in wanted]),
            Texts([c for _, c, _ in wanted]),
            Ints([g for _, _, g in wanted]),
        ),
        prepare=True,
    ).fetchall()


def rows_to_seal(connection: Connection[Any], wanted: Sequence[Pair]) -> list[tuple[Any, ...]]:
    """Subject, category, generation, epoch, wrapped key, state, commitment, whether announced; of
    the last generation of each."""
    return connection.execute(
        _SEALING,
        (Uuids([s for s, _ in wanted]), Texts([c for _, c in wanted])),
        prepare=True,
    ).fetchall()


def barred(connection: Connection[Any], wanted: Sequence[Pair]) -> tuple[Any, ...] | None:
    """One of these of whom no key may be made: subject, category, whether fenced for good. What it
    answers holds until the transaction ends."""
    connection.execute(
        "SELECT pg_advisory_xact_lock_shared(%s, b) FROM unnest(%s) b",
        (_FENCING, Ints(sorted({_bucket(subject) for subject, _ in wanted}))),
    )
    return connection.execute(
        _BARRED,
        (Uuids([s for s, _ in wanted]), Texts([c for _, c in wanted])),
        prepare=True,
    ).fetchone()


def add(
    connection: Connection[Any],
    epoch: int,
    pairs: Sequence[Pair],
    wrapped: Sequence[bytes],
    commitments: Sequence[str],
) -> None:
    """First generations; of those that somebody else made meanwhile, theirs stay."""
    subjects, categories = Uuids([s for s, _ in pairs]), Texts([c for _, c in pairs])
    connection.execute(
        _MAKING, (epoch, subjects, categories, Bytes(wrapped), Texts(commitments)), prepare=True
    )


def set_state(
    connection: Connection[Any], subject: UUID, categories: Sequence[Category], state: str
) -> None:
    """`restricted` or `active`, with what keeps or lets new keys be made."""
    names = Texts(sorted(categories))
    _keep_makers_out(connection, subject)
    if state == "restricted":
        connection.execute(
            "INSERT INTO keys.restriction (subject, category) SELECT %s, unnest(%s)"
            " ON CONFLICT DO NOTHING",
            (subject, names),
        )
    else:
        connection.execute(
            "DELETE FROM keys.restriction WHERE subject = %s AND category = ANY(%s)",
            (subject, names),
        )
    connection.execute(
        "UPDATE keys.subject_key SET state = %s WHERE subject = %s AND category = ANY(%s)"
        " AND state IN ('active', 'restricted')",
        (state, subject, names),
    )
    tell(connection, subject)


def destroy(
    connection: Connection[Any], subject: UUID, categories: Sequence[Category] | None
) -> list[tuple[str, int, str]]:
    """Fences and destroys; category, generation and commitment of what is destroyed by now."""
    chosen = Texts([*Category] if categories is None else categories)
    _keep_makers_out(connection, subject)
    if categories is None:
        connection.execute(
            "INSERT INTO keys.fence (subject) VALUES (%s) ON CONFLICT DO NOTHING",
            (subject,),
        )
    else:
        connection.execute(
            "INSERT INTO keys.category_fence (subject, category) SELECT %s, unnest(%s)"
            " ON CONFLICT DO NOTHING",
            (subject, chosen),
        )
    rows = connection.execute(
        "UPDATE keys.subject_key SET state = 'destroyed', wrapped = NULL,"
        " destroyed_at = coalesce(destroyed_at, clock_timestamp())"
        " WHERE subject = %s AND category = ANY(%s)"
        " RETURNING category, generation, commitment",
        (subject, chosen),
    ).fetchall()
    if categories is None or Category.IDENTITY in categories:
        connection.execute(
            "UPDATE ref.external SET subject = NULL, token = NULL, erased = true"
            " WHERE subject = %s",
            (subject,),
        )
    tell(connection, subject)
    return sorted(rows)


def still_there(
    connection: Connection[Any], ledger: Iterable[Erased]
) -> tuple[set[UUID], set[Pair]]:
    """Of those the ledger says are erased, whole or in part, those whom this database still has."""
    whole: set[UUID] = set()
    parts: set[Pair] = set()
    for subject, categories in ledger:
        if categories is None:
            whole.add(subject)
        else:
            parts |= {(subject, category) for category in categories}
    if not whole and not parts:
        return set(), set()
    alive = connection.execute(_ALIVE, (Uuids(sorted(whole)),)).fetchall()
    in_part = connection.execute(
        _IN_PART, (Uuids([s for s, _ in sorted(parts)]), Texts([c for _, c in sorted(parts)]))
    ).fetchall()
    return {subject for (subject,) in alive}, {(s, Category(c)) for s, c in in_part}


def _keep_makers_out(connection: Connection[Any], subject: UUID) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_FENCING, _bucket(subject)))


def _bucket(subject: UUID) -> int:
    """Few, since a batch may make keys for thousands and locks are not unlimited."""
    return subject.bytes[-1] % _BUCKETS
