"""The doctor: whether what the record's guarantees rest on is really there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from psycopg import Connection

from infra.erasure.running import waiting_for_a_key
from infra.identity.drift import drift
from infra.product import Product, now
from infra.record.migrate import migrations
from infra.timekeeper.due import NAME
from queries.what_waits_to_be_noted import what_waits_to_be_noted

AHEAD = 4


class Check(NamedTuple):
    says: str
    fine: bool


ASKED = (
    (
        "positions are drawn one by one (the sequence caches nothing)",
        "SELECT seqcache = 1 FROM pg_sequence WHERE seqrelid = 'es.position_seq'::regclass",
    ),
    (
        "every partition refuses UPDATE, DELETE and TRUNCATE, whatever the session says",
        "SELECT bool_and(n = 2) FROM (SELECT count(t.oid) FILTER (WHERE t.tgenabled = 'A') AS n"
        " FROM (SELECT r::oid AS part FROM unnest(ARRAY['es.events', 'trail.access']::regclass[]) r"
        " UNION ALL SELECT inhrelid FROM pg_inherits"
        " WHERE inhparent IN ('es.events'::regclass, 'trail.access'::regclass)) p"
        " LEFT JOIN pg_trigger t ON t.tgrelid = p.part AND"
        " t.tgname IN ('no_rewrite', 'no_truncate') GROUP BY p.part) c",
    ),
    (
        "nobody but the append function can write events",
        "SELECT NOT bool_or(has_table_privilege(r, 'es.events', p)) FROM unnest(ARRAY["
        "'dossier_writer', 'dossier_projector', 'dossier_reader', 'dossier_analyst']) r,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p",
    ),
    (
        "analysts see neither the record nor the keys",
        "SELECT NOT bool_or(has_schema_privilege('dossier_analyst', s, 'USAGE'))"
        " FROM unnest(ARRAY['es', 'keys', 'trail', 'ref', 'read']) s",
    ),
    (
        f"at least {AHEAD} partitions are ready ahead",
        "SELECT count(*) > (SELECT last_value / 1000000 FROM es.position_seq) +"
        f" {AHEAD} FROM pg_inherits WHERE inhparent = 'es.events'::regclass",
    ),
    (
        "the trail of access has a partition for the coming month",
        "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
        " WHERE inhparent = 'trail.access'::regclass AND c.relname = to_char("
        "clock_timestamp() AT TIME ZONE 'UTC' + interval '1 month', '\"access_\"YYYY_MM'))",
    ),
)


def examine(product: Product) -> Iterator[Check]:
    with product.record.connection() as connection:
        for says, question in ASKED:
            row = connection.execute(question.encode()).fetchone()
            yield Check(says, row is not None and row[0] is True)
        row = connection.execute("SELECT max(number) FROM public.dossier_migration").fetchone()
        yield Check("the schema is this release's", row == (migrations()[-1][0],))
        slipped = drift(connection)
        if not slipped:
            yield Check("owners, rights, triggers and members are as they were given", True)
        yield from (Check(finding, False) for finding in slipped)
        yield _noted_in_time(connection)
    yield Check("the key-encryption key is there and fits", product.keys_missing is None)
    for request in waiting_for_a_key(product):
        yield Check(f"erasure {request} waits for the key-encryption key", False)


def _noted_in_time(connection: Connection[Any]) -> Check:
    """Nobody can be late where nobody keeps time, or where an import is still telling."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE application_name = %s AND datname = current_database()),"
        " EXISTS (SELECT FROM ref.import_run WHERE closed_at IS NULL)",
        (NAME,),
    ).fetchone()
    waiting = what_waits_to_be_noted(connection, now())
    if not waiting.promises:
        return Check("all that fell due is noted", True)
    since = f"{waiting.since:%Y-%m-%d %H:%M:%S} UTC"
    says = f"{waiting.promises:,} that fell due wait to be noted, the first since {since}"
    match row:
        case (False, _):
            return Check(f"{says}; nobody keeps time (`dossier up` does)", True)
        case (_, True):
            return Check(f"{says}; an import run is open", True)
    return Check(says, False)
