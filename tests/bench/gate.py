"""What the gate costs below HTTP, in one process: the same values opened with it and without it.

Durable settings, keys cached as they are when the product runs. "Without" reads the tokens, fetches
the keys and unseals: what any opening has to do. "With" decides, commits the access, and does that.
Rounds are interleaved; medians and spread are printed and kept as JSON with facts of the machine.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.customer.events import CustomerRegistered
from domain.terms import CollectionSource
from infra.dispatch import Caller
from infra.gate import Reader, SealedValue
from infra.home import Home
from infra.product import Product, new_id, product
from infra.vault.token import read
from infra.vault.unsealing import unseal
from tests.bench.rounds import machine, say

ROUNDS, SECONDS = 5, 2.0
CUSTOMERS = 1_000
PURPOSE = "dpv:CustomerCare"
ADDED_MS, PER_SECOND = 8.0, 8_000
"""What the gate may add at p50, and what it has to sustain at 128 readers."""

Rows = list[list[SealedValue]]


def customers(running: Product) -> Rows:
    """The four sealed fields of each."""
    rows = []
    for n in range(CUSTOMERS):
        registration = RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market="DE",
            profile=ProfileFields(
                name=f"Customer {n}", email=f"c{n}@example.org", phone=f"+4930{n:07}",
                address=f"Street {n}, 10115 Berlin",
            ),
        )  # fmt: skip
        caller = Caller("staff:bench", "crm_admin")
        customer = running.dispatcher.dispatch(registration, caller, uuid4()).ids["customer"]
        rows.append(tokens(running, customer))
    return rows


def tokens(running: Product, customer: UUID) -> list[SealedValue]:
    (event,) = (
        r.event
        for r in running.record.read_stream(customer)
        if isinstance(r.event, CustomerRegistered)
    )
    profile = event.profile
    fields = {
        "name": profile.name, "email": profile.email, "phone": profile.phone,
        "address": profile.address,
    }  # fmt: skip
    return [
        SealedValue(value.token, customer, f"profile.{name}")
        for name, value in fields.items()
        if value is not None and value.token is not None
    ]


def timed(readers: int, one: Callable[[int], None]) -> tuple[float, float]:
    """Calls per second by so many threads, and the median milliseconds of one."""
    took: list[list[float]] = [[] for _ in range(readers)]
    end = time.perf_counter() + SECONDS

    def work(n: int) -> None:
        call = n
        while (began := time.perf_counter()) < end:
            one(call)
            took[n].append(time.perf_counter() - began)
            call += readers

    threads = [threading.Thread(target=work, args=(n,)) for n in range(readers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    every = [seconds for each in took for seconds in each]
    return len(every) / elapsed, statistics.median(every) * 1000


def measure(running: Product) -> dict[str, list[tuple[float, float]]]:
    rows = customers(running)
    reader = Reader("staff:bench", "agent", new_id())
    results: dict[str, list[tuple[float, float]]] = {}

    def without(values: Sequence[SealedValue]) -> list[str | None]:
        parts = [read(value.token) for value in values]
        keys = running.keyring.for_opening(
            {(value.subject, *part.field.slot) for value, part in zip(values, parts, strict=True)}
        )
        return unseal([(v.subject, part) for v, part in zip(values, parts, strict=True)], keys)

    def with_gate(values: Sequence[SealedValue]) -> list[str | None]:
        return running.gate.open(values, reader, PURPOSE)

    for row in rows:
        assert without(row) == with_gate(row)
    for turn in range(ROUNDS):
        say(f"round {turn + 1} of {ROUNDS}")
        for readers in (1, 128):
            for fields in (1, 4):
                for name, opening in (("without", without), ("with", with_gate)):

                    def one(n: int, opening=opening, fields=fields) -> None:  # type: ignore[no-untyped-def]
                        opening(rows[n % CUSTOMERS][:fields])

                    label = f"{name}, {readers} readers, {fields} values"
                    results.setdefault(label, []).append(timed(readers, one))
                    rate, p50 = results[label][-1]
                    say(f"  {label:32} {rate:10,.0f} /s  p50 {p50:7.3f} ms")
    return results


def main(target: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        results = measure(running)
    medians = {
        label: {
            "per_second": statistics.median(rate for rate, _ in values),
            "p50_ms": statistics.median(p50 for _, p50 in values),
        }
        for label, values in results.items()
    }
    added = {
        f"{readers} readers, {fields} values": medians[f"with, {readers} readers, {fields} values"][
            "p50_ms"
        ]
        - medians[f"without, {readers} readers, {fields} values"]["p50_ms"]
        for readers in (1, 128)
        for fields in (1, 4)
    }
    summary = {
        "machine": machine(), "rounds": results, "medians": medians, "added_ms": added,
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    for label, values in results.items():
        rates = [rate for rate, _ in values]
        median = medians[label]
        say(
            f"{label:32} {median['per_second']:10,.0f} /s  [{min(rates):,.0f} .. {max(rates):,.0f}]"
            f"  p50 {median['p50_ms']:7.3f} ms"
        )
    for label, milliseconds in added.items():
        say(f"added at p50, {label:24} {milliseconds:7.3f} ms (at most {ADDED_MS})")
    sustained = medians["with, 128 readers, 1 values"]["per_second"]
    say(f"sustained at 128 readers {sustained:10,.0f} /s (at least {PER_SECOND:,})")
    say(f"kept in {target}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/gate.json"))
