"""Conversations to read."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conversations.services.conftest import NOW, clock, mail, person, sms, write

__all__ = ["NOW", "clock", "mail", "person", "sms", "write"]


@pytest.fixture
def queries() -> Callable[[Callable[[], object]], int]:
    """`queries(read)`: how many queries a read takes."""

    def counted(read: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as captured:
            read()
        return len(captured)

    return counted
