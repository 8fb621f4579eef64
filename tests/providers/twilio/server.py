"""The made-up Twilio on loopback, in a thread: its API on one port, the store of its media on another."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn

from tests.providers.background import Background
from tests.providers.twilio.app import application
from tests.providers.twilio.messages import Message
from tests.providers.twilio.state import Twilio

HOST = "127.0.0.1"


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
    with Background() as background:
        api, store = _listener(), _listener()
        twilio = TwilioServer(url=_url(api), store_url=_url(store))
        server = uvicorn.Server(
            uvicorn.Config(application(twilio), log_level="critical", lifespan="off", ws="none")
        )
        running = asyncio.run_coroutine_threadsafe(server.serve([api, store]), background.loop)
        try:
            yield twilio
        finally:
            twilio.closing.set()
            server.should_exit = True
            running.result(10)


@pytest.fixture
def twilio_server() -> Iterator[TwilioServer]:
    """A Twilio on loopback."""
    with serve() as twilio:
        yield twilio


def _listener() -> socket.socket:
    """A socket on a free port that takes connections at once."""
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen()
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"
