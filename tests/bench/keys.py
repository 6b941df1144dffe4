"""What keys cost: re-wrapping all of them, sealing beside not sealing, opening a page.

Run as `python -m tests.bench.keys`; a server of its own with durable settings. Prints medians and
keeps them as JSON. The aims: 40,000 keys re-wrapped a second; three sealed fields add at most a
quarter to a batched append; a page of 50 rows with 4 sealed fields opens in 2 ms of our code.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import structlog

from commands.command import Append, Write
from domain.customer.events import CustomerRegistered
from domain.customer.profile import Profile
from domain.personal import Personal
from domain.terms import CollectionSource, CustomerKind
from infra.home import Home
from infra.product import Product, new_id, now, product
from infra.record.batch import Outcome, Submission
from infra.vault.rewrap import rewrap
from infra.vault.sealing import Decided, Provenance, Sealer
from infra.vault.token import read
from infra.vault.unsealing import unseal
from tests.privacy.persons import many_keys

KEYS, ROUNDS = 100_000, 5
BATCH, BATCHES = 100, 40
ROWS, FIELDS = 50, 4
TEXTS = ("Erika Mustermann", "erika.mustermann@example.org", "+49 30 901820", "Gartenstr. 17")


def profile(values: Sequence[Personal]) -> Profile:
    name, email, phone, *address = values
    return Profile(name=name, email=email, phone=phone, address=next(iter(address), None))


def decided(subject: UUID, values: Sequence[Personal]) -> Decided:
    event = CustomerRegistered(
        kind=CustomerKind.PERSON,
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        profile=profile(values),
        at=now(),
    )
    write = Write(
        kind="ticket", stream=new_id(), subject=subject, expected=0, events=[event], market="DE"
    )
    return Decided(
        command_id=new_id(),
        fingerprint=os.urandom(32),
        provenance=Provenance("staff:bench", "agent", "dpv:CustomerCare", new_id()),
        append=Append(writes=[write], ids={}),
    )


def sealer_of(running: Product) -> Sealer:
    """Seals and nothing else: what the blind index costs is measured with it."""
    return Sealer(running.record.registry, running.keyring, running.installation, new_id)


def announced(running: Product, count: int) -> list[UUID]:
    """People whose keys the record has announced."""
    people = [new_id() for _ in range(count)]
    sealer = sealer_of(running)
    for person in people:
        (one,) = sealer.seal([decided(person, [Personal(text) for text in TEXTS[:3]])])
        appended(running, [one])
    return people


def appended(running: Product, batch: Sequence[Submission]) -> None:
    assert {answer.outcome for answer in running.record.append(batch)} == {Outcome.RECORDED}


def rewrapping(running: Product) -> float:
    """Keys a second, the exchange of the tables included."""
    assert running.epochs is not None
    running.epochs.rotate()
    begun = time.perf_counter()
    count = rewrap(running.epochs)
    assert count >= KEYS
    return count / (time.perf_counter() - begun)


def appending(
    running: Product, people: Sequence[UUID], tokens: dict[UUID, list[str]]
) -> tuple[float, float]:
    """Microseconds an event of sealing and appending in batches: of values sealed before, and of
    open ones. In turns, and the quickest quarter of each: others use the machine, too."""
    event = new_id()
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(BATCHES):
        for kind, times in enumerate(spent):
            batch = [
                decided(
                    person,
                    [Personal(text) for text in TEXTS[:3]]
                    if kind
                    else [Personal.sealed(token, event) for token in tokens[person][:3]],
                )
                for person in people[:BATCH]
            ]
            begun = time.perf_counter()
            appended(running, sealer_of(running).seal(batch))
            times.append((time.perf_counter() - begun) / BATCH * 1e6)
    plain, sealed = (statistics.mean(sorted(times)[: BATCHES // 4]) for times in spent)
    return plain, sealed


def sealed_before(running: Product, people: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Tokens of the same values, as they lie in the record."""
    tokens = {}
    for person in people:
        (one,) = sealer_of(running).seal([decided(person, [Personal(text) for text in TEXTS])])
        said = json.loads(one.entries[0].state)["profile"]
        tokens[person] = [said["name"], said["email"], said["phone"], said["address"]]
    return tokens


def opening(running: Product, people: Sequence[UUID], tokens: dict[UUID, list[str]]) -> float:
    """Milliseconds for a page: reading the tokens, getting the keys, opening; no trail."""
    page = [(person, token) for person in people[:ROWS] for token in tokens[person][:FIELDS]]
    keyring = running.keyring
    begun = time.perf_counter()
    parts = [(person, read(token)) for person, token in page]
    wanted = {(person, *part.field.slot) for person, part in parts}
    keys = keyring.for_opening(wanted)
    texts = unseal(parts, keys)
    spent = time.perf_counter() - begun
    assert texts == list(TEXTS) * ROWS
    return spent * 1e3


def measure(running: Product) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    people = announced(running, BATCH)
    tokens = sealed_before(running, people)
    opening(running, people, tokens)  # the first page fetches the keys
    many_keys(running, KEYS)
    for _ in range(ROUNDS):
        plain, sealed = appending(running, people, tokens)
        found = {
            "re-wrapping, keys a second": rewrapping(running),
            "append without sealing, us an event": plain,
            "append with three fields sealed, us an event": sealed,
            "sealing adds, per cent": (sealed / plain - 1) * 100,
        }
        opening(running, people, tokens)  # a new epoch drops what was kept
        found["page of 50 x 4, ms"] = statistics.median(
            opening(running, people, tokens) for _ in range(50)
        )
        for name, value in found.items():
            rows.setdefault(name, []).append(value)
            print(f"  {name:46} {value:12,.2f}", flush=True)  # noqa: T201
    return rows


def main(target: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        rows = measure(running)
    medians = {name: statistics.median(values) for name, values in rows.items()}
    summary = {
        "machine": {
            "cores": os.cpu_count(), "python": platform.python_version(),
            "system": platform.platform(), "load": os.getloadavg(),
        },
        "rounds": rows,
        "medians": medians,
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    for name, value in medians.items():
        print(f"{name:48} {value:12,.2f}")  # noqa: T201
    print(f"kept in {target}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/keys.json"))
