"""The row rules of `read`: who reads for everybody sees all rows, a login of a scope those of it.

They go by who logged in (`ref.scope`, migration 0025), never by a setting or a role that is put on.
Views in `read` run as whoever asks, so the rules of the tables hold through them; nobody may name
the tables themselves. The same as `queries.within`, once more and in another place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from projections.table import Table

SCOPE = "dossier_scope"
READERS = "dossier_reader, dossier_writer"
VIEW = "read.customers_in_scope"
MARKETS = "(SELECT s.markets FROM ref.scope s WHERE s.login = session_user)::text[]"
TEAMS = "(SELECT s.teams FROM ref.scope s WHERE s.login = session_user)::text[]"
ACTOR = "(SELECT s.actor FROM ref.scope s WHERE s.login = session_user)"
ASSIGNED = (
    " JOIN es.streams s ON s.stream = k.complaint CROSS JOIN LATERAL (SELECT e.body FROM"
    " es.events e WHERE e.stream = s.stream AND e.position BETWEEN s.first_position AND"
    " s.last_position AND e.type = 'ComplaintAssigned' ORDER BY e.version DESC LIMIT 1) a"
)
"""Who takes part in a complaint is in no read model; the gate reads it from the record, too."""
TAKES_PART = f"convert_from(a.body, 'UTF8')::jsonb->'participants' ? {ACTOR}"
DECIDING = ("customers", "tickets", "complaints")
"""The projections that say which customers are in a scope."""
FOR_ALL = ("policies",)
"""Rules are nobody's, and everybody may see them."""


def allow_readers(connection: Connection[Any], table: Table[Any], base: str) -> str:
    """Gives the table its rules and says who may read it. In the projector's role."""
    connection.execute(f"ALTER TABLE {base} ENABLE ROW LEVEL SECURITY")
    connection.execute(f"GRANT SELECT ON {base} TO {READERS}")
    connection.execute(f"CREATE POLICY for_readers ON {base} FOR SELECT TO {READERS} USING (true)")
    rule = scope_rule(table)
    if rule is None:
        return READERS
    connection.execute(f"GRANT SELECT ON {base} TO {SCOPE}")
    connection.execute(f"CREATE POLICY in_scope ON {base} FOR SELECT TO {SCOPE} USING ({rule})")
    return f"{READERS}, {SCOPE}"


def scope_rule(table: Table[Any]) -> str | None:
    """Which rows a login of a scope sees; None: the table is not for it. A row is its customer's;
    one that names a market has to be of the scope's, too."""
    named = {column.name for column in table.columns}
    if table.name in FOR_ALL:
        return "true"
    if "customer" not in named:
        return None
    mine = f"EXISTS (SELECT FROM {VIEW} c WHERE c.customer = {table.name}.customer)"
    market = f"'*' = ANY ({MARKETS}) OR market = ANY ({MARKETS})"
    if table.key == ("customer",):
        return f"({market}) AND ('*' = ANY ({TEAMS}) OR {mine})"
    return f"(market IS NULL OR {market}) AND {mine}" if "market" in named else mine


def rule_rests_on(rule: str) -> str:
    """As rights are told (infra/identity/rights.py)."""
    names = [name for name in ("session_user", "customers_in_scope") if name in rule]
    return " and ".join(names) or rule


def customers_in_scope(connection: Connection[Any], live: Mapping[str, int]) -> None:
    """Puts the view over these builds, by name and number. At a switch of one that decides it and
    of no other: a reader of several tables holds the view while it asks for the next."""
    if "customers" not in live:
        return
    cases = "".join(
        f" OR EXISTS (SELECT FROM p_{name}_v{live[name]}.{name} k{joined}"
        f" WHERE k.customer = c.customer AND ({held}))"
        for name, joined, held in (
            ("tickets", "", f"k.team = ANY ({TEAMS}) OR k.owner = {ACTOR}"),
            ("complaints", "", f"k.owner = {ACTOR}"),
            ("complaints", ASSIGNED, TAKES_PART),
        )
        if name in live
    )
    connection.execute(
        f"CREATE OR REPLACE VIEW {VIEW} WITH (security_barrier) AS"
        f" SELECT c.customer FROM p_customers_v{live['customers']}.customers c"
        f" WHERE ('*' = ANY ({MARKETS}) OR c.market = ANY ({MARKETS}))"
        f" AND ('*' = ANY ({TEAMS}){cases})"
    )
