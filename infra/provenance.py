"""Who handled a person's data, as W3C PROV (PROV-JSON, the member submission of 24 April 2013).

Entities are events and the fields that hold sealed values, activities are commands and accesses,
agents are actors and outside recipients. Nothing is opened for it: a document holds ids, codes and
times, and is as fit to be read as the record and the trail are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from queries.handling_of import Access, Recording

PREFIXES = {"dossier": "urn:dossier:"}
Document = dict[str, dict[str, Any]]


def document(
    customer: UUID, recordings: Sequence[Recording], accesses: Sequence[Access]
) -> Document:
    """One PROV document: `wasGeneratedBy` and `used` say what each activity did, and
    `wasAssociatedWith` who in which role. A refused access used nothing."""
    made: Document = {"prefix": dict(PREFIXES)}
    whom = _name("customer", customer)
    _put(made, "entity", whom, {"prov:type": _term("dossier:Customer")})
    for event in recordings:
        _recorded(made, event, whom)
    for access in accesses:
        _accessed(made, access, whom)
    return made


def write(file: Path, made: Document) -> None:
    """A new file that only its owner reads. Raises OSError, also if there is one already."""
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as opened:
        json.dump(made, opened, ensure_ascii=False, indent=1)
        opened.write("\n")


def _recorded(made: Document, event: Recording, whom: str) -> None:
    entity, command = _name("event", event.event_id), _name("command", event.command_id)
    _put(made, "entity", entity, {
        "prov:type": _term(_name("type", event.type)),
        "dossier:position": event.position,
        "dossier:stream": str(event.stream),
        "dossier:version": event.version,
        "dossier:happened": _time(event.at),
    })  # fmt: skip
    _put(made, "activity", command, {
        "prov:type": _term("dossier:Command"),
        "prov:endTime": _time(event.recorded_at),
        "dossier:purpose": event.purpose,
    })  # fmt: skip
    _put(made, "wasGeneratedBy", f"_:generation-{event.position}", {
        "prov:entity": entity, "prov:activity": command, "prov:time": _time(event.recorded_at),
    })  # fmt: skip
    _put(made, "wasAttributedTo", f"_:attribution-{event.position}", {
        "prov:entity": entity, "prov:agent": _agent(made, event.actor),
    })  # fmt: skip
    _put(made, "wasInfluencedBy", f"_:about-{event.position}", {
        "prov:influencee": whom, "prov:influencer": entity,
    })  # fmt: skip
    _associate(made, command, event.actor, event.role, event.on_behalf_of)


def _accessed(made: Document, access: Access, whom: str) -> None:
    activity = _name("access", access.id)
    said = {
        "prov:type": _term("dossier:Access"),
        "prov:startTime": _time(access.at),
        "prov:endTime": _time(access.at),
        "dossier:operation": access.operation,
        "dossier:purpose": access.purpose,
        "dossier:legalBasis": access.legal_basis,
        "dossier:decision": access.decision,
        "dossier:rule": access.rule,
        "dossier:policy": access.policy,
        "dossier:brokenGlass": None if access.break_glass is None else str(access.break_glass),
        "dossier:asked": list(access.fields) or None,
    }
    _put(made, "activity", activity, {key: value for key, value in said.items() if value})
    _associate(made, activity, access.actor, access.role, access.on_behalf_of)
    if access.decision != "permit":
        return
    used = [_field(made, whom, code) for code in access.fields]
    if access.record_ref is not None:
        used.append(_name("event", access.record_ref))
        made.setdefault("entity", {}).setdefault(used[-1], {})
    for n, entity in enumerate(used):
        _put(made, "used", f"_:use-{access.id}-{n}", {
            "prov:activity": activity, "prov:entity": entity, "prov:time": _time(access.at),
        })  # fmt: skip
    if access.recipient is not None:
        recipient = _agent(made, access.recipient, "recipient")
        _put(made, "wasAssociatedWith", f"_:sharing-{access.id}", {
            "prov:activity": activity, "prov:agent": recipient, "prov:role": "recipient",
        })  # fmt: skip


def _field(made: Document, whom: str, code: str) -> str:
    entity = f"{whom}/{quote(code, safe='')}"
    _put(made, "entity", entity, {
        "prov:type": _term("dossier:SealedField"), "dossier:field": code,
    })  # fmt: skip
    return entity


def _associate(
    made: Document, activity: str, actor: str, role: str, on_behalf_of: str | None
) -> None:
    agent = _agent(made, actor)
    ends = activity.partition(":")[2]
    _put(made, "wasAssociatedWith", f"_:association-{ends}", {
        "prov:activity": activity, "prov:agent": agent, "prov:role": role,
    })  # fmt: skip
    if on_behalf_of is not None:
        _put(made, "actedOnBehalfOf", f"_:delegation-{ends}", {
            "prov:delegate": agent,
            "prov:responsible": _agent(made, on_behalf_of),
            "prov:activity": activity,
        })  # fmt: skip


def _agent(made: Document, code: str, kind: str = "actor") -> str:
    agent = _name(kind, code)
    _put(made, "agent", agent, {f"dossier:{kind}": code})
    return agent


def _name(kind: str, local: object) -> str:
    """A qualified name; what is not allowed in one is escaped as in a URI."""
    return f"dossier:{kind}/{quote(str(local), safe='')}"


def _term(name: str) -> Mapping[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _put(made: Document, kind: str, name: str, said: Mapping[str, Any]) -> None:
    made.setdefault(kind, {})[name] = dict(said)
