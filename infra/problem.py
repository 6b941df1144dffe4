"""A problem: why something was not done, as every door tells it.

A refusal keeps its own code. Of faults, those are listed that a caller can do something about;
any other is a defect of ours, which the door logs and tells as `internal_error`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from domain.refusal import (
    CommandReused,
    Conflict,
    CustomerErased,
    FutureFact,
    NotFound,
    Refused,
    UnstorableText,
)
from domain.staff.refusals import SelfApproval
from domain.staff.roles import RolesExclude
from infra.dispatch import PurposeNotListed, RoleNotAllowed
from infra.gate import AccessDenied, TrailUnavailable
from infra.gate.break_glass import GlassNotForRole, GlassReasonMissing
from infra.http.refusals import (
    BodyTooIntricate,
    BodyTooSlow,
    TooManyCustomers,
    TooManyRequests,
)
from infra.identity.credential import (
    NoRoleHeld,
    OutOfScope,
    TooManyFailures,
    Unauthenticated,
)
from infra.identity.tokens import LifetimeInvalid, NetworkInvalid, RoleUnknown, ScopeUnknown
from infra.messages import Language, field_sentence, sentence
from infra.record.group import QueueFull
from infra.record.migrate import DatabaseIsNewer, MigrationEdited
from infra.request import (
    CursorInvalid,
    ExpectationInvalid,
    FieldProblem,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    InvalidRequest,
    MalformedRequest,
    ParameterRepeated,
    ParameterUnknown,
    ProjectionBehind,
    PurposeMissing,
    UnknownCommand,
)
from infra.servers.problem import ServerProblem
from infra.vault.kek import WrongKeyFile
from infra.vault.keyring import KeysUnavailable

STATUS: Mapping[type[Refused], int] = {
    MalformedRequest: 400,
    IdempotencyKeyMissing: 400,
    IdempotencyKeyInvalid: 400,
    ExpectationInvalid: 400,
    ParameterUnknown: 400,
    ParameterRepeated: 400,
    CursorInvalid: 400,
    PurposeMissing: 400,
    Unauthenticated: 401,
    RoleNotAllowed: 403,
    OutOfScope: 403,
    NoRoleHeld: 403,
    SelfApproval: 403,
    AccessDenied: 403,
    GlassNotForRole: 403,
    NotFound: 404,
    UnknownCommand: 404,
    Conflict: 409,
    CustomerErased: 410,
    InvalidRequest: 422,
    CommandReused: 422,
    FutureFact: 422,
    UnstorableText: 422,
    PurposeNotListed: 422,
    RoleUnknown: 422,
    GlassReasonMissing: 422,
    RolesExclude: 422,
    LifetimeInvalid: 422,
    NetworkInvalid: 422,
    ScopeUnknown: 422,
    BodyTooIntricate: 422,
    BodyTooSlow: 408,
    TooManyFailures: 429,
    TooManyRequests: 429,
    TooManyCustomers: 429,
    ProjectionBehind: 503,
}
"""What is not listed is a rule of the business that the present state offends: 409."""

FAULTS: Sequence[tuple[type[Exception], str, int]] = (
    (TrailUnavailable, "trail_unavailable", 503),
    (WrongKeyFile, "wrong_key_file", 503),
    (KeysUnavailable, "keys_unavailable", 503),
    (MigrationEdited, "migration_edited", 503),
    (DatabaseIsNewer, "database_is_newer", 503),
    (ServerProblem, "server_problem", 503),
    (QueueFull, "busy", 503),
    (psycopg.OperationalError, "database_unavailable", 503),
    (redis.ConnectionError, "queue_unavailable", 503),
    (redis.TimeoutError, "queue_unavailable", 503),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """`status` is the HTTP status (RFC 9110); `parameters` hold ids and codes only."""

    code: str
    status: int
    clause: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[FieldProblem] = ()

    def sentence(self, language: Language) -> str:
        return sentence(self.code, language, self.parameters)

    def line(self, language: Language) -> str:
        """The whole of it in one line, for a terminal."""
        fields = "; ".join(
            f"{e.pointer.removeprefix('/')}: {field_sentence(e.code, language, e.parameters)}"
            for e in self.errors
        )
        return " ".join(f"{self.sentence(language)} {fields}".split())


def problem_of(fault: BaseException, *, insisted: bool = False) -> Problem | None:
    """What is told of a refusal or a known fault; None: a defect.

    `insisted`: the caller named a version, so that a conflict is a failed precondition.
    """
    if isinstance(fault, Refused):
        status = status_of(type(fault))
        return Problem(
            code=fault.code,
            status=412 if insisted and isinstance(fault, Conflict) else status,
            clause=fault.clause,
            parameters=fault.parameters,
            errors=fault.problems if isinstance(fault, InvalidRequest) else (),
        )
    for kind, code, status in FAULTS:
        if isinstance(fault, kind):
            told = {"problem": str(fault)} if kind is ServerProblem else {}
            return Problem(code, status, parameters=told)
    return None


def status_of(kind: type[Refused]) -> int:
    """The HTTP status of a refusal."""
    return next((STATUS[k] for k in kind.__mro__ if k in STATUS), 409)


def refusals() -> dict[str, type[Refused]]:
    """Every refusal that this process can meet, by code."""
    return {kind.code: kind for kind in _below(Refused)}


def kept_problem(code: str, clause: str | None, parameters: Mapping[str, Any]) -> Problem:
    """A problem as the queue kept it: a refusal's code with its parameters, or `internal_error`.

    The queue keeps a conflict only of a caller who named a version.
    """
    kind = refusals().get(code)
    status = 500 if kind is None else 412 if kind is Conflict else status_of(kind)
    return Problem(code, status, clause, parameters)


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)
