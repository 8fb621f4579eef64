"""A web application on loopback, in a thread, for as long as a test lasts."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from tests.providers.background import Background

HOST = "127.0.0.1"


@contextmanager
def serving(application: Starlette) -> Iterator[str]:
    """Serve an application; gives its base URL."""
    with Background() as background, socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        running = asyncio.run_coroutine_threadsafe(server.serve([listener]), background.loop)
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            running.result(10)
