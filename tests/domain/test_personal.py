"""A personal value is itself and compared with nothing else."""

from __future__ import annotations

import pytest

from domain.personal import Personal


def test_is_itself_and_is_not_compared() -> None:
    ada = Personal("Ada")
    assert ada == ada
    for other in (Personal("Ada"), "Ada", None):
        with pytest.raises(TypeError):
            assert ada != other
