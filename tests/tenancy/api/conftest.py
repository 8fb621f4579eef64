"""What all tests of the ground under the API need: nobody has asked yet."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def uncounted() -> None:
    cache.clear()
