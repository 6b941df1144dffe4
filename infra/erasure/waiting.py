"""A step that has its turn later."""

from __future__ import annotations


class Waiting(Exception):
    """`why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
