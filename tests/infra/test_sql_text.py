"""SQL is written, not put together: what stands in its text comes from constants and named places.

Values are always parameters. A name that is not a constant of its module has to be listed here, by
somebody who has seen that no request reaches it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "commands", "queries", "projections", "infra")
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|CREATE (TABLE|SCHEMA|VIEW|INDEX|POLICY|ROLE"
    r"|DATABASE|TEMP|USER)|ALTER|DROP|GRANT|REVOKE|SET (ROLE|SESSION|LOCAL|enable_"
    r"|statement_timeout|lock_timeout)|COPY|WHERE|ORDER BY|VACUUM|LISTEN|NOTIFY)\b"
    r"|\bFROM (es|read|keys|trail|ref|pg)"
)
CONSTANT = re.compile(r"_{0,2}[A-Z][A-Z0-9_]*")

LISTED: dict[str, set[str]] = {
    # built by `where` and `within` from names in the query
    "queries/breaches_as_of.py": {"condition"},
    "queries/complaints_found.py": {"condition"},
    "queries/consents_shares.py": {"condition"},
    "queries/customers_found.py": {"condition"},
    "queries/duties_found.py": {"condition"},
    "queries/policies_found.py": {"condition"},
    "queries/cases_to_migrate.py": {"column"},
    "queries/customers_of_tier.py": {"condition"},
    "queries/tickets_found.py": {"condition"},
    "queries/timers_running.py": {"condition"},
    "queries/tiers_held.py": {"condition"},
    # names of tables and columns, as a projection declares them
    "projections/copied.py": {
        "', '.joinHeading._fields",
        "', '.joinStored._fields",
        "', '.joinself.header.values",
        "schema",
        "self.table.name",
        "self.table.names",
    },
    "projections/table.py": {
        "', '.joinf't.{c.name}' for c in self.columns",
        "', '.joinself.key",
        "arrays",
        "checks",
        "columns",
        "held",
        "index",
        "into",
        "joined",
        "name",
        "named",
        "nulled",
        "schema",
        "self.name",
        "self.names",
        "stage",
        "values",
    },
    # columns of projections
    "infra/erasure/circumstances.py": {"column", "held", "table.name"},
    # a role, given by the code that assembles the product
    "infra/gate/trail.py": {"self._role"},
    # names of a build: projection and version
    "infra/projector/builds.py": {
        "_row_ruletable",
        "base",
        "build.schema",
        "names",
        "options",
        "plan",
        "policy",
        "readers",
        "schema",
        "table",
        "table.name",
        "view",
    },
    # the same, and rules made of constants
    "infra/projector/row_rules.py": {
        "', '.joinVIEWS[view]",
        "base",
        "condition",
        "customer",
        "everybody",
        "live[name]",
        "name",
        "readers",
        "role",
        "rule",
        "view",
    },
    # roles, told and not asked
    "infra/identity/drift.py": {"readers", "role"},
    # columns of the header
    "infra/projector/reading.py": {"self._columns", "wanted"},
    # placeholders; a role, given by code
    "infra/record/postgres.py": {"', '.join['%s'] * PARAMETERS", "role"},
    # what the self-test plants, in a schema of its own
    "infra/scan/planted.py": {"kind", "name"},
    # tables and columns of keys, a constant list
    "infra/vault/snapshot.py": {"', '.join['%s'] * columns.count',' + 1", "columns", "table"},
    # a channel of ours
    "infra/vault/watch.py": {"own"},
    # columns, and conditions chosen among constants
    "infra/verify/walk.py": {
        "', '.joinStreamRow._fields",
        "'WHERE subject = %customers' if customer else ''",
        "where",
    },
    # names from a constant list
    "infra/verify_data/incidents.py": {"greatest"},
}


def texts(path: Path) -> Iterator[ast.JoinedStr]:
    """Strings with something in them that reads like SQL; those joined by juxtaposition are one."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            said = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
            if SQL.search(said):
                yield node


def constants(tree: ast.Module) -> set[str]:
    """Names given a value once, at the top of a module."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for whole in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for target in ast.walk(whole)
        if isinstance(target, ast.Name) and CONSTANT.fullmatch(target.id)
    }


def imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if CONSTANT.fullmatch(alias.asname or alias.name)
    }


def put_in(path: Path) -> set[str]:
    """What is put into SQL in a file, without constants."""
    tree = ast.parse(path.read_text("utf-8"))
    known = constants(tree) | imported(tree)
    return {
        re.sub(r"[()]", "", ast.unparse(part.value))
        for text in texts(path)
        for part in text.values
        if isinstance(part, ast.FormattedValue)
        and not (isinstance(part.value, ast.Name) and part.value.id in known)
    }


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.case("AC-14")
def test_only_constants_and_listed_names_stand_in_the_text_of_sql() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): names for path in sources() if (names := put_in(path))
    }
    assert found == LISTED


@pytest.mark.case("AC-14")
def test_sql_is_not_formatted_in_other_ways() -> None:
    ways = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")
                ):
                    pass
                case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
                    pass
                case _:
                    continue
            if SQL.search(text):
                ways.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert ways == []


@pytest.mark.case("AC-14")
def test_a_name_put_into_sql_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "careless.py"
    path.write_text(
        'COLUMNS = "a"\n'
        "def f(db, sort):\n"
        '    db.execute(f"SELECT {COLUMNS} FROM read.customers ORDER BY {sort}")\n'
        '    db.execute(f"SELECT 1" f" WHERE {db.x!r} = 1")\n'
    )
    assert put_in(path) == {"sort", "db.x"}
