"""The transit provider against exchanges recorded from Vault's public API documentation.

Paths, methods, headers and the fields of requests and answers are those of the documentation's
samples (transit secrets engine: encrypt, decrypt, rotate, read, configure, trim). Ciphertexts and
plaintexts are of the test's own making, since the samples' bytes are not ours.
"""

from __future__ import annotations

import json
import logging
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from infra.vault.kek import KeyFileMissing
from infra.vault.providers.transit import TransitKeks, TransitRefused

TOKEN = "hvs.not-a-real-token"
KEY, BOUND = b"k" * 32, b"1|subject|identity|1"
PLAIN = b64encode(sha256(BOUND).digest() + KEY).decode()
CIPHER = "vault:v1:XjsPWPjqPrBi1N2Ms2s1QM798YyFWnO4TR4lsFA="
Exchange = tuple[str, str, Any, int, Any]


class Recorded(BaseHTTPRequestHandler):
    """Answers the exchanges it was given, in order, and keeps what it was asked."""

    exchanges: ClassVar[list[Exchange]] = []
    asked: ClassVar[list[tuple[str, str, str | None, Any]]] = []

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.asked.append((self.command, self.path, self.headers.get("X-Vault-Token"), body))
        method, path, expected, status, said = self.exchanges.pop(0)
        assert (self.command, self.path, body) == (method, path, expected)
        text = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if status == 307:
            self.send_header("Location", "http://127.0.0.1:1/v1/elsewhere")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """A test needs no log of requests."""


@contextmanager
def vault(tmp_path: Path, *exchanges: Exchange) -> Iterator[TransitKeks]:
    handler: type[Recorded] = type(
        "Vault", (Recorded,), {"exchanges": list(exchanges), "asked": []}
    )
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield TransitKeks(f"http://127.0.0.1:{server.server_port}", "my-key", token)
            assert handler.exchanges == [], "everything recorded was asked for"
            assert {asked[2] for asked in handler.asked} == {TOKEN}
        finally:
            server.shutdown()
            thread.join()


def encrypted(version: int, ciphertext: str = CIPHER) -> Exchange:
    asked = {"batch_input": [{"plaintext": PLAIN}], "key_version": version}
    said = {"data": {"batch_results": [{"ciphertext": ciphertext, "key_version": version}]}}
    return "POST", "/v1/transit/encrypt/my-key", asked, 200, said


def decrypted(result: Any, status: int = 200) -> Exchange:
    asked = {"batch_input": [{"ciphertext": CIPHER}]}
    said = {"data": {"batch_results": [result]}}
    return "POST", "/v1/transit/decrypt/my-key", asked, status, said


def read(latest: int) -> Exchange:
    said = {
        "data": {
            "type": "aes256-gcm96",
            "deletion_allowed": False,
            "derived": False,
            "exportable": False,
            "keys": {str(n): 1442851412 + n for n in range(1, latest + 1)},
            "latest_version": latest,
            "min_decryption_version": 1,
            "min_encryption_version": 0,
            "name": "my-key",
        }
    }
    return "GET", "/v1/transit/keys/my-key", None, 200, said


def test_wraps_under_the_version_of_the_epoch(tmp_path: Path) -> None:
    with vault(tmp_path, encrypted(1)) as keks:
        assert keks.kek(1).wrap([(KEY, BOUND)]) == [CIPHER.encode()]
    assert b64decode(PLAIN)[32:] == KEY


def test_does_not_take_what_was_wrapped_under_another_version(tmp_path: Path) -> None:
    with vault(tmp_path, encrypted(2, CIPHER)) as keks, pytest.raises(TransitRefused):
        keks.kek(2).wrap([(KEY, BOUND)])


def test_unwraps_what_is_bound_to_the_same(tmp_path: Path) -> None:
    with vault(tmp_path, decrypted({"plaintext": PLAIN})) as keks:
        assert keks.kek(1).unwrap([(CIPHER.encode(), BOUND)]) == [KEY]


@pytest.mark.case("KY-07")
@pytest.mark.parametrize(
    ("held", "bound", "result", "status"),
    [
        (CIPHER, b"1|somebody else|identity|1", {"plaintext": PLAIN}, 200),
        (CIPHER, BOUND, {"error": "cipher: message authentication failed"}, 400),
    ],
    ids=["bound elsewhere", "changed"],
)
def test_nothing_for_what_does_not_fit(
    tmp_path: Path, held: str, bound: bytes, result: Any, status: int
) -> None:
    with vault(tmp_path, decrypted(result, status)) as keks:
        assert keks.kek(1).unwrap([(held.encode(), bound)]) == [None]


def test_nothing_for_what_says_it_is_of_another_epoch(tmp_path: Path) -> None:
    with vault(tmp_path, decrypted({"plaintext": PLAIN})) as keks:
        assert keks.kek(2).unwrap([(CIPHER.encode(), BOUND)]) == [None]


def test_a_new_epoch_is_a_new_version(tmp_path: Path) -> None:
    rotate: Exchange = ("POST", "/v1/transit/keys/my-key/rotate", None, 200, None)
    with vault(tmp_path, read(1), rotate, read(2)) as keks:
        keks.make(2)
    with vault(tmp_path, read(2), read(2)) as keks:
        keks.make(2)
        assert keks.newest() == 2


def test_destroying_raises_the_least_version_and_trims(tmp_path: Path) -> None:
    config = {"min_decryption_version": 2, "min_encryption_version": 2}
    with vault(
        tmp_path,
        ("POST", "/v1/transit/keys/my-key/config", config, 204, None),
        ("POST", "/v1/transit/keys/my-key/trim", {"min_available_version": 2}, 204, None),
    ) as keks:
        keks.destroy(1)


@pytest.mark.parametrize("status", [307, 400, 403, 404, 500, 503])
def test_a_refusal_tells_the_status_and_neither_address_nor_token(
    tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"errors": ["permission denied for " + TOKEN]}
    path = "/v1/transit/keys/my-key"
    with caplog.at_level(logging.DEBUG), vault(tmp_path, ("GET", path, None, status, said)) as keks:
        with pytest.raises(TransitRefused) as refused:
            keks.newest()
        told = f"{refused.value} {refused.value.__cause__} {keks!r} {caplog.text}"
    assert str(refused.value) == f"Vault answered {status}"
    assert TOKEN not in told
    assert "127.0.0.1" not in told


def test_no_server_or_no_token_is_told_without_them(tmp_path: Path) -> None:
    token = tmp_path / "token"
    with pytest.raises(TransitRefused, match="cannot be read"):
        TransitKeks("http://127.0.0.1:1", "my-key", token).newest()
    token.write_text(TOKEN)
    with pytest.raises(TransitRefused, match=r"^Vault does not answer$"):
        TransitKeks("http://127.0.0.1:1", "my-key", token).newest()


@pytest.mark.parametrize(
    "address", ["http://vault.example:8200", "ftp://127.0.0.1", "vault.example", ""]
)
def test_the_token_goes_nowhere_in_the_clear(tmp_path: Path, address: str) -> None:
    with pytest.raises(KeyFileMissing, match="https"):
        TransitKeks(address, "my-key", tmp_path / "token")
