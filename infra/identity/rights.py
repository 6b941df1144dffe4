"""The rights a database has given, one fact a line: who owns what, who may do what, which triggers
fire, which functions run as their owner. Read from the catalogues, whoever asks.

`rights.txt` beside this file is what they should be, for everything the migrations make. After a
new migration: `python -m infra.identity.rights DSN`, for a database freshly migrated, and review
the difference. What projections make is known from the projections themselves (`drift.py`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection

FILE = "rights.txt"
_PARTITION = re.compile(r"(es\.events|trail\.access)_(\d+|past|\d{4}_\d{2})")
OURS = (
    "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
    " AND n.nspname NOT LIKE 'p\\_%' AND n.nspname NOT IN ('read', 'mart', 'public')"
)
_WHO = "CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END"
_RELATION = "n.nspname || '.' || c.relname"
_ROLE = (
    "concat_ws(' ', CASE WHEN rolcanlogin THEN 'login' ELSE 'nologin' END,"
    " CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolbypassrls THEN 'bypassrls' END,"
    " CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,"
    " CASE WHEN rolreplication AND rolname <> 'dossier_backup' THEN 'replication' END)"
)

# Each gives two columns: the object, and the fact. `@schemas` is a condition on n.
FACTS = (
    "SELECT 'schema ' || n.nspname, 'owner ' || n.nspowner::regrole FROM pg_namespace n"
    " WHERE @schemas",
    f"SELECT 'schema ' || n.nspname, {_WHO} || ' ' || x.privilege_type"
    " FROM pg_namespace n, aclexplode(n.nspacl) x WHERE x.grantee <> n.nspowner AND @schemas",
    f"SELECT {_RELATION}, 'owner ' || c.relowner::regrole FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND @schemas",
    f"SELECT {_RELATION}, {_WHO} || ' ' || x.privilege_type FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) x"
    " WHERE x.grantee <> c.relowner AND @schemas",
    f"SELECT {_RELATION} || '(' || a.attname || ')', {_WHO} || ' ' || x.privilege_type"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) x"
    " WHERE x.grantee <> c.relowner AND NOT a.attisdropped AND @schemas",
    f"SELECT {_RELATION}, format('trigger %s %s %s', t.tgname, t.tgenabled, t.tgfoid::regproc)"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND @schemas",
    f"SELECT {_RELATION}, concat_ws(' ', 'view', array_to_string(c.reloptions, ' '),"
    " CASE WHEN pg_get_viewdef(c.oid) ~* 'session_user' THEN 'by session_user' END)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'v' AND @schemas",
    f"SELECT {_RELATION}, 'row rules' || CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relrowsecurity AND @schemas",
    f"SELECT {_RELATION}, format('policy %s for %s by %s', p.polname,"
    " (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ',')"
    " FROM unnest(p.polroles) r), CASE WHEN e ~* 'current_setting|current_user|current_role'"
    " THEN 'a setting' ELSE coalesce(nullif(concat_ws(' and ',"
    " CASE WHEN e ~* 'session_user' THEN 'session_user' END,"
    " CASE WHEN e ~ 'customers_of_markets' THEN 'customers_of_markets' END,"
    " CASE WHEN e ~ 'customers_of_teams' THEN 'customers_of_teams' END), ''), e) END)"
    " FROM (SELECT *, coalesce(pg_get_expr(polqual, polrelid), '')"
    " || coalesce(pg_get_expr(polwithcheck, polrelid), '') AS e FROM pg_policy) p"
    " JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE @schemas",
    "SELECT format('%s.%s/%s', n.nspname, f.proname, f.pronargs), 'owner ' || f.proowner::regrole"
    " || CASE WHEN f.prosecdef THEN ' definer ' || coalesce((SELECT s FROM unnest(f.proconfig) s"
    " WHERE s LIKE 'search_path=%'), 'WITHOUT search_path') ELSE '' END"
    " FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE @schemas",
    f"SELECT format('%s.%s/%s', n.nspname, f.proname, f.pronargs), {_WHO} || ' EXECUTE'"
    " FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace,"
    " aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x"
    " WHERE x.grantee <> f.proowner AND @schemas",
)
# The same, once for the whole database. A mere login of analysts (infra/analyst.py) or of a scope
# (scoped.py) is none of our own roles, though its name begins like theirs where the database is
# called dossier.
WHOLE = (
    f"SELECT 'role ' || rolname, {_ROLE} FROM pg_roles WHERE rolname LIKE 'dossier\\_%'"
    f" AND NOT (rolname ~ '(_mart_login|_scope_[0-9a-f]{{24}})$' AND {_ROLE} = 'login')",
    f"SELECT 'database', {_WHO} || ' ' || x.privilege_type FROM pg_database d,"
    " aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x"
    " WHERE d.datname = current_database() AND x.grantee <> d.datdba",
    f"SELECT 'public', {_WHO} || ' ' || x.privilege_type"
    " FROM pg_namespace n, aclexplode(n.nspacl) x WHERE n.nspname = 'public'"
    " AND (x.grantee = 0 OR x.grantee::regrole::text LIKE 'dossier%')",
    f"SELECT 'public.' || c.relname, {_WHO} || ' ' || x.privilege_type FROM pg_class c,"
    " aclexplode(c.relacl) x WHERE c.relnamespace = 'public'::regnamespace"
    " AND x.grantee <> c.relowner",
    "SELECT format('public.%s/%s', f.proname, f.pronargs), 'runs as its owner' FROM pg_proc f"
    " WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef",
    f"SELECT 'new ' || d.defaclobjtype::text || coalesce(' in ' || n.nspname, '') || ' of '"
    f" || d.defaclrole::regrole, {_WHO} || ' ' || x.privilege_type FROM pg_default_acl d"
    " LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) x"
    " WHERE x.grantee <> d.defaclrole",
)


def facts(connection: Connection[Any], schemas: str = OURS) -> Iterator[tuple[str, str]]:
    """Object and fact, of the schemas that meet this condition on `n` (a row of pg_namespace)."""
    for question in FACTS:
        asked = question.replace("@schemas", f"({schemas})")
        yield from connection.execute(asked.encode()).fetchall()


def whole(connection: Connection[Any]) -> Iterator[tuple[str, str]]:
    for question in WHOLE:
        yield from connection.execute(question.encode()).fetchall()


def written_down() -> set[tuple[str, str]]:
    """What `rights.txt` says."""
    lines = (files("infra.identity") / FILE).read_text("utf-8").splitlines()
    parts = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {(of, fact) for of, _, fact in parts}


def text(connection: Connection[Any]) -> str:
    """What `rights.txt` would have to say for this database to be as it should."""
    found = {(general(of), fact) for of, fact in (*facts(connection), *whole(connection))}
    lines = sorted(f"{of}: {fact}" for of, fact in found)
    return (
        "# Made by `python -m infra.identity.rights DSN`; see rights.py.\n"
        + "\n".join(lines)
        + "\n"
    )


def general(of: str) -> str:
    """The partitions of a table have one set of rights."""
    found = _PARTITION.fullmatch(of)
    return f"{found[1]}_*" if found else of


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1]) as opened:
        sys.stdout.write(text(opened))
