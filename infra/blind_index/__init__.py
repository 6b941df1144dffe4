"""Finding a person by e-mail, phone or name without storing any of them.

Keyed hashes stand for the values: `keys.py` has the keys, `spelling.py` says when two spellings are
one value, `noting.py` what a command leaves behind, `finding.py` how somebody is found, and
`rebuilding.py` makes all of it anew from the record. It is no part of the record: an erasure
removes it.
"""

from infra.blind_index.finding import Finder, FoundCustomer, forget, found
from infra.blind_index.keys import BlindIndexUnavailable, BlindKeys
from infra.blind_index.noting import BlindIndex

__all__ = [
    "BlindIndex",
    "BlindIndexUnavailable",
    "BlindKeys",
    "Finder",
    "FoundCustomer",
    "forget",
    "found",
]
