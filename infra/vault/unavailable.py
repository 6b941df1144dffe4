"""Why nothing personal can be sealed or opened just now."""

from __future__ import annotations


class KeysUnavailable(Exception):
    """No key can be used at the moment: there is no key-encryption key, or this process cannot
    tell which keys were destroyed."""


class EpochBehind(KeysUnavailable):
    """The keys folder knows a later epoch than the database: the database came from a backup."""


class WatchLost(KeysUnavailable):
    """Nobody can tell this process that a key was destroyed, so it opens nothing."""
