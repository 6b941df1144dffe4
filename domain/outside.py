"""Ids for what an outside system has numbered and what names no person: orders, incidents, files.

The same number always gives the same stream, so a document that arrives twice meets itself.
Persons never get such an id: anybody who knows the number could recompute it.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

_OUTSIDE = uuid5(NAMESPACE_URL, "urn:dossier:outside")


def outside_id(kind: str, source: str, number: str) -> UUID:
    """RFC 9562 version 5. Lengths are part of the name, so no two triples share one."""
    return uuid5(_OUTSIDE, f"{kind}:{len(source)}:{source}:{number}")
