"""The made-up Twilio on loopback, in threads: its API on one port, the store of its media on another."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.providers.twilio.app import application
from tests.providers.twilio.messages import Message
from tests.providers.twilio.state import Twilio
from tests.providers.web import serving


@dataclass
class TwilioServer(Twilio):
    """A Twilio that can be reached at `url`."""

    def wait_for(self, count: int, seconds: float = 10) -> list[Message]:
        """The messages that were sent by the API, once there are `count`. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while len(sent := [one for one in self.messages if one.direction == "outbound-api"]) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(sent)} of {count} messages came")
            time.sleep(0.02)
        return sent


@contextmanager
def serve() -> Iterator[TwilioServer]:
    """Start a Twilio with an account and no numbers."""
    twilio = TwilioServer()
    app = application(twilio)
    with serving(app) as twilio.url, serving(app) as twilio.store_url:
        try:
            yield twilio
        finally:
            twilio.closing.set()


@pytest.fixture
def twilio_server() -> Iterator[TwilioServer]:
    """A Twilio on loopback."""
    with serve() as twilio:
        yield twilio
