"""Key snapshots: the wrapped keys as they are now, kept apart from the database's backups.

A backup may be years old; the keys in it are under epochs that are gone. What makes it readable is
the newest snapshot, and that has no key of anybody erased since. So snapshots live a week, and an
older one is not loaded. Whoever has a snapshot but no key-encryption key has nothing.
"""

from __future__ import annotations

import gzip
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import error as BadZlib  # noqa: N812

from psycopg import Connection

from domain.refusal import Refused
from infra.vault.epochs import Connect
from infra.vault.kek import InstallationKey
from infra.vault.watch import EVERYTHING, tell

FORMAT = "dossier-keys/1"
KEPT = timedelta(days=7)
SUFFIX = ".keys"
LONGEST = 64_000_000
"""Of a line, in bytes: what is longer is no snapshot, and is not read into memory whole."""


class SnapshotDamaged(Refused):
    """The file is no whole key snapshot of this installation. Parameters: file."""


class SnapshotTooOld(Refused):
    """It may hold keys of people erased since. Parameters: file, made_at, days."""


def take(connect: Connect, folder: Path, installation: InstallationKey) -> Path:
    """Writes a snapshot (mode 0600, whole or not at all) and deletes those older than a week."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    now = datetime.now(UTC)
    target = folder / f"{now:%Y%m%dT%H%M%S%fZ}{SUFFIX}"
    draft = folder / f".{target.name}"
    shown = hmac.new(installation.secret, b"key snapshot|", sha256)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as file, connect() as db:
            for entry in _entries(db, now):
                line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
                shown.update(line)
                file.write(line)
            file.write(json.dumps({"hmac": shown.hexdigest()}).encode() + b"\n")
        raw.flush()
        os.fsync(descriptor)
    draft.replace(target)
    _sync(folder)
    for old in folder.glob(f"*{SUFFIX}"):
        if datetime.fromtimestamp(old.stat().st_mtime, UTC) < now - KEPT:
            old.unlink()
    return target


def load(connect: Connect, path: Path, installation: InstallationKey) -> int:
    """Brings the keys of a database, as one restored from a backup, to the state of a snapshot;
    how many keys can be used afterwards.

    What is destroyed, fenced or restricted on either side stays so: a snapshot never brings
    anybody back. Raises SnapshotDamaged, SnapshotTooOld; then nothing has changed.
    """
    head = _checked(path, installation)
    made_at = datetime.fromisoformat(head["made_at"])
    if made_at < datetime.now(UTC) - KEPT:
        raise SnapshotTooOld(file=path.name, made_at=made_at.isoformat(), days=KEPT.days)
    with connect() as connection, connection.transaction():
        _load_epochs(connection, head["epochs"])
        for table in ("fence", "category_fence", "restriction"):
            rows = head[table]
            columns = "subject" if table == "fence" else "subject, category"
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO keys.{table} ({columns}) VALUES"
                    f" ({', '.join(['%s'] * (columns.count(',') + 1))}) ON CONFLICT DO NOTHING",
                    rows,
                )
        connection.execute(
            "CREATE TEMP TABLE loaded (subject uuid, category text, generation int, state text,"
            " epoch int, wrapped bytea, commitment text, PRIMARY KEY (subject, category,"
            " generation)) ON COMMIT DROP"
        )
        with connection.cursor().copy("COPY loaded FROM STDIN") as copy:
            for subject, category, generation, state, epoch, wrapped, held in _keys(path):
                key = None if wrapped is None else b64decode(wrapped)
                copy.write_row((subject, category, generation, state, epoch, key, held))
        for statement in _LOADING:
            connection.execute(statement)
        tell(connection, EVERYTHING)
        row = connection.execute(
            "SELECT count(*) FROM keys.subject_key WHERE wrapped IS NOT NULL"
        ).fetchone()
    assert row is not None
    return int(row[0])


_LOADING = (
    "UPDATE keys.subject_key k SET wrapped = l.wrapped, epoch = l.epoch FROM loaded l"
    " WHERE (k.subject, k.category, k.generation) = (l.subject, l.category, l.generation)"
    " AND k.commitment = l.commitment AND k.wrapped IS NOT NULL AND l.wrapped IS NOT NULL"
    " AND l.epoch > k.epoch",
    # Announced anew when it is next used: the event may be younger than the backup.
    "INSERT INTO keys.subject_key (subject, category, generation, state, wrapped, commitment,"
    " announced, destroyed_at, epoch) SELECT subject, category, generation, state, wrapped,"
    " commitment, false, CASE WHEN state = 'destroyed' THEN clock_timestamp() END, epoch"
    " FROM loaded ON CONFLICT DO NOTHING",
    "UPDATE keys.subject_key k SET state = 'restricted' FROM loaded l"
    " WHERE (k.subject, k.category, k.generation) = (l.subject, l.category, l.generation)"
    " AND k.state = 'active' AND l.state = 'restricted'",
    "UPDATE keys.subject_key k SET state = 'destroyed', wrapped = NULL,"
    " destroyed_at = clock_timestamp() WHERE wrapped IS NOT NULL AND (EXISTS (SELECT FROM loaded l"
    " WHERE (k.subject, k.category, k.generation) = (l.subject, l.category, l.generation)"
    " AND l.state = 'destroyed') OR EXISTS (SELECT FROM keys.fence f WHERE f.subject = k.subject)"
    " OR EXISTS (SELECT FROM keys.category_fence f WHERE f.subject = k.subject"
    " AND f.category = k.category))",
    "UPDATE ref.external x SET subject = NULL, token = NULL, erased = true FROM keys.fence f"
    " WHERE x.subject = f.subject",
)


def _load_epochs(connection: Connection[Any], epochs: Sequence[Sequence[Any]]) -> None:
    """An epoch goes forward only. Of two that are current the later one is."""
    way = ("prepared", "current", "retiring", "destroyed")
    held = dict(connection.execute("SELECT number, state FROM keys.epoch").fetchall())
    newest = max((n for n, state in held.items() if state == "current"), default=0)
    for number, state, answer in sorted(epochs, key=lambda epoch: int(epoch[0])):
        if state == "prepared":
            continue
        after = "retiring" if state == "current" and newest > number else state
        if number in held and way.index(held[number]) >= way.index(after):
            continue
        if after == "current":
            connection.execute("UPDATE keys.epoch SET state = 'retiring' WHERE state = 'current'")
        connection.execute(
            "INSERT INTO keys.epoch AS e (number, state, known_answer, destroyed_at)"
            " VALUES (%s, %s, %s, CASE WHEN %s = 'destroyed' THEN clock_timestamp() END)"
            " ON CONFLICT (number) DO UPDATE SET state = EXCLUDED.state,"
            " known_answer = coalesce(e.known_answer, EXCLUDED.known_answer),"
            " destroyed_at = EXCLUDED.destroyed_at",
            (number, after, b64decode(answer), after),
        )


def _entries(connection: Connection[Any], now: datetime) -> Iterator[Any]:
    """The head, then a line per key, all of one moment. The table is locked against exchange
    before that moment is fixed: a later one would find the new table empty."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("LOCK TABLE keys.subject_key IN ACCESS SHARE MODE")
        epochs = connection.execute("SELECT number, state, known_answer FROM keys.epoch").fetchall()
        head: dict[str, Any] = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "epochs": [(n, state, _text(answer) or "") for n, state, answer in epochs],
        }
        for table, columns in (
            ("fence", "subject::text"),
            ("category_fence", "subject::text, category"),
            ("restriction", "subject::text, category"),
        ):
            head[table] = connection.execute(
                f"SELECT {columns} FROM keys.{table} ORDER BY 1".encode()
            ).fetchall()
        yield head
        with connection.cursor(name="key_snapshot") as cursor:
            cursor.itersize = 20_000
            cursor.execute(
                "SELECT subject::text, category, generation, state, epoch, wrapped, commitment"
                " FROM keys.subject_key ORDER BY subject, category, generation"
            )
            for *names, wrapped, held in cursor:
                yield [*names, _text(wrapped), held]


def _checked(path: Path, installation: InstallationKey) -> dict[str, Any]:
    """The head of a snapshot whose every byte is ours."""
    shown = hmac.new(installation.secret, b"key snapshot|", sha256)
    last = first = b""
    try:
        with gzip.open(path, "rb") as file:
            for line in iter(lambda: file.readline(LONGEST), b""):
                shown.update(last)
                first, last = first or line, line
        told = json.loads(last)["hmac"]
        head: dict[str, Any] = json.loads(first)
    except (OSError, EOFError, BadZlib, ValueError, KeyError, TypeError):
        raise SnapshotDamaged(file=path.name) from None
    if not hmac.compare_digest(str(told), shown.hexdigest()) or head.get("format") != FORMAT:
        raise SnapshotDamaged(file=path.name)
    return head


def _keys(path: Path) -> Iterator[list[Any]]:
    with gzip.open(path, "rb") as file:
        next(file)
        for line in file:
            entry = json.loads(line)
            if isinstance(entry, list):
                yield entry


def _text(key: bytes | None) -> str | None:
    return None if key is None else b64encode(key).decode()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
