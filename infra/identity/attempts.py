"""Failed attempts: after ten within a quarter of an hour, a source or the beginning of a token has
to wait, each time twice as long, up to five minutes.

Whoever has to wait is answered alike with a right and a wrong token. Kept in the database, for
several processes share the doors. An IPv6 source counts by its /64.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from psycopg import Connection

FREE = 10
WINDOW = 15 * 60
LONGEST = 5 * 60
PREFIX_LENGTH = 16
Key = tuple[str, bytes]
Address = IPv4Address | IPv6Address


def address_of(remote: str | None) -> Address | None:
    """A caller's address; an IPv4 one that arrived as ::ffff:a.b.c.d is IPv4."""
    if remote is None:
        return None
    try:
        address = ip_address(remote.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def keys_of(source: Address | None, prefix: str | None) -> list[Key]:
    """What an attempt is counted under. A signed statement has no beginning of its own."""
    keys: list[Key] = []
    if source is not None:
        network = ip_network((source, 64 if source.version == 6 else 32), strict=False)
        keys.append(("source", str(network).encode()))
    if prefix is not None:
        keys.append(
            ("prefix", sha256(prefix[:PREFIX_LENGTH].encode(errors="surrogatepass")).digest()[:16])
        )
    return keys


SECONDS_TO_WAIT = """(
SELECT coalesce(max(ceil(extract(epoch FROM f.blocked_until - clock_timestamp()))), 0)::int
FROM unnest(%s::text[], %s::bytea[]) k(what, key)
JOIN keys.failed_login f ON f.what = k.what AND f.key = k.key
WHERE f.blocked_until > clock_timestamp())"""
"""An expression: 0 if the next attempt may come now. Its parameters: `as_parameters`."""


def as_parameters(keys: Sequence[Key]) -> tuple[list[str], list[bytes]]:
    return [what for what, _ in keys], [key for _, key in keys]


def seconds_to_wait(connection: Connection[Any], keys: Sequence[Key]) -> int:
    """0 if the next attempt may come now."""
    row = connection.execute(
        f"SELECT {SECONDS_TO_WAIT}", as_parameters(keys), prepare=True
    ).fetchone()
    assert row is not None
    return int(row[0])


def note_failure(connection: Connection[Any], keys: Sequence[Key]) -> None:
    """Counts one; what has been quiet for the window is forgotten."""
    connection.execute(
        "DELETE FROM keys.failed_login WHERE (what, key) IN (SELECT what, key"
        " FROM keys.failed_login WHERE last_at < clock_timestamp() - make_interval(secs => %s)"
        " LIMIT 100 FOR UPDATE SKIP LOCKED)",
        (WINDOW,),
    )
    for key in sorted(keys):
        connection.execute(
            "INSERT INTO keys.failed_login AS f (what, key, failures, last_at)"
            " VALUES (%s, %s, 1, clock_timestamp()) ON CONFLICT (what, key) DO UPDATE SET"
            " failures = f.failures + 1, last_at = clock_timestamp(),"
            " blocked_until = CASE WHEN f.failures + 1 >= %s THEN clock_timestamp()"
            " + make_interval(secs => least(2.0 ^ least(f.failures + 2 - %s, 20), %s)) END",
            (*key, FREE, FREE, LONGEST),
        )
