"""The rows that a request leaves in the trail: ids and codes, nothing anybody typed.

A request leaves one row; under broken glass one for each event that was opened from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from domain.policy.access import AccessPolicy
from infra.gate.access import Access
from infra.gate.deciding import Asked, Grounds
from infra.gate.fields import field_codes

UNLISTED = "unlisted"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,79}")


def permitted(asked: Asked, grounds: Grounds, policy: AccessPolicy) -> list[Access]:
    basis = " ".join(sorted(grounds.bases))
    rule = " ".join(sorted(grounds.rules))
    if grounds.broken is None:
        return [_row(asked, None, "permit", rule, policy, basis, grounds)]
    events: dict[tuple[UUID, bytes], list[int]] = {}
    for n, (value, part) in enumerate(zip(asked.tokens, asked.parts, strict=True)):
        events.setdefault((value.subject, part.event), []).append(n)
    return [
        _row(asked, numbers, "permit", rule, policy, basis, grounds) for numbers in events.values()
    ]


def denied(asked: Asked, rule: str, policy: AccessPolicy, grounds: Grounds) -> list[Access]:
    """As full as a permission: whose values, which fields, by which rule of which version."""
    basis = asked.reader.legal_basis
    if basis is not None and not any(basis in purpose.bases for purpose in policy.purposes):
        basis = UNLISTED
    return [_row(asked, None, "deny", rule, policy, basis, grounds)]


def _row(
    asked: Asked,
    chosen: Sequence[int] | None,
    decision: str,
    rule: str,
    policy: AccessPolicy,
    basis: str | None,
    grounds: Grounds,
) -> Access:
    """`chosen`: which of the values asked for; None is all of them."""
    reader, parts = asked.reader, asked.parts
    if chosen is None:
        subjects = sorted(asked.categories or {value.subject for value in asked.tokens})
        tokens = len(asked.tokens)
    else:
        subjects = sorted({asked.tokens[n].subject for n in chosen})
        parts = [parts[n] for n in chosen]
        tokens = len(chosen)
    events = {part.event for part in parts}
    return Access(
        actor=reader.actor,
        role=reader.role,
        on_behalf_of=reader.on_behalf_of,
        operation="open" if reader.recipient is None else "share",
        purpose=asked.purpose if policy.lists(asked.purpose) else UNLISTED,
        legal_basis=basis,
        decision=decision,
        rule=rule,
        policy=policy.name,
        subjects=subjects,
        fields=field_codes(frozenset([part.field for part in parts])),
        tokens=tokens,
        row_count=len(events),
        record_ref=UUID(bytes=events.pop()) if len(events) == 1 else None,
        consents=sorted(grounds.consents),
        agreement=grounds.agreement,
        recipient=_code(reader.recipient),
        break_glass=grounds.broken,
        auth_method=_code(reader.auth_method),
        correlation=reader.correlation,
        request_id=reader.request_id,
    )


def _code(text: str | None) -> str | None:
    return text if text is None or _CODE.fullmatch(text) else UNLISTED
