"""The self-test: copies of a random value are planted in every store, in every disguise a scan has
to see through, and a scan that misses one of them is not to be believed.

What is planted is random and nobody's; it lies in a schema, in keys and in a folder of its own,
which are removed at the end.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import secrets
import shutil
import subprocess
import tarfile
import urllib.parse
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.home import Home
from infra.scan.needles import Needles
from infra.scan.report import Heard, Report, unheard
from infra.scan.scan import scan
from infra.servers import binaries
from infra.servers.owner import Addresses

SCHEMA = "scan_self_test"
FOLDER = "scan-self-test"


@dataclass(frozen=True)
class Planted:
    """Which copy, in which store, and what the place it must be found at contains."""

    name: str
    store: str
    place: str


def fresh_value() -> str:
    """Personal in form, random in fact; with letters that have two forms and two cases."""
    return f"Zoë.{secrets.token_hex(6)}@Übung-{secrets.token_hex(4)}.example"


def self_test(
    home: Home, addresses: Addresses, heard: Heard = unheard
) -> tuple[list[Planted], list[Planted], Report]:
    """All that was planted, what of it a scan missed, and that scan's report."""
    value = fresh_value()
    with planted(home, addresses, value) as copies:
        report = scan(home, addresses, Needles([value]), heard)
    missed = [
        copy
        for copy in copies
        if not any(hit.store == copy.store and copy.place in hit.place for hit in report.hits)
    ]
    return copies, missed, report


@contextmanager
def planted(home: Home, addresses: Addresses, value: str) -> Iterator[list[Planted]]:
    copies: list[Planted] = []
    folder = home.path / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        _in_tables(addresses.database_url, value, copies)
        _in_dump(addresses.database_url, folder, copies)
        _in_files(folder, value, copies)
        _in_queue(addresses.redis_url, value, copies)
        yield copies
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with psycopg.connect(addresses.database_url, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        with redis.Redis.from_url(addresses.redis_url) as client:
            for key in client.scan_iter(f"{SCHEMA}:*"):
                client.delete(key)


def disguises(value: str) -> dict[str, bytes]:
    """The value as it may come to lie somewhere."""
    utf8 = value.encode()
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 20)
        archive.writestr("xl/sharedStrings.xml", f"<si><t>{html.escape(value)}</t></si>")
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as bundle:
        entry = tarfile.TarInfo("bag/data")
        entry.size = len(utf8)
        bundle.addfile(entry, io.BytesIO(utf8))
    return {
        "plain": b"before " + utf8 + b" after",
        "upper.case": value.upper().encode(),
        "decomposed": b"".join(_decomposed(value)),
        "utf16le": value.encode("utf-16-le"),
        "utf16be": value.encode("utf-16-be"),
        "latin1": value.encode("latin-1"),
        "json.escaped": json.dumps(value).replace("@", "\\u0040").encode(),
        "json.twice": json.dumps(json.dumps({"mail": value})).encode(),
        "percent": urllib.parse.quote(value, safe="").encode(),
        "quoted.printable": quopri.encodestring(b"x" * 60 + utf8, quotetabs=True),
        "html": "".join(f"&#{ord(c)};" for c in value).encode(),
        "hex": b"\\x" + utf8.hex().encode(),
        "base64.0": base64.b64encode(utf8),
        "base64.1": base64.b64encode(b"a" + utf8),
        "base64.2": base64.urlsafe_b64encode(b"ab" + utf8 + b"c").rstrip(b"="),
        "base64.mime": base64.encodebytes(b"some text before it, of two lines " * 3 + utf8),
        "gz": gzip.compress(b"line\n" * 400 + utf8),
        "gz.base64": base64.b64encode(gzip.compress(utf8)),
        "zip.in.gz": gzip.compress(sheet.getvalue()),
        "xlsx": sheet.getvalue(),
        "tar.gz": tar.getvalue(),
        "bz2": bz2.compress(utf8),
        "xz": lzma.compress(utf8),
    }


def _decomposed(value: str) -> Iterator[bytes]:
    import unicodedata

    yield unicodedata.normalize("NFD", value).encode()


