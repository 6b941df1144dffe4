"""How far a caller sees in a list: the markets and the teams of whoever asks."""

from __future__ import annotations

from typing import Any, NamedTuple


class Within(NamedTuple):
    """None where nothing narrows. With `teams`: customers with a ticket of one of them, or with a
    case whose owner is `actor`. A customer whose market is not known is in no narrowed scope; a
    case without a market goes by its customer."""

    markets: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    actor: str = ""

    @property
    def condition(self) -> str:
        """Of rows with the columns `customer` and `market`; empty if nothing narrows."""
        return " AND ".join(
            filter(None, (MARKET if self.markets is not None else "", self.of_customer))
        )

    @property
    def of_customer(self) -> str:
        """Of rows with the column `customer`; empty if nothing narrows."""
        markets = CUSTOMER_MARKET if self.markets is not None else ""
        teams = CUSTOMER_TEAM if self.teams is not None else ""
        return " AND ".join(filter(None, (markets, teams)))

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "within_markets": None if self.markets is None else list(self.markets),
            "within_teams": None if self.teams is None else list(self.teams),
            "within_actor": self.actor,
        }


MARKET = "(market IS NULL OR market = ANY(%(within_markets)s))"
CUSTOMER_MARKET = (
    "customer IN (SELECT c.customer FROM read.customers c WHERE c.market = ANY(%(within_markets)s))"
)
CUSTOMER_TEAM = (
    "customer IN (SELECT t.customer FROM read.tickets t"
    " WHERE t.team = ANY(%(within_teams)s) OR t.owner = %(within_actor)s"
    " UNION ALL SELECT k.customer FROM read.complaints k WHERE k.owner = %(within_actor)s)"
)
EVERYTHING = Within()
