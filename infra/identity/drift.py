"""Drift: where the rights in a database are no longer those that were given.

Compared are owners, grants, triggers, row rules and functions with `rights.txt`, views and tables
of projections with the projections, and who is a member of what with a few rules. Each finding is
one line: what is there and should not be, or should be and is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from psycopg import Connection

from infra.identity.rights import facts, general, whole, written_down
from infra.projector.builds import MART, RETIRED, ROLE
from infra.projector.row_rules import (
    BY_MARKET,
    BY_TEAM,
    MARKETS_VIEW,
    READERS,
    TEAMS_VIEW,
    VIEWS,
    rule_rests_on,
    scope_rules,
)
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

PASSING = "keys.subject_key_next"
"""There while keys are re-wrapped; it takes the place, and the rights, of keys.subject_key."""
OURS_ALONE = ("owner", "writer", "projector", "reader", "mart", "keys")
FOR_PEOPLE = ("analyst", "auditor", "backup", "scope", "team_scope")
Fact = tuple[str, str]


def drift(connection: Connection[Any]) -> list[str]:
    """Every deviation, in order; none if all is as it was given. Needs no right but to connect."""
    found = _of_migrations(connection) | _of_projections(connection)
    return sorted(found | set(_of_members(connection)) | set(_of_everybody(connection)))


def _of_migrations(connection: Connection[Any]) -> set[str]:
    there = set(facts(connection)) | set(whole(connection))
    there = {(of, fact) for of, fact in there if not of.startswith(PASSING)}
    partitions = {of for of, _ in there if general(of) != of}
    expected = {(of, fact) for of, fact in written_down() if not of.endswith("_*")}
    for of, fact in written_down():
        if of.endswith("_*"):
            expected |= {(part, fact) for part in partitions if general(part) == of}
    return _differences(there, expected)


def _of_projections(connection: Connection[Any]) -> set[str]:
    """A build that is under way has no views and row rules yet. A retired one is kept for a switch
    back, as its release left it: it is looked at for rights of others only."""
    there = set(facts(connection, "n.nspname LIKE 'p\\_%' OR n.nspname IN ('read', 'mart')"))
    builds = connection.execute("SELECT name, version, state FROM es.projection").fetchall()
    expected = {
        ("schema read", f"owner {ROLE}"),
        ("schema read", "dossier_reader USAGE"),
        ("schema read", "dossier_writer USAGE"),
        ("schema read", f"{BY_MARKET} USAGE"),
        ("schema read", f"{BY_TEAM} USAGE"),
        ("schema mart", f"owner {ROLE}"),
        ("schema mart", f"{MART} USAGE"),
        ("schema mart", f"{MART} CREATE"),
        ("schema mart", "dossier_reader USAGE"),
        ("schema mart", "dossier_analyst USAGE"),
    }
    shown = {name for name, _, state in builds if state == "live"}
    for view, deciding in ((MARKETS_VIEW, {"customers"}), (TEAMS_VIEW, {"tickets", "complaints"})):
        by = " by session_user" if shown & deciding else ""
        expected |= {(view, f"owner {ROLE}"), (view, f"view security_barrier=true{by}")}
        expected |= {(view, f"{role} SELECT") for role in VIEWS[view]}
    retired = {f"p_{name}_v{version}" for name, version, state in builds if state == RETIRED}
    there = {(of, fact) for of, fact in there if not _was_given(of, fact, retired)}
    for name, version, state in builds:
        if name in PROJECTIONS and state != RETIRED:
            expected |= set(_of_build(PROJECTIONS[name], version, live=state == "live"))
    return _differences(there, expected)


def _was_given(of: str, fact: str, retired: Collection[str]) -> bool:
    """Whether a retired build may have this from the time when it was live."""
    if of.removeprefix("schema ").split(".")[0] not in retired:
        return False
    held, _, right = fact.partition(" ")
    readers = {MART, BY_MARKET, BY_TEAM, *READERS}
    return (
        fact in (f"owner {ROLE}", "row rules")
        or held == "policy"
        or (held in readers and right in ("SELECT", "USAGE"))
    )


def _of_build(projection: Projection[Any], version: int, *, live: bool) -> Iterator[Fact]:
    table, schema = projection.table, f"p_{projection.name}_v{version}"
    base = f"{schema}.{table.name}"
    yield f"schema {schema}", f"owner {ROLE}"
    yield base, f"owner {ROLE}"
    if not live:
        return
    yield f"read.{table.name}", f"owner {ROLE}"
    yield f"read.{table.name}", "view security_invoker=true"
    yield base, "row rules"
    yield base, f"policy for_readers for {','.join(READERS)} by true"
    rules = scope_rules(table)
    for readers in (*READERS, *rules):
        yield f"read.{table.name}", f"{readers} SELECT"
        yield base, f"{readers} SELECT"
    for role, rule in rules.items():
        yield base, f"policy for_{role} for {role} by {rule_rests_on(rule)}"
    if not table.for_analysts:
        return
    yield f"mart.{table.name}", f"owner {MART}"
    yield f"mart.{table.name}", "dossier_analyst SELECT"
    yield f"mart.{table.name}", "dossier_reader SELECT"
    yield f"mart.{table.name}", "view"
    yield f"schema {schema}", f"{MART} USAGE"
    yield base, f"policy by_market for {MART} by session_user"
    for column in table.columns:
        if not column.sealed:
            yield f"{base}({column.name})", f"{MART} SELECT"


def _of_members(connection: Connection[Any]) -> Iterator[str]:
    """Our own roles are for the product's login; those for people are for logins, one each."""
    rows = connection.execute(
        "SELECT g.rolname, m.rolname, m.rolcanlogin, m.oid = 10 OR m.rolname = session_user"
        " FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid"
        " JOIN pg_roles m ON m.oid = a.member"
    ).fetchall()
    ours = {f"dossier_{name}" for name in OURS_ALONE}
    people = {f"dossier_{name}" for name in FOR_PEOPLE}
    held: dict[str, set[str]] = {}
    for group, member, can_login, product in rows:
        if product:
            continue
        told = f"{member} is a member of {group}"
        if (
            group in ours
            or member in ours | people
            or (group.startswith("pg_") and not member.startswith("pg_"))
        ):
            yield told
        elif group in people:
            held.setdefault(member, set()).add(group)
            if not can_login:
                yield told
    for member, groups in held.items():
        if len(groups) > 1:
            yield f"{member} is a member of {' and '.join(sorted(groups))}"


def _of_everybody(connection: Connection[Any]) -> Iterator[str]:
    """Logins above all rules, and what PostgreSQL lets everybody do unless it is taken away."""
    for role, why in connection.execute(
        "SELECT rolname, CASE WHEN rolsuper THEN 'a superuser' ELSE 'above row rules' END"
        " FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND oid <> 10 AND rolname <> session_user"
        " AND rolname NOT LIKE 'dossier\\_%'"
    ).fetchall():
        yield f"{role} is {why}"
    for (call,) in connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p, aclexplode("
        " coalesce(p.proacl, acldefault('f', p.proowner))) x"
        " WHERE p.pronamespace = 'pg_catalog'::regnamespace AND x.grantee = 0"
        " AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname IN ('lo_create', 'lo_creat',"
        " 'lo_from_bytea')) AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)"
    ).fetchall():
        yield f"PUBLIC may call {call}"


def _differences(there: set[Fact], expected: set[Fact]) -> set[str]:
    more = {f"more: {of}: {fact}" for of, fact in there - expected}
    return more | {f"missing: {of}: {fact}" for of, fact in expected - there}
