"""The key events: under which key a subject's values are sealed from here on."""

from __future__ import annotations

from domain.event import Event, Frozen
from domain.personal import Category


class SubjectKeyCreated(Event):
    """Precedes, in the same append, the first event sealed under a new key.

    `commitment` binds the key without telling it, so that it cannot be exchanged unseen. The
    record writes it; no aggregate's `evolve` ever sees it.
    """

    category: Category
    generation: int
    commitment: str


class DestroyedKey(Frozen):
    """A key that is gone, named by what the record said of it when it was made."""

    category: Category
    generation: int
    commitment: str
