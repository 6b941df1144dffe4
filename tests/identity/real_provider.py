"""An OpenID provider somebody else wrote, run as a process on loopback, and a log-in at it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx2

CALLBACK = "http://127.0.0.1:1/callback"


@contextmanager
def running() -> Iterator[str]:
    """Its address, which is its issuer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def logged_in(url: str, subject: str, *, client: str, groups: list[str]) -> str:
    """The signed statement that a log-in by authorisation code ends with (the ID token)."""
    with httpx2.Client(base_url=url, timeout=10) as browser:
        browser.put(f"/users/{subject}", json={"groups": groups}).raise_for_status()
        asked = {
            "client_id": client,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
        }
        sent_back = browser.post("/oauth2/authorize", params=asked, data={"sub": subject})
        code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
        answer = browser.post(
            "/oauth2/token",
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
            auth=(client, "any"),
        )
        answer.raise_for_status()
        return str(answer.json()["id_token"])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 30
    while True:
        try:
            httpx2.get(f"{url}/jwks", timeout=2).raise_for_status()
            return
        except httpx2.HTTPError:
            assert process.poll() is None, "the provider ended"
            assert time.monotonic() < ends, "the provider does not answer"
            time.sleep(0.1)
