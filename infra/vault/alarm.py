"""An alarm: a row in the trail that says a key is not what it has to be."""

from __future__ import annotations

from uuid import uuid4

from infra.record.packed import Texts, Uuids
from infra.vault.epochs import Connect
from infra.vault.opening_key import Reference


def alarm(connect: Connect, rule: str, reference: Reference) -> None:
    """Committed apart from whatever is going on, so that it stays when that is given up."""
    subject, category, generation = reference
    with connect() as connection:
        connection.execute(
            "INSERT INTO trail.access (actor, role, operation, purpose, decision, rule, subjects,"
            " fields, tokens, correlation) VALUES ('system:keyring', 'system', 'unwrap',"
            " 'dpv:EnforceSecurity', 'deny', %s, %s, %s, 0, %s)",
            (rule, Uuids([subject]), Texts([f"{category}/{generation}"]), uuid4()),
        )
