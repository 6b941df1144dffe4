"""An issuer: a provider whose statements are believed, and which role each of its groups means.

Written in `oidc.toml` of the data folder, by whoever administers the installation:

    [[issuer]]
    name = "corp"
    url = "https://login.example.org"
    audience = "dossier"
    roles_claim = "groups"
    staff = true
    roles = { "crm agents" = "agent", "heads of department" = "department_head" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from domain.staff.roles import STAFF_ROLES
from infra.servers.problem import ServerProblem

FILE = "oidc.toml"


class Issuer(BaseModel):
    """`url` is what `iss` must equal, character by character. `staff`: whoever comes from there is
    a member of staff, and holds no more than what was granted to them here. An actor is called
    `prefix` (default: the name and a colon) and the provider's `sub`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
    url: str
    audience: Annotated[str, StringConstraints(min_length=1)]
    roles_claim: Annotated[str, StringConstraints(min_length=1)]
    roles: Mapping[str, str]
    staff: bool = False
    prefix: str | None = None

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        if not is_safe(url):
            raise ValueError("an issuer is reached over https, or over http on this machine")
        return url

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: Mapping[str, str]) -> Mapping[str, str]:
        if unknown := sorted(set(roles.values()) - STAFF_ROLES):
            raise ValueError(f"there is no role {unknown[0]!r} for a person")
        return roles

    def actor(self, subject: str) -> str:
        return (f"{self.name}:" if self.prefix is None else self.prefix) + subject

    def roles_of(self, claims: Mapping[str, Any]) -> Sequence[str]:
        """The roles its groups mean, in the order of the file. Other claims are not looked at.

        A dot in `roles_claim` goes one object deeper, as in `realm_access.roles`.
        """
        found: Any = claims
        for part in self.roles_claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return tuple(dict.fromkeys(role for group, role in self.roles.items() if group in groups))


def is_safe(url: str) -> bool:
    """Whether nobody on the way can answer in its place: https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_issuers(folder: Path) -> Sequence[Issuer]:
    """Those of `oidc.toml`; none without the file. Raises ServerProblem if it is malformed."""
    file = folder / FILE
    if not file.exists():
        return ()
    try:
        rows = tomllib.loads(file.read_text("utf-8")).get("issuer", [])
        issuers = [Issuer.model_validate(row) for row in rows]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ServerProblem(f"{FILE}: {where}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise ServerProblem(f"{FILE} cannot be read: {type(error).__name__}") from None
    if len({issuer.url for issuer in issuers}) < len(issuers):
        raise ServerProblem(f"{FILE}: two issuers have one url")
    return issuers
