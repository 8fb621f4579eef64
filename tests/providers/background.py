"""An event loop in a thread, for servers that run beside a test."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Background:
    """Runs coroutines in a thread of its own; `with` starts and stops it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> "Background":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stop_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine there and wait for its result, at most 10 seconds."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def serve(self, starting: Coroutine[Any, Any, asyncio.Server]) -> int:
        """Start a server that stops with this; returns its port."""
        server = self.run(starting)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _stop_all(self) -> None:
        for server in self._servers:
            server.close()
        await asyncio.sleep(0.01)  # connections that their clients closed end by themselves
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.loop.shutdown_default_executor()
