"""Events of a privacy case. Its stream is that of one customer; nothing in them is personal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.event import Event, Frozen
from domain.keys import DestroyedKey
from domain.personal import Category
from domain.terms import Channel, Language


class RequestType(StrEnum):
    """What CB-15.2b lets a customer ask for."""

    ERASURE = "erasure"
    STOP_USE = "stop_use"


class Disposition(StrEnum):
    """What becomes of a category: gone now; kept, to be used for nothing else; left as it is."""

    DESTROY = "destroy"
    RESTRICT = "restrict"
    REFUSE = "refuse"


class Ruling(Frozen):
    """What becomes of one category and why. `basis` is a retention rule, a hold, or the request.

    `until`: the first day on which it is looked at again; None with `restrict`: until what `basis`
    names has ended.
    """

    category: Category
    disposition: Disposition
    basis: str
    until: date | None = None


class PrivacyRequestReceived(Event):
    """What the customer asked for, and by which way."""

    request: UUID
    request_type: RequestType
    categories: tuple[Category, ...]
    received_by: str
    channel: Channel
    language: Language | None = None


class RequesterIdentified(Event):
    """Whoever asked is the customer. `method`: how that was made sure; by somebody else than who
    took the request."""

    request: UUID
    method: str
    identified_by: str


class PrivacyRequestRefused(Event):
    """`ground`: why, as a code: nothing is turned down without one."""

    request: UUID
    ground: str


class RetentionEvaluated(Event):
    """One ruling per category asked for. `policy` is the version of the retention rules."""

    request: UUID
    rulings: tuple[Ruling, ...]
    policy: str


class ProcessingRestricted(Event):
    """From here on these categories open for legal compliance, disputes and rights only."""

    request: UUID
    categories: tuple[Category, ...]


class DestructionBegun(Event):
    """No hold stood in the way when this was recorded, and none placed later can."""

    request: UUID
    categories: tuple[Category, ...]


class PrivacyRequestExecuted(Event):
    """What was asked for has been done as far as the rulings go."""

    request: UUID
    destroyed: tuple[DestroyedKey, ...]
    restricted: tuple[Category, ...]
    refused: tuple[Category, ...]


class CopiesPurged(Event):
    """How many entries went, by store: indexes, read models, caches, names outside systems use."""

    request: UUID
    purged: Mapping[str, int]


class RecipientsTold(Event):
    """A notice to everybody the data were shared with is queued (GDPR art. 19); that one has been
    delivered is not what this says."""

    request: UUID
    recipients: tuple[str, ...]


class ResidueScanned(Event):
    """What a search for the person's data in every store came to. `needles`: how many values were
    searched for; 0 where nobody knew any, and nothing was searched.
    `unread`: how many things could not be looked into."""

    SCHEMA: ClassVar[int] = 2

    request: UUID
    scanner: str
    needles: int
    objects: int
    bytes: int
    hits: int
    unread: int


class ErasureCertified(Event):
    """The certificate: its SHA-256, the signature (Ed25519, hex) and the key that made it.

    `backups_until_epoch`: copies in backups die with this epoch of the key-encryption key.
    """

    request: UUID
    digest: str
    signature: str
    signing_key: str
    backups_until_epoch: int


class PrivacyRequestFulfilled(Event):
    """The customer has the answer."""

    request: UUID
    channel: Channel
    language: Language | None = None


class BackupCopiesGone(Event):
    """The epoch under which old backups held the person's keys is destroyed."""

    request: UUID
    epoch: int


class LegalHoldPlaced(Event):
    """These categories must not be destroyed. `basis`: the proceeding or law, as a code."""

    hold: UUID
    categories: tuple[Category, ...]
    basis: str
    owner: str
    review_on: date


class LegalHoldReleased(Event):
    hold: UUID
    ground: str


PrivacyEvent = (
    PrivacyRequestReceived
    | RequesterIdentified
    | PrivacyRequestRefused
    | RetentionEvaluated
    | ProcessingRestricted
    | DestructionBegun
    | PrivacyRequestExecuted
    | CopiesPurged
    | RecipientsTold
    | ResidueScanned
    | ErasureCertified
    | PrivacyRequestFulfilled
    | BackupCopiesGone
    | LegalHoldPlaced
    | LegalHoldReleased
)
