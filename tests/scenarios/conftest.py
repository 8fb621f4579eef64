"""Fixtures of the scenarios."""

from collections.abc import Iterator

import pytest

from tests.scenarios.story import Story, told


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    """A workspace with an agent and a clock, gone after the test."""
    with told() as story:
        yield story
