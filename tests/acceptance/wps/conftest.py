"""A door for each test."""

from __future__ import annotations

import pytest
from wps_door import DoorUnderTest, a_door


@pytest.fixture
def door() -> DoorUnderTest:
    return a_door()
