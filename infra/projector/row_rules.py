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

BY_MARKET, BY_TEAM = "dossier_scope", "dossier_team_scope"
"""A login is a member of one. Planning asks for a part of the rules that it will never need, and
most scopes are markets alone."""
READERS = ("dossier_reader", "dossier_writer")
MARKETS_VIEW, TEAMS_VIEW = "read.customers_of_markets", "read.customers_of_teams"
VIEWS = {MARKETS_VIEW: (BY_MARKET, BY_TEAM), TEAMS_VIEW: (BY_TEAM,)}
"""The views that rules go by, and who may read them."""
MARKETS = "(SELECT s.markets FROM ref.scope s WHERE s.login = session_user)::text[]"
TEAMS = "(SELECT s.teams FROM ref.scope s WHERE s.login = session_user)::text[]"
ACTOR = "(SELECT s.actor FROM ref.scope s WHERE s.login = session_user)"
CASES = {
    "tickets": f"team = ANY ({TEAMS}) OR owner = {ACTOR}",
    "complaints": f"owner = {ACTOR} OR participants::jsonb ? {ACTOR}",
}
"""Which cases make their customer one of a team's scope, or of one's own."""
DECIDING = ("customers", "tickets", "complaints")
"""The projections that say which customers are in a scope."""
OF_STREAMS = ("history", "sla_timers")
KINDS = "'customer', 'order', 'ticket', 'complaint', 'privacy'"
"""Tables with rows of streams of any kind, and the kinds that are somebody's: staff have a market,
too, and are nobody's customers."""
FOR_ALL = ("policies",)
"""Rules are nobody's, and everybody may see them."""


def allow_readers(connection: Connection[Any], table: Table[Any], base: str) -> str:
    """Gives the table its rules and says who may read it. In the projector's role."""
    connection.execute(f"ALTER TABLE {base} ENABLE ROW LEVEL SECURITY")
    rules = scope_rules(table)
    readers = ", ".join((*READERS, *rules))
    connection.execute(f"GRANT SELECT ON {base} TO {readers}")
    everybody = ", ".join(READERS)
    connection.execute(
        f"CREATE POLICY for_readers ON {base} FOR SELECT TO {everybody} USING (true)"
    )
    for role, rule in rules.items():
        connection.execute(
            f"CREATE POLICY for_{role} ON {base} FOR SELECT TO {role} USING ({rule})"
        )
    return readers


def scope_rules(table: Table[Any]) -> dict[str, str]:
    """Which rows logins of scopes see; none where the table is not for them. A row is of the market
    that it names, or else of its customer's, and of the teams that have a case of its customer."""
    named = {column.name for column in table.columns}
    if table.name in FOR_ALL:
        return {BY_MARKET: "true", BY_TEAM: "true"}
    if "customer" not in named:
        return {}
    customer = f"{table.name}.customer"
    markets = f"EXISTS (SELECT FROM {MARKETS_VIEW} c WHERE c.customer = {customer})"
    teams = f"EXISTS (SELECT FROM {TEAMS_VIEW} c WHERE c.customer = {customer})"
    if table.key == ("customer",):
        markets = f"market = ANY ({MARKETS})"
    elif "market" in named:
        markets = f"market = ANY ({MARKETS}) OR (market IS NULL AND {markets})"
    if table.name in CASES:  # one of the scope's own needs no further look
        teams = f"{CASES[table.name]} OR {teams}"
    if table.name in OF_STREAMS:
        markets = f"({markets}) AND kind IN ({KINDS})"
    return {BY_MARKET: markets, BY_TEAM: f"('*' = ANY ({MARKETS}) OR {markets}) AND ({teams})"}


def rule_rests_on(rule: str) -> str:
    """As rights are told (infra/identity/rights.py)."""
    names = ("session_user", "customers_of_markets", "customers_of_teams")
    return " and ".join(name for name in names if name in rule) or rule


def customers_in_scope(connection: Connection[Any], live: Mapping[str, int], name: str) -> None:
    """Puts the view that the projection `name` decides over these builds, by name and number.

    At a switch of that projection and of no other: a reader of several tables holds the view while
    it asks for the next.
    """
    if name == "customers":
        parts = [_over(live, "customers", f"market = ANY ({MARKETS})")]
        view = MARKETS_VIEW
    else:
        parts = [_over(live, "tickets", CASES["tickets"])]
        if _names_participants(connection, live):
            parts.append(_over(live, "complaints", CASES["complaints"]))
        view = TEAMS_VIEW
    rows = " UNION ALL ".join(part for part in parts if part)
    connection.execute(f"CREATE OR REPLACE VIEW {view} WITH (security_barrier) AS {rows}")
    connection.execute(f"GRANT SELECT ON {view} TO {', '.join(VIEWS[view])}")


def _over(live: Mapping[str, int], name: str, condition: str) -> str:
    if name not in live:
        return ""
    return f"SELECT customer FROM p_{name}_v{live[name]}.{name} WHERE {condition}"


def _names_participants(connection: Connection[Any], live: Mapping[str, int]) -> bool:
    """A build of an earlier release does not; another one takes its place in a moment."""
    row = connection.execute(
        "SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'participants'",
        (f"p_complaints_v{live.get('complaints')}.complaints",),
    ).fetchone()
    return row is not None
