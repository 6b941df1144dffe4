"""Requests that were refused, on the trail: who tried what, with whose data, and why not."""

from __future__ import annotations

from uuid import UUID

from commands.command import Command
from domain.refusal import Refused
from infra.gate.access import Access
from infra.gate.trail import Trail
from infra.vault.sealing import Provenance


class Refusals:
    """Writes a row per refused command. Raises TrailUnavailable, which is then the answer."""

    def __init__(self, trail: Trail, listed: frozenset[str]) -> None:
        self._trail = trail
        self._listed = listed

    def __call__(self, command: Command, provenance: Provenance, refusal: Refused) -> None:
        subject = getattr(command, "customer_id", None)
        purpose = provenance.purpose
        row = Access(
            actor=provenance.actor,
            role=provenance.role,
            on_behalf_of=None,
            operation=f"command:{type(command).__name__}",
            purpose=purpose if purpose in self._listed else "unlisted",
            legal_basis=None,
            decision="deny",
            rule=refusal.code,
            policy=refusal.clause or "",
            subjects=[subject] if isinstance(subject, UUID) else [],
            fields=[],
            tokens=0,
            row_count=0,
            record_ref=None,
            consents=[],
            agreement=None,
            recipient=None,
            break_glass=None,
            auth_method=None,
            correlation=provenance.correlation,
            request_id=None,
        )
        self._trail.note([row])