def _in_files(folder: Path, value: str, copies: list[Planted]) -> None:
    for name, data in disguises(value).items():
        (folder / name).write_bytes(data)
        copies.append(Planted(f"file, {name}", "data folder", f"{FOLDER}/{name}"))


def _in_tables(dsn: str, value: str, copies: list[Planted]) -> None:
    long = (value + " ") + "the same words again " * 800
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for name, kind in (("words", "text"), ("toast", "text"), ("json", "jsonb")):
            connection.execute(f"CREATE TABLE {SCHEMA}.{name} (id int, value {kind})")
        connection.execute(f"CREATE TABLE {SCHEMA}.bytes (id text, value bytea)")
        connection.execute(f"INSERT INTO {SCHEMA}.words SELECT n, %s FROM generate_series(1, 9) n",
                           (value,))  # fmt: skip
        connection.execute(f"INSERT INTO {SCHEMA}.toast VALUES (1, %s)", (long,))
        connection.execute(
            f"INSERT INTO {SCHEMA}.json VALUES (1, %s)", (json.dumps({"mail": value}),)
        )
        for name, data in disguises(value).items():
            table = f"in {name}"
            connection.execute(
                sql.SQL("CREATE TABLE {} AS SELECT %s::bytea AS value").format(
                    sql.Identifier(SCHEMA, table)
                ),
                (data,),
            )
            copies.append(Planted(f"bytea, {name}", "tables", f"{SCHEMA}.{table}.value"))
        connection.execute(f"CREATE INDEX words_value ON {SCHEMA}.words (value)")
        # What the planner keeps outlives the rows it saw.
        connection.execute(f"CREATE TABLE {SCHEMA}.gone AS SELECT value FROM {SCHEMA}.words")
        connection.execute(f"ANALYZE {SCHEMA}.gone")
        connection.execute(f"DELETE FROM {SCHEMA}.gone")
        connection.execute(f"VACUUM FULL {SCHEMA}.gone")
    copies += [
        Planted("text", "tables", f"{SCHEMA}.words.value"),
        Planted("text compressed by the server", "tables", f"{SCHEMA}.toast.value"),
        Planted("jsonb", "tables", f"{SCHEMA}.json.value"),
        Planted("statistics of deleted rows", "tables", "pg_catalog.pg_statistic"),
        Planted("statistics of deleted rows, as a view", "statistics", "pg_catalog.pg_stats"),
        Planted("plain dump", "dump", "plain"),
        Planted("custom dump", "dump", "custom"),
        Planted("heap file", "server files", f"({SCHEMA}.words)"),
        Planted("index file", "server files", f"({SCHEMA}.words_value)"),
        Planted("write-ahead log", "server files", "pg_wal/"),
    ]


def _in_dump(dsn: str, folder: Path, copies: list[Planted]) -> None:
    """A dump somebody left behind."""
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    subprocess.run(
        [
            str(binaries.postgres() / "bin/pg_dump"),
            "--format=custom",
            f"--table={SCHEMA}.words",
            f"--file={folder / 'left.dump'}",
            f"--host={parts['host']}",
            f"--port={parts['port']}",
            f"--username={parts['user']}",
            parts["dbname"],
        ],
        env={"PGPASSWORD": parts.get("password", "")},
        check=True,
        capture_output=True,
    )
    copies.append(Planted("custom-format dump in a folder", "data folder", "left.dump"))


def _in_queue(url: str, value: str, copies: list[Planted]) -> None:
    with redis.Redis.from_url(url) as client:
        client.set(f"{SCHEMA}:string", value)
        client.rpush(f"{SCHEMA}:list", "x", value)
        client.hset(f"{SCHEMA}:hash", mapping={"a": "b", "c": json.dumps(value)})
        client.hset(f"{SCHEMA}:fields", mapping={value: "1"})
        client.sadd(f"{SCHEMA}:set", value)
        client.zadd(f"{SCHEMA}:zset", {value: 1.0})
        client.xadd(f"{SCHEMA}:stream", {"field": value})
        client.set(f"{SCHEMA}:gz", gzip.compress(value.encode()))
    for kind in ("string", "list", "hash", "fields", "set", "zset", "stream", "gz"):
        copies.append(Planted(f"queue, {kind}", "queue", f"{SCHEMA}:{kind}"))
