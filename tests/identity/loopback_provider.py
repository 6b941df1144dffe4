"""A provider of the tests' own on loopback: discovery and keys over HTTP, keys that rotate, and
whatever a provider should not do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from infra.identity.oidc.issuer import Issuer

AUDIENCE = "dossier"
NUMBERS = count()


@cache
def _private_key(algorithm: str, kid: str, number: int) -> Any:
    """Made once in four providers: it takes long, and two that are there at once have their own."""
    made: Mapping[str, Any] = {
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }
    return made[algorithm]()


class Provider:
    """`keys` are published, by id. `misbehave` answers in place of the keys, if set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.number = next(NUMBERS) % 4
        self.keys: dict[str, tuple[str, Any]] = {}
        self.asked: list[str] = []
        self.misbehave: str | None = None
        self.issuer_said = url

    def issuer(self, **more: Any) -> Issuer:
        values: dict[str, Any] = {
            "name": "corp",
            "url": self.url,
            "audience": AUDIENCE,
            "roles_claim": "groups",
            "roles": {"crm agents": "agent", "heads": "department_head"},
        }
        return Issuer.model_validate(values | more)

    def publish(self, kid: str, algorithm: str = "RS256") -> None:
        self.keys[kid] = (algorithm, _private_key(algorithm, kid, self.number))

    def said(self, subject: str = "ann", kid: str = "one", **claims: Any) -> str:
        """A statement signed with a published key. A claim that is None is left out."""
        algorithm, key = self.keys[kid]
        body = json.dumps(self.claims(subject, **claims)).encode()
        return jwt.PyJWS().encode(body, key, algorithm, headers={"kid": kid, "typ": "JWT"})

    def claims(self, subject: str = "ann", **claims: Any) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + 300,
            "groups": ["crm agents"],
        }
        return {name: value for name, value in (usual | claims).items() if value is not None}

    def jwks(self) -> dict[str, Any]:
        to_jwk: Mapping[str, Any] = {
            "RS256": RSAAlgorithm,
            "ES256": ECAlgorithm,
            "EdDSA": OKPAlgorithm,
        }
        return {
            "keys": [
                {**json.loads(to_jwk[algorithm].to_jwk(key.public_key())), "kid": kid, "use": "sig"}
                for kid, (algorithm, key) in self.keys.items()
            ]
        }


@contextmanager
def loopback_provider() -> Iterator[Provider]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                said = {"issuer": provider.issuer_said, "jwks_uri": f"{provider.url}/keys"}
                self._answer(json.dumps(said).encode())
            elif provider.misbehave is None:
                self._answer(json.dumps(provider.jwks()).encode())
            else:
                getattr(self, f"_{provider.misbehave}")()

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _huge(self) -> None:
            self._answer(b'{"keys": [' + b" " * 300_000 + b"]}")

        def _nested(self) -> None:
            self._answer(b"[" * 100_000)

        def _redirect(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"{provider.url}/elsewhere")
            self.end_headers()

        def _drip(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(400):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            except OSError:
                return

        def _failing(self) -> None:
            self.send_error(500)

        def _other(self) -> None:
            self._answer(b'["keys"]')

        def log_message(self, *args: Any) -> None:
            """Nothing: a test's output is the test's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        provider = Provider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
