"""Key-encryption keys in Vault's transit engine: an epoch is a version of one transit key.

Follows Vault's public API documentation and has been tried against exchanges recorded from there
only. Data keys are wrapped by `encrypt` under a named `key_version`; what a key is bound to is
hashed into the plaintext, since older Vaults know no associated data. Destroying an epoch raises
`min_decryption_version` and trims the versions below. Automatic rotation must be off.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.vault.kek import KeyFileMissing
from infra.vault.unavailable import KeysUnavailable

SECONDS = 5.0
AT_ONCE = 1_000
ADDRESS, KEY, TOKEN = "DOSSIER_VAULT_ADDR", "DOSSIER_VAULT_KEY", "DOSSIER_VAULT_TOKEN_FILE"


class TransitRefused(KeysUnavailable):
    """Vault did not do what it was asked; the status is told, never the address or the token."""


class TransitKeks:
    """`address` is https, or http on this machine; `token` is read anew for every request, since
    a Vault agent renews the file."""

    def __init__(self, address: str, key: str, token: Path) -> None:
        parts = urlsplit(address)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.hostname is None or parts.scheme not in (
            ("https", "http") if local else ("https",)
        ):
            raise KeyFileMissing(f"{ADDRESS} has to be an https address")
        self._host, self._port, self._tls = parts.hostname, parts.port, parts.scheme == "https"
        self._key = key
        self._token = token

    def __repr__(self) -> str:
        return "<transit keys>"

    @classmethod
    def from_settings(cls, environment: Mapping[str, str]) -> TransitKeks:
        for name in (ADDRESS, KEY, TOKEN):
            if not environment.get(name):
                raise KeyFileMissing(f"{name} is not set")
        return cls(environment[ADDRESS], environment[KEY], Path(environment[TOKEN]))

    def make(self, epoch: int) -> None:
        while self.newest() < epoch:
            self.ask("POST", f"keys/{self._key}/rotate")

    def kek(self, epoch: int) -> TransitKek:
        return TransitKek(self, self._key, epoch)

    def destroy(self, epoch: int) -> None:
        first = epoch + 1
        self.ask(
            "POST",
            f"keys/{self._key}/config",
            {"min_decryption_version": first, "min_encryption_version": first},
        )
        self.ask("POST", f"keys/{self._key}/trim", {"min_available_version": first})

    def newest(self) -> int:
        return int(self.ask("GET", f"keys/{self._key}")["latest_version"])

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of Vault's answer, {} if it has none. No redirect is followed, so the token
        goes nowhere else. Raises TransitRefused."""
        try:
            token = self._token.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise TransitRefused(f"the file named in {TOKEN} cannot be read") from None
        kind = HTTPSConnection if self._tls else HTTPConnection
        connection = kind(self._host, self._port, timeout=SECONDS)
        try:
            connection.request(
                method,
                f"/v1/transit/{path}",
                None if body is None else json.dumps(body),
                {"X-Vault-Token": token, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read()
            data: dict[str, Any] = (json.loads(text).get("data") or {}) if text else {}
            # A batch of which one item failed is answered 400 and has the other results.
            if answer.status not in (200, 204) and "batch_results" not in data:
                raise TransitRefused(f"Vault answered {answer.status}")
        except (OSError, HTTPException, ValueError):
            raise TransitRefused("Vault does not answer") from None
        finally:
            connection.close()
        return data


class TransitKek:
    """One version of the transit key."""

    def __init__(self, keys: TransitKeks, name: str, epoch: int) -> None:
        self._keys = keys
        self._name = name
        self._prefix = f"vault:v{epoch}:"
        self._epoch = epoch

    def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        items = [
            {"plaintext": b64encode(sha256(bound).digest() + key).decode()} for key, bound in keys
        ]
        answers = self._batches("encrypt", items, {"key_version": self._epoch})
        texts = [str(answer.get("ciphertext", "")) for answer in answers]
        if not all(text.startswith(self._prefix) for text in texts):
            raise TransitRefused(f"Vault did not wrap under version {self._epoch}")
        return [text.encode() for text in texts]

    def unwrap(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        items = [{"ciphertext": held.decode("ascii", "replace")} for held, _ in wrapped]
        answers = self._batches("decrypt", items, {})
        return [
            self._bound(answer, item["ciphertext"], bound)
            for answer, item, (_, bound) in zip(answers, items, wrapped, strict=True)
        ]

    def _bound(self, answer: Mapping[str, Any], held: str, bound: bytes) -> bytes | None:
        if not held.startswith(self._prefix) or not isinstance(answer.get("plaintext"), str):
            return None
        plain = b64decode(answer["plaintext"])
        same = hmac.compare_digest(plain[:32], sha256(bound).digest())
        return plain[32:] if same else None

    def _batches(
        self, verb: str, items: Sequence[Mapping[str, str]], more: Mapping[str, int]
    ) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        for start in range(0, len(items), AT_ONCE):
            some = items[start : start + AT_ONCE]
            data = self._keys.ask("POST", f"{verb}/{self._name}", {"batch_input": some, **more})
            results = data.get("batch_results")
            if not isinstance(results, list) or len(results) != len(some):
                raise TransitRefused("Vault answered another number of keys than it was asked for")
            answers += results
        return answers
