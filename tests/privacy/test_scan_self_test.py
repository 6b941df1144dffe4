"""The scanner proves itself on a whole installation: everything planted is found, or it says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import redis

from infra.home import Home
from infra.record.migrate import migrate
from infra.scan import Needles, database, scan, stream
from infra.scan.planted import FOLDER, SCHEMA, fresh_value, self_test
from infra.servers.owner import Addresses, serving
from tests.conftest import UNSAFE


class Installation(NamedTuple):
    home: Home
    addresses: Addresses


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Servers of its own, so that its files are all there is."""
    home = Home.at(tmp_path_factory.mktemp("scan") / "home")
    with serving(home, postgres_settings=UNSAFE) as addresses:
        migrate(addresses.database_url)
        yield Installation(home, addresses)


@pytest.mark.case("PL-02", "PL-03")
def test_finds_whatever_is_planted_in_any_store(installation: Installation) -> None:
    copies, missed, report = self_test(*installation)
    assert missed == []
    assert {copy.store for copy in copies} == {store.name for store in report.stores}
    assert report.unread == []
    assert all(store.objects and store.bytes for store in report.stores)


@pytest.mark.case("PL-02")
def test_what_the_planner_keeps_outlives_the_rows(installation: Installation) -> None:
    """Why no personal value may stand in a column in the open: deleting it is not enough."""
    value = fresh_value()
    with psycopg.connect(installation.addresses.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.leaky AS SELECT %s AS mail", (value,))
        connection.execute("INSERT INTO public.leaky SELECT mail FROM public.leaky")
        connection.execute("ANALYZE public.leaky")
        connection.execute("DELETE FROM public.leaky")
        connection.execute("VACUUM FULL public.leaky")
        report = scan(*installation, Needles([value]))
        connection.execute("DROP TABLE public.leaky")
    assert {"pg_catalog.pg_statistic", "pg_catalog.pg_stats"} <= {
        place.rpartition(".")[0] if place.count(".") > 1 else place
        for _, place, _, _ in report.hits
    }


@pytest.mark.case("PL-03")
def test_a_scanner_that_has_gone_blind_says_what_it_misses(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "DEEPEST", 0)
    copies, missed, _ = self_test(*installation)
    assert {"file, gz", "bytea, base64.1", "queue, gz"} <= {copy.name for copy in missed}
    assert len(missed) < len(copies)


def test_leaves_nothing_behind_and_finds_nothing_where_nothing_is(
    installation: Installation,
) -> None:
    self_test(*installation)
    assert not (installation.home.path / FOLDER).exists()
    with psycopg.connect(installation.addresses.database_url) as connection:
        left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", (SCHEMA,))
        assert left.fetchone() == (0,)
    with redis.Redis.from_url(installation.addresses.redis_url) as client:
        assert list(client.scan_iter(f"{SCHEMA}*")) == []
    report = scan(*installation, Needles([fresh_value()]))
    assert (report.hits, report.unread) == ([], [])


def test_a_file_that_cannot_be_read_is_told(installation: Installation) -> None:
    left: Path = installation.home.log / "left.dump"
    left.write_bytes(b"PGDMP and no more")
    try:
        report = scan(*installation, Needles([fresh_value()]))
    finally:
        left.unlink()
    assert report.unread == ["data folder: log/left.dump: a dump that pg_restore does not read"]


def test_a_table_that_stays_locked_is_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1)
    with psycopg.connect(installation.addresses.database_url) as holder:
        holder.execute("LOCK TABLE es.inbox IN ACCESS EXCLUSIVE MODE")
        report = scan(*installation, Needles([fresh_value()]))
    assert "tables: es.inbox: it was locked for 1 seconds" in report.unread
    assert any(said.startswith("dump: pg_dump") for said in report.unread)
