"""Provenance: which event wrote the value a field has now."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from domain.customer.events import (
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerRegistered,
)
from domain.customer.profile import ProfileField, fields_given
from domain.event import Event, Recorded


def written_in(history: Iterable[Recorded[Event]]) -> dict[ProfileField, UUID]:
    """For each field held, the id of the event that wrote it.

    For a sealed field it is what its `Personal.recorded_in` says, too; country and language are
    not sealed, so the history is asked.
    """
    origin: dict[ProfileField, UUID] = {}
    for recorded in history:
        event = recorded.event
        match event:
            case CustomerRegistered() | CustomerProfileCompleted() | CustomerProfileUpdated():
                given = fields_given(event.profile, event.country, event.language)
                origin.update(dict.fromkeys(given, recorded.header.event_id))
        if isinstance(event, CustomerProfileUpdated):
            for correction in event.corrections:
                if correction.removed:
                    del origin[correction.field]
    return origin
