"""Everything put together: the servers, the record, the keys, the door for commands."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.timers import Rulebook
from infra.blind_index import BlindIndex, BlindKeys, Finder
from infra.calendars.recorded import InForce
from infra.calendars.shipping import ship as ship_calendars
from infra.dispatch import Dispatcher
from infra.gate import Gate, PostgresGlass, PostgresSubjects, PostgresTrail
from infra.gate.consents import RecordedConsents
from infra.gate.permissions import PURPOSES
from infra.gate.refused import Refusals
from infra.home import Home
from infra.identity.scoped import ScopedConnections
from infra.policies import shipped_rulebook
from infra.publication.rules import RulesOnRecord
from infra.publication.shipping import ship_missing
from infra.record.connections import RoleConnections
from infra.record.migrate import migrate
from infra.record.postgres import PostgresRecord
from infra.servers.owner import Addresses, serving
from infra.servers.problem import ServerProblem
from infra.vault.epochs import Epochs
from infra.vault.installed import installed
from infra.vault.kek import InstallationKey, read_or_make
from infra.vault.postgres_keyring import PostgresKeyring


def now() -> datetime:
    """The clock on the wall, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A uuid7: ordered by the time it was made (RFC 9562)."""
    return uuid7()


@dataclass(frozen=True)
class Product:
    """One running Dossier. `keys_missing` says why nothing personal can be opened, if so. Only
    `key_service` may touch the tables of keys; `scoped` reads for whoever does not see all."""

    home: Home
    addresses: Addresses
    record: PostgresRecord
    key_service: RoleConnections
    scoped: ScopedConnections
    keyring: PostgresKeyring
    epochs: Epochs | None
    gate: Gate
    trail: PostgresTrail
    blind_index: BlindIndex
    finder: Finder
    dispatcher: Dispatcher
    installation: InstallationKey
    keys_missing: str | None

    @property
    def rules(self) -> Rulebook:
        """As they are published by now."""
        return self.dispatcher.rules

    def replace_dead_connections(self) -> None:
        """After an outage, so that nobody meets one that waited in a pool."""
        self.record.replace_dead_connections()
        self.key_service.replace_dead_connections()
        self.scoped.replace_dead_connections()


@contextmanager
def product(home: Home) -> Iterator[Product]:
    """The product over a data folder: servers found or started, schema brought up to date.

    Raises ServerProblem, MigrationEdited, DatabaseIsNewer.
    """
    _leave_no_core()
    with serving(home) as addresses:
        migrate(addresses.database_url)
        with assembled(home, addresses) as running:
            yield running


@contextmanager
def assembled(home: Home, addresses: Addresses) -> Iterator[Product]:
    """The product over servers that run and a schema that is there; closed afterwards."""
    _collect_rarely()
    with ExitStack() as held:
        record = held.enter_context(closing(PostgresRecord(addresses.database_url)))
        installation = _installation_key(home, record)
        key_service = held.enter_context(
            closing(RoleConnections(addresses.database_url, "dossier_keys"))
        )
        scoped = held.enter_context(
            closing(ScopedConnections(addresses.database_url, installation))
        )
        trail = held.enter_context(closing(PostgresTrail(addresses.database_url)))
        subjects = PostgresSubjects(record.connection)
        blind = BlindIndex(BlindKeys(home.keys, record.connection))
        with record.connection() as connection:
            connection.execute("SELECT es.ensure_partitions(), trail.ensure_partitions()")
        with installed(
            home.keys, os.environ, key_service.connection, addresses.database_url, installation
        ) as keys:
            gate = Gate(
                keys.keyring,
                trail,
                consents=RecordedConsents(record.connection),
                subjects=subjects,
                glass=PostgresGlass(record.connection),
                clock=now,
            )
            dispatcher = Dispatcher(
                record,
                keys.keyring,
                installation,
                RulesOnRecord(record, replace(shipped_rulebook(), rules=()), InForce(record).rules),
                clock=now,
                new_id=new_id,
                findable=blind.of_event,
                kept=Refusals(trail, PURPOSES),
            )
            ship_calendars(dispatcher, record)
            ship_missing(dispatcher)
            yield Product(
                home=home,
                addresses=addresses,
                record=record,
                key_service=key_service,
                scoped=scoped,
                keyring=keys.keyring,
                epochs=keys.epochs,
                gate=gate,
                trail=trail,
                blind_index=blind,
                finder=Finder(blind.keys, gate, trail, subjects, record.connection, now),
                dispatcher=dispatcher,
                installation=installation,
                keys_missing=keys.missing,
            )


def _installation_key(home: Home, record: PostgresRecord) -> InstallationKey:
    """Made where nothing is on record yet. Another one would know neither who is on record under an
    outside system's name nor who of them was erased. Raises ServerProblem, WrongKeyFile."""
    path = home.keys / "installation"
    if not path.exists():
        with record.connection() as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM es.events)").fetchone()
        if row == (True,) and not path.exists():
            raise ServerProblem(
                f"the key `installation` is missing from {home.keys}, and there are events on"
                " record; put it back from where keys are backed up"
            )
    return InstallationKey(read_or_make(path, may_make=True))


def _leave_no_core() -> None:
    """Keys and opened values are in the memory of this process, and it is not to be found on a disk
    after a crash; nor is that of the servers it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _collect_rarely() -> None:
    """What is loaded stays; a batch of events is no garbage. With the collector's own settings two
    fifths of catching up went into looking for cycles among events that have none."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
