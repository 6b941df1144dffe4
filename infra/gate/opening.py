"""`Gate.open`: sealed values in, texts out, with the access recorded in between.

The only module that may unseal. A request is permitted as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from domain.policy.access import AccessPolicy
from domain.refusal import NotFound, Refused
from infra.gate.break_glass import Glass, NoGlass
from infra.gate.consent_book import ConsentBook, NoConsents
from infra.gate.deciding import Asked, Deciding, Grounds
from infra.gate.noting import denied, permitted
from infra.gate.reader import Reader, SealedValue
from infra.gate.subjects import NoSubjects, Subjects
from infra.gate.trail import Trail
from infra.policies import shipped_access_policy
from infra.vault.keyring import Keyring, KeysUnavailable
from infra.vault.opening_key import OpeningKey, Reference
from infra.vault.token import NotAToken, read
from infra.vault.unsealing import Tampered, unseal


class AccessDenied(Refused):
    """These values may not be opened so. Parameters: rule, purpose."""

    clause = "CB-14.1b"


class WrongPlace(Refused):
    """A token was offered as a field it was not sealed for. Parameters: expected, actual."""


class Gate:
    """Every part but keys and trail may be left out; what is left out permits nothing: no
    consents, nobody in a bounded scope, no broken glass. `clock` gives aware times."""

    def __init__(
        self,
        keyring: Keyring,
        trail: Trail,
        policy: AccessPolicy | None = None,
        consents: ConsentBook | None = None,
        *,
        subjects: Subjects | None = None,
        glass: Glass | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.policy = policy or shipped_access_policy()
        self._keyring = keyring
        self._trail = trail
        self._clock = clock
        self._deciding = Deciding(
            self.policy, consents or NoConsents(), subjects or NoSubjects(), glass or NoGlass()
        )

    def open(self, tokens: Sequence[SealedValue], reader: Reader, purpose: str) -> list[str | None]:
        """The texts of these tokens, in order; None where the person has been erased.

        What is decided is committed to trail.access first, whether it is permitted or not; no
        tokens, no row. All of them are opened or none. Raises AccessDenied, NotFound for somebody
        outside the reader's scope, WrongPlace, NotAToken, Tampered, KeyNotAsRecorded,
        KeysUnavailable, TrailUnavailable.
        """
        if not tokens:
            return []
        asked = Asked(tokens, reader, purpose, self._clock())
        grounds = Grounds()
        try:
            parts = [read(value.token) for value in tokens]
        except NotAToken:
            self._deny(asked, "not-a-token", grounds)
            raise
        asked.taken_apart(parts)
        for value, part in zip(tokens, parts, strict=True):
            if value.path is not None and value.path != part.field.path:
                self._deny(asked, "wrong-place", grounds)
                raise WrongPlace(expected=value.path, actual=part.field.path)
        grounds = self._deciding.decide(asked)
        if grounds.denied is not None:
            self._refuse(asked, grounds)
        self._keys(asked, grounds)
        self._trail.note(permitted(asked, grounds, self.policy))
        # Again, for a key may have been stopped or destroyed while the row was on its way.
        keys = self._keys(asked, grounds)
        try:
            return unseal(
                [(value.subject, part) for value, part in zip(tokens, parts, strict=True)], keys
            )
        except Tampered:
            self._deny(asked, "tampered", grounds)
            raise

    def _keys(self, asked: Asked, grounds: Grounds) -> Mapping[Reference, OpeningKey]:
        try:
            keys = self._keyring.for_opening(asked.wanted)
        except KeysUnavailable:
            self._deny(asked, "keys-unavailable", grounds)
            raise
        except Refused:
            self._deny(asked, "key-commitment", grounds)
            raise
        if self._deciding.stopped(asked, grounds, keys):
            self._refuse(asked, grounds)
        return keys

    def _refuse(self, asked: Asked, grounds: Grounds) -> None:
        """Somebody outside the reader's scope does not exist for them."""
        assert grounds.denied is not None
        rule, subject = grounds.denied
        self._deny(asked, rule, grounds)
        if rule == "out-of-scope":
            raise NotFound(kind="customer", id=str(subject))
        raise AccessDenied(rule=rule, purpose=asked.purpose)

    def _deny(self, asked: Asked, rule: str, grounds: Grounds) -> None:
        self._trail.note(denied(asked, rule, self.policy, grounds))
