"""What tests of commands may ask for besides."""

from __future__ import annotations

import pytest

from tests.commands.office import Office


@pytest.fixture
def office() -> Office:
    return Office()
