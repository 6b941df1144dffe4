"""An erasure whose key-encryption key is away: use is stopped, nothing destroyed, all say so."""

from __future__ import annotations

import pytest

from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.product import assembled
from infra.servers.owner import Addresses
from infra.vault.unavailable import KeysUnavailable
from tests.cli.terminal import Terminal
from tests.erasure.asking import NAME, customer_of, request_of, tokens_of
from tests.erasure.test_erasure_saga import opened


@pytest.mark.case("KY-10")
@pytest.mark.clause("CB-15.2b")
def test_it_is_told_by_name_and_goes_on_once_the_key_is_back(
    at_terminal: Terminal, redis_url: str
) -> None:
    dossier, home = at_terminal.types, at_terminal.home
    addresses = Addresses(at_terminal.database, redis_url, owner=False)
    with assembled(home, addresses) as running:
        customer = customer_of(running)
        request = request_of(running, customer)
        tokens = tokens_of(running, customer)
    (home.keys / "kek-1").rename(home.keys / "elsewhere")
    with assembled(home, addresses) as running:
        erasures = Erasures(running)
        with pytest.raises(KeysUnavailable):
            erasures.carry_out(customer, request)
        assert erasures.waits_for(customer, request) is Step.BEGIN
    run = dossier("erasure", "run")
    assert run.code == 1
    assert f"{request}: its use is stopped; nothing is destroyed" in run.out.replace("\n", " ")
    assert run.one_line.endswith("[keys_unavailable]")
    listed = dossier("erasure", "list")
    assert str(request) in listed.out and "restricted" in listed.out
    examined = dossier("doctor")
    assert examined.code == 1
    assert f"erasure {request} waits for the key-encryption key" in examined.out

    (home.keys / "elsewhere").rename(home.keys / "kek-1")
    with assembled(home, addresses) as running:
        assert opened(running, customer, tokens)[0] == NAME
    assert f"erasure {request}" not in dossier("doctor").out
    again = dossier("erasure", "run")
    assert again.code == 0, again.err
    assert "next: backups" in again.out
