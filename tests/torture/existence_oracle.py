"""Whether somebody exists in a market one may not see: neither answer nor time may tell (PL-10).

An agent for France registers and searches addresses, half of which belong to customers in Germany.
The two halves are sent in turns; a Mann-Whitney test compares their times. `make torture` runs it.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from uuid import uuid4

from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.terms import CollectionSource
from infra.dispatch import Caller
from infra.gate import Reader
from infra.home import Home
from infra.product import Product, product
from infra.projector import catch_up

REQUESTS, WARMING, LEAST_P = 500, 20, 0.01
ATTEMPTS = 2
EACH = REQUESTS + WARMING
AGENT = Caller("staff:fr", "agent")
READER = Reader("staff:fr", "agent", uuid4(), markets=frozenset({"FR"}))


def main() -> int:
    """0 if neither answers nor times differ."""
    with (
        tempfile.TemporaryDirectory(prefix="dossier-torture-") as folder,
        product(Home.at(Path(folder) / "home")) as running,
    ):
        for n in range(ATTEMPTS * EACH):
            register(running, known(n), "DE")
        catch_up(running.addresses.database_url)
        failed = [
            name
            for name, ask in (("search", searching), ("registration", registering))
            if not alike(name, running, ask)
        ]
    return 1 if failed else 0


def known(n: int) -> str:
    return f"customer{n:05d}@example.de"


def unknown(n: int) -> str:
    return f"nobodyyy{n:05d}@example.de"


def register(running: Product, email: str, market: str) -> object:
    command = RegisterCustomer(
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        market=market,
        profile=ProfileFields(email=email),
    )
    result = running.dispatcher.dispatch(command, AGENT, uuid4())
    return sorted(result.ids), len(result.versions), len(result.timers)


def registering(running: Product, email: str) -> object:
    return register(running, email, "FR")


def searching(running: Product, email: str) -> object:
    return running.finder.find("email", email, READER, "dpv:CustomerCare")


def alike(name: str, running: Product, ask: Callable[[Product, str], object]) -> bool:
    """One time more if the times seem to differ: of a hundred honest runs one does by chance."""
    for attempt in range(ATTEMPTS):
        there, absent, answers = measured(running, ask, attempt)
        p = mann_whitney(there, absent)
        median = sorted(there)[len(there) // 2] * 1e3, sorted(absent)[len(absent) // 2] * 1e3
        sys.stdout.write(
            f"{name}: {len(answers)} kind of answer, median {median[0]:.3f} ms where there is"
            f" somebody, {median[1]:.3f} ms where there is not, p = {p:.3f}\n"
        )
        if len(answers) == 1 and p > LEAST_P:
            return True
    return False


def measured(
    running: Product, ask: Callable[[Product, str], object], attempt: int
) -> tuple[list[float], list[float], set[str]]:
    times: dict[bool, list[float]] = {True: [], False: []}
    answers: set[str] = set()
    order = Random(attempt)
    for n in range(EACH):
        turns = [True, False]
        order.shuffle(turns)
        for there in turns:
            email = (known if there else unknown)(attempt * EACH + n)
            begun = time.perf_counter()
            answer = ask(running, email)
            spent = time.perf_counter() - begun
            if n >= WARMING:
                times[there].append(spent)
                answers.add(repr(answer))
    return times[True], times[False], answers


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p by the normal approximation, which holds well for hundreds of values."""
    ranked = sorted([(t, True) for t in one] + [(t, False) for t in other])
    rank_sum = sum(rank for rank, (_, first) in enumerate(ranked, 1) if first)
    n, m = len(one), len(other)
    mean = n * (n + m + 1) / 2
    deviation = math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(rank_sum - mean) / deviation / math.sqrt(2))


if __name__ == "__main__":
    sys.exit(main())
