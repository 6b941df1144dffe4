"""The file that names whom we believe."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.identity.oidc.issuer import FILE, is_safe, read_issuers
from infra.servers.problem import ServerProblem

GOOD = """
[[issuer]]
name = "corp"
url = "https://login.example.org"
audience = "dossier"
roles_claim = "groups"
staff = true
roles = { "crm agents" = "agent" }
"""


def test_no_file_no_issuer(tmp_path: Path) -> None:
    assert read_issuers(tmp_path) == ()


def test_what_it_says(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD)
    (issuer,) = read_issuers(tmp_path)
    assert (issuer.url, issuer.staff, issuer.roles) == (
        "https://login.example.org",
        True,
        {"crm agents": "agent"},
    )
    assert issuer.actor("ann") == "corp:ann"


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("https://login.example.org", "http://login.example.org", "over https"),
        ("https://login.example.org", "file:///etc/passwd", "over https"),
        ('"agent"', '"root"', "no role 'root'"),
        ('"agent"', '"system"', "no role 'system'"),
        ('name = "corp"', 'name = "Corp corp"', "name"),
        ("staff = true", "staff = 1e9", "staff"),
        ("staff", "trusted", "trusted"),
        ("[[issuer]]", "[issuer", "cannot be read"),
        ('audience = "dossier"', "", "audience"),
    ],
)
def test_one_line_for_what_is_wrong(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    (tmp_path / FILE).write_text(GOOD.replace(was, becomes))
    with pytest.raises(ServerProblem, match=says):
        read_issuers(tmp_path)


def test_one_url_is_one_issuer(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD + GOOD)
    with pytest.raises(ServerProblem, match="two issuers"):
        read_issuers(tmp_path)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example.org/realms/a", True),
        ("http://127.0.0.1:9400", True),
        ("http://[::1]:9400", True),
        ("http://localhost:9400", True),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org", False),
        ("http://login@127.0.0.1", False),
        ("https://user:word@login.example.org", False),
        ("https://", False),
        ("//login.example.org", False),
        ("ftp://127.0.0.1", False),
        ("http://[::1", False),
        ("https://login.example.org#x", False),
    ],
)
def test_where_an_issuer_may_be(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
