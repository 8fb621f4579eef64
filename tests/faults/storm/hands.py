"""Threads that take work from a queue until they are told to stop."""

import threading
from abc import ABC, abstractmethod
from queue import Empty, Queue
from typing import Generic, Self, TypeVar

Work = TypeVar("Work")


class Hands(ABC, Generic[Work]):
    """So many threads at work inside the `with`; who leaves it waits `patience` seconds for each of them."""

    def __init__(self, at_once: int, patience: float) -> None:
        self._waiting: Queue[Work] = Queue()
        self._over = threading.Event()
        self._patience = patience
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(at_once)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(self._patience)

    @property
    def are_behind(self) -> bool:
        """Whether work waits for a hand."""
        return not self._waiting.empty()

    def write(self, some: list[Work]) -> None:
        """Let these be written from now on."""
        for work in some:
            self._waiting.put(work)

    @abstractmethod
    def do(self, work: Work) -> None:
        """Do one piece of work."""

    def _work(self) -> None:
        while not self._over.is_set():
            try:
                work = self._waiting.get(timeout=0.1)
            except Empty:
                continue
            self.do(work)
