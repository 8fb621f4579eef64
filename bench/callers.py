"""Programs that call a server over HTTP, several at once, each on a connection of its own and without pause.

Raw sockets and requests made beforehand: the client shares the machine with the server that it measures.
"""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

TIMEOUT = 30  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """What calling came to: seconds of each call, and from the first to the end of the last."""

    times: Sequence[float]
    took: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.times) / self.took


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request to write to a socket; names of headers have underscores for hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def call(place: str, requests: Sequence[bytes], *, at_once: int) -> Run:
    """Make all the requests, shared out among so many connections. Raises AssertionError for any but a 200."""
    shares = [requests[number::at_once] for number in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        times = list(pool.map(lambda share: _call(place, share), shares))
        took = time.perf_counter() - began
    return Run([one for share in times for one in share], took)


def _call(place: str, requests: Sequence[bytes]) -> list[float]:
    host, _, port = place.partition(":")
    times = []
    with socket.create_connection((host, int(port)), TIMEOUT) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one in requests:
            began = time.perf_counter()
            line.sendall(one)
            status = _read(line)
            times.append(time.perf_counter() - began)
            assert status == 200, status
    return times


def _read(line: socket.socket) -> int:
    """Read one answer to its end; its status."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(line)
    head, _, body = received.partition(b"\r\n\r\n")
    names = dict(row.lower().split(b": ", 1) for row in head.split(b"\r\n")[1:])
    left = int(names[b"content-length"]) - len(body)
    while left > 0:
        left -= len(_more(line))
    return int(head.split(b" ", 2)[1])


def _more(line: socket.socket) -> bytes:
    received = line.recv(65536)
    if not received:
        raise ConnectionError("the server hung up")
    return received
