"""Finding customers by e-mail, phone or name: POST, so that no address or log holds what for."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from infra.http.asked import body, known_parameters, product_of
from infra.http.scope import Scope
from infra.request import InvalidRequest, field_problems, read_object

router = APIRouter(prefix="/v1", tags=["Questions"])


class Lookup(BaseModel):
    """Whom to look for, and what for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["email", "phone", "name"] = Field(
        description="How: by e-mail and phone exactly, by name roughly"
    )
    value: str = Field(min_length=1, max_length=500, repr=False, description="What is known")
    purpose: str = Field(
        max_length=100,
        pattern=r"^dpv:[A-Za-z]+$",
        description="What for, as a term of the Data Privacy Vocabulary",
    )


class Found(BaseModel):
    """A customer who may be meant."""

    customer: UUID
    market: str | None
    name: str | None = Field(description="As it is now; null where it may not be opened")


class AllFound(BaseModel):
    """At most 50, those that fit best first."""

    items: list[Found]


EXAMPLE = {"kind": "email", "value": "ann@example.org", "purpose": "dpv:CustomerCare"}


@router.post("/customers/lookup", operation_id="lookup", response_model=AllFound)
def lookup(
    request: Request,
    scope: Annotated[Scope, Depends()],
    _: Annotated[None, Depends(known_parameters)],
    sent: Annotated[bytes, Depends(body)],
) -> AllFound:
    """Customers by e-mail, phone or name, within the caller's scope; on record before it answers.

    What was searched for is kept nowhere.
    """
    scope.who.must_reach("read:lookup")
    wanted = read_lookup(sent)
    reader = scope.reader(wanted.purpose)
    found = product_of(request).finder.find(wanted.kind, wanted.value, reader, wanted.purpose)
    if found:
        scope.note_seen([one.customer for one in found])
    return AllFound(items=[Found(customer=f.customer, market=f.market, name=f.name) for f in found])


def read_lookup(sent: bytes) -> Lookup:
    """Raises MalformedRequest, InvalidRequest."""
    fields = read_object(sent)
    try:
        return Lookup.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(list(field_problems(error))) from None
