"""Who opens, and what is offered for opening."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class Reader(NamedTuple):
    """Who opens: taken from the credential, never from a request.

    Scope: `markets` None is every market; `teams` None with `own` False is everybody's customers,
    otherwise those with a case of one of these teams or, with `own`, a case of the actor.
    `legal_basis`: a DPV term, None for the first that fits. `recipient`: who outside receives the
    values; whether an agreement covers them is looked up. `agreement` names the one meant, if
    there are several. `correlation` and `request_id` tie the access to what it was part of.
    `auth_method`: how the reader came in, a code. `break_glass`: which of the reader's broken
    glasses, None for any that still holds (see `infra.gate.break_glass`).
    """

    actor: str
    role: str
    correlation: UUID
    on_behalf_of: str | None = None
    markets: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    own: bool = False
    legal_basis: str | None = None
    recipient: str | None = None
    agreement: UUID | None = None
    request_id: UUID | None = None
    auth_method: str | None = None
    break_glass: UUID | None = None


class SealedValue(NamedTuple):
    """A token, and where whoever shows it believes it comes from."""

    token: str
    subject: UUID
    path: str | None = None
