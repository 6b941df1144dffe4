"""People are found by what is known of them, and what was searched for is kept nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.log import configure
from tests.http.door import PERSON, Door
from tests.http.test_bad_input import pointers, told
from tests.http.test_scope import bearer

SOUGHT = "ann@example.org"
CARE = "dpv:CustomerCare"


def looked_up(door: Door, headers: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
    wanted = {"kind": "email", "value": SOUGHT, "purpose": CARE} | body
    return door.client.post(
        "/v1/customers/lookup", json=wanted, headers=headers or door.bearer("agent")
    )


@contextmanager
def logged(file: Path) -> Iterator[None]:
    before = logging.getLogger().handlers[:]
    configure(file)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the test's own side
    try:
        yield
    finally:
        for handler in logging.getLogger().handlers[:]:
            logging.getLogger().removeHandler(handler)
            handler.close()
        for handler in before:
            logging.getLogger().addHandler(handler)


@pytest.mark.case("PL-07")
def test_somebody_is_found_by_post_and_nothing_sought_is_in_an_address_or_the_log(
    door: Door, tmp_path: Path
) -> None:
    file = tmp_path / "dossier.log"
    with logged(file):
        customer = door.customer()
        door.show()
        answer = looked_up(door)
        assert answer.json()["items"] == [
            {"customer": str(customer), "market": "GB", "name": "Ann Example"}
        ]
        assert answer.headers["Cache-Control"] == "no-store"
        assert looked_up(door, value="ben@example.org").json() == {"items": []}
        assert looked_up(door, kind="name", value="Ann Exampel").json()["items"]
        for path in ("/v1/customers", f"/v1/customers/{customer}", "/v1/customers/lookup"):
            for name in ("email", "phone", "name", "q"):
                refused = door.get(path, **{name: SOUGHT})
                assert told(refused) == (400, "parameter_unknown"), path
                assert SOUGHT not in refused.text
        assert told(door.get(f"/v1/customers/{SOUGHT}")) == (422, "invalid_request")
        assert told(door.get(f"/v1/{SOUGHT}"))[0] == 404
        door.client.post(f"/v1/customers/lookup?email={SOUGHT}", json={})
    log = file.read_text()
    assert log.count("http.answered") > 10 and '"/v1/customers/lookup"' in log
    for part in (SOUGHT, "ann", "example.org", "ben@", "Exampel"):
        assert part not in log
    with door.product.record.connection() as connection:
        rows = connection.execute(
            "SELECT operation, decision, subjects FROM trail.access WHERE operation = 'find'"
        ).fetchall()
    assert ("find", "permit", [customer]) in rows


def test_a_search_is_within_scope_for_a_purpose_and_by_whoever_may(door: Door) -> None:
    door.post("/v1/customers", {**PERSON, "market": "DE"})
    door.show()
    assert looked_up(door, bearer(door)).json() == {"items": []}
    assert looked_up(door, bearer(door, markets=["DE"])).json()["items"]
    narrow = bearer(door, scopes=["read:customers"])
    assert told(looked_up(door, narrow)) == (403, "out_of_scope")
    assert told(looked_up(door, bearer(door, scopes=["read:*"]))) == (403, "out_of_scope")
    assert told(looked_up(door, purpose="dpv:DirectMarketing")) == (403, "access_denied")
    assert told(looked_up(door, headers={"Authorization": "Bearer x"})) == (401, "unauthenticated")


def test_what_makes_no_sense_is_told_by_field_and_not_repeated(door: Door) -> None:
    door.show()
    assert pointers(looked_up(door, kind="birthday")) == {"/kind": "literal_error"}
    assert pointers(looked_up(door, value="")) == {"/value": "string_too_short"}
    assert pointers(looked_up(door, value="x" * 501)) == {"/value": "string_too_long"}
    assert pointers(looked_up(door, purpose="curiosity")) == {"/purpose": "string_pattern_mismatch"}
    assert pointers(looked_up(door, who="me")) == {"/who": "extra_forbidden"}
    assert told(looked_up(door, kind="name", value=" ")) == (409, "search_too_short")
    assert "SECRET" not in looked_up(door, kind="SECRET", value=["SECRET"]).text
    for value in ("\0", "\ud800", "\u202e", "' OR 1=1 --", "+" * 500):
        for kind in ("email", "phone", "name"):
            answer = door.client.post(
                "/v1/customers/lookup",
                content=str({"kind": kind, "value": value, "purpose": CARE})
                .replace("'kind'", '"kind"')
                .encode(errors="surrogatepass"),
                headers={**door.bearer("agent"), "Content-Type": "application/json"},
            )
            assert answer.status_code < 500, answer.text
            assert looked_up(door, kind=kind, value=value.replace("\ud800", "")).status_code < 500
