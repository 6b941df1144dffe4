"""Fields of requests about policies: ids, sentences, and rows as TOML has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from commands.command import Command
from domain.publication.events import Rank, RowKind
from domain.publication.policy import Head
from domain.publication.rows import Row, row_of

PolicyId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
VersionNumber: TypeAlias = Annotated[int, Field(ge=1, lt=10**6)]
Sentence: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")
]
ChangeRecord: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")
]
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_ROWS, MOST_VALUES, DEEPEST, LONGEST = 500, 300, 5, 2_000


def plain(table: dict[str, Any]) -> dict[str, Any]:
    """Texts, whole numbers below 2^53, yes and no, lists and tables, within reason; names in ASCII.
    A day is a text. What else JSON has means nothing in a rule."""
    left = [MOST_VALUES]
    if not _is_plain(table, left, DEEPEST):
        raise PydanticCustomError("not_plain", "not what a row may hold")
    return table


RowTable: TypeAlias = Annotated[dict[str, Any], AfterValidator(plain)]
RowTables: TypeAlias = Annotated[tuple[RowTable, ...], Field(max_length=MOST_ROWS)]
DRAFTERS = frozenset({"crm_admin", "department_head", "management", "compliance_officer"})


class PolicyCommand(Command):
    """About one policy, by the id that events name it by: `cross_border_crm`."""

    PURPOSE: ClassVar[str] = "dpv:OrganisationComplianceManagement"
    ROLES: ClassVar[frozenset[str]] = DRAFTERS

    policy_id: PolicyId


class PolicyDocument(PolicyCommand):
    """A whole policy, as a TOML file has it."""

    says: Sentence
    zh: Sentence
    rank: Rank = Rank.COMPANY
    active: bool = True
    deadline: RowTables = ()
    cadence: RowTables = ()
    scheme: RowTables = ()

    @property
    def head(self) -> Head:
        return Head(says=self.says, zh=self.zh, rank=self.rank, active=self.active)

    def all_rows(self) -> list[Row]:
        """Raises RowMalformed for one without an id."""
        tables = {
            RowKind.DEADLINE: self.deadline,
            RowKind.CADENCE: self.cadence,
            RowKind.TIER_SCHEME: self.scheme,
        }
        return [row_of(self.policy_id, kind, table) for kind in tables for table in tables[kind]]


def _is_plain(value: Any, left: list[int], deeper: int) -> bool:
    left[0] -= 1
    if left[0] < 0 or deeper < 0:
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**53
    if isinstance(value, str):
        return len(value) <= LONGEST and not UNSTORABLE.search(value)
    if isinstance(value, Mapping):
        return all(
            isinstance(name, str)
            and name.isascii()
            and len(name) <= LONGEST
            and _is_plain(held, left, deeper - 1)
            for name, held in value.items()
        )
    return isinstance(value, list | tuple) and all(
        _is_plain(held, left, deeper - 1) for held in value
    )
