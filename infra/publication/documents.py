"""A policy file as a request: TOML, with its days as texts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from commands.policy.draft_policy import DraftPolicy
from domain.publication.events import RowKind
from domain.refusal import Refused
from infra.request import InvalidRequest, field_problems

LARGEST = 1_000_000
HEAD = ("says", "zh", "rank", "active")
FOR_READERS = ("approved_by",)
"""What a file says to those who read it; on record, events say it."""


class PolicyFileUnreadable(Refused):
    """The file is not there, too large, or no TOML in UTF-8. Parameters: file, line."""


class PolicyFilePart(Refused):
    """The file has a part that no policy has, or lacks one. Parameters: file, part."""


def document_at(path: Path) -> dict[str, Any]:
    """Raises PolicyFileUnreadable."""
    try:
        if path.stat().st_size > LARGEST:
            raise PolicyFileUnreadable(file=path.name, line=None)
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError):
        raise PolicyFileUnreadable(file=path.name, line=None) from None
    except tomllib.TOMLDecodeError as fault:
        raise PolicyFileUnreadable(file=path.name, line=getattr(fault, "lineno", None)) from None


def drafted(document: Mapping[str, Any], file: str) -> DraftPolicy:
    """The request to draft what a file says. Raises PolicyFilePart, InvalidRequest."""
    try:
        return DraftPolicy.model_validate(fields_of(document, file))
    except ValidationError as fault:
        raise InvalidRequest(list(field_problems(fault))) from None


def fields_of(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    """The fields of a policy document: its head, and its rows by their kind. The version is not
    among them: it is the record that counts."""
    kinds = {kind.value for kind in RowKind}
    head = document.get("pack")
    if not isinstance(head, Mapping):
        raise PolicyFilePart(file=file, part="pack")
    if strange := sorted({*document} - kinds - {"pack"}):
        raise PolicyFilePart(file=file, part=strange[0][:80])
    if strange := sorted({*head} - {"id", "version", *HEAD, *FOR_READERS}):
        raise PolicyFilePart(file=file, part=f"pack.{strange[0][:80]}")
    said = {name: head[name] for name in HEAD if name in head}
    rows = {kind: [as_kept(row) for row in _tables(document, kind, file)] for kind in kinds}
    return {"policy_id": head.get("id"), **said, **rows}


def as_kept(value: Any) -> Any:
    """A value of TOML as rows keep it: days and times are texts."""
    if isinstance(value, Mapping):
        return {name: as_kept(held) for name, held in value.items()}
    if isinstance(value, list):
        return [as_kept(held) for held in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _tables(document: Mapping[str, Any], kind: str, file: str) -> list[Mapping[str, Any]]:
    found = document.get(kind, [])
    if not (isinstance(found, list) and all(isinstance(row, Mapping) for row in found)):
        raise PolicyFilePart(file=file, part=kind)
    return found
