"""The key events: under which key a subject's values are sealed from here on, and which
key-encryption key is gone."""

from __future__ import annotations

from uuid import UUID, uuid5

from domain.event import Event, Frozen
from domain.personal import Category
from domain.refusal import Refused

KEYRING = uuid5(UUID(int=0), "dossier keyring")
"""The stream of what concerns the keys of the whole installation; it is about nobody."""


class SubjectKeyCreated(Event):
    """Precedes, in the same append, the first event sealed under a new key.

    `commitment` binds the key without telling it, so that it cannot be exchanged unseen. The
    record writes it; no aggregate's `evolve` ever sees it.
    """

    category: Category
    generation: int
    commitment: str


class KekEpochDestroyed(Event):
    """The key-encryption key `epoch` is gone: what only it could unwrap, in old backups too, is
    unreadable from here on. Living keys had been wrapped under `succeeded_by` before."""

    epoch: int
    succeeded_by: int


class ProcessingRestricted(Refused):
    """The processing of this person's data is restricted: nothing of the kind is added.
    Parameters: customer, category."""


class DestroyedKey(Frozen):
    """A key that is gone, named by what the record said of it when it was made."""

    category: Category
    generation: int
    commitment: str
