"""Mine and the other: for every test here."""

import pytest

from tests.isolation.worlds import World, two_worlds


@pytest.fixture
def worlds(db: None, settings, tmp_path) -> tuple[World, World]:
    settings.MEDIA_ROOT = tmp_path
    return two_worlds()


@pytest.fixture
def mine(worlds: tuple[World, World]) -> World:
    return worlds[0]


@pytest.fixture
def other(worlds: tuple[World, World]) -> World:
    return worlds[1]
