"""The inbox of a workspace in which customers have written."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import kinds
from tests.conversations.services.conftest import NOW, clock, mail, person, sms, write
from tests.senders import senders

__all__ = ["NOW", "clock", "mail", "person", "sms", "write"]

ROOT = "/w/acme/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def both_can_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms"))


@pytest.fixture
def queries(client: Client) -> Callable[..., int]:
    """`queries(path)`: how many queries an agent's visit takes."""

    def counted(path: str, **headers: str) -> int:
        client.get(path)  # what only a first visit does
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, headers=headers).status_code == 200
        return len(captured)

    return counted
