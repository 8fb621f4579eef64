"""The data folder of an embedded installation: who runs on it, what it keeps, where its servers listen."""

import fcntl
import json
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path

from cryptography.fernet import Fernet

from omnidesk.embedded.processes import CannotRunError, account_of_servers, give_to_servers

# A Unix socket's path holds 107 bytes on Linux (unix(7)); "/postgres-socket/.s.PGSQL.5432" takes 30 of them.
LONGEST_SOCKET_FOLDER = 77
LOCKS = ("up.lock", "children.lock")
LAST_RUN_ENDS_WITHIN = 60  # seconds; PostgreSQL writes what it holds in memory before it goes


@dataclass(frozen=True)
class DataFolder:
    """A data folder that this process, and no other, runs on.

    `lock` is the descriptor of a locked file that every child inherits: it comes free when the last has gone.
    """

    path: Path
    sockets: Path
    lock: int

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / "postgres-socket"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis-socket"

    @property
    def providers(self) -> Path:
        return self.path / "providers.json"

    @property
    def beat_schedule(self) -> Path:
        return self.path / "celerybeat-schedule"


@contextmanager
def claim(path: Path, *, say: Callable[[str], None]) -> Iterator[DataFolder]:
    """Hold the data folder for this process, made if it is missing, once all of an earlier run has gone.

    Raises CannotRunError when it cannot be written, another instance runs on it, or another account's is in it.
    """
    with ExitStack() as files:
        try:
            path.mkdir(mode=0o711, parents=True, exist_ok=True)
            owner, children = (files.enter_context(FileIO(path / name, "a")) for name in LOCKS)
            _lock(owner, children, say=say)
            folder = DataFolder(path, _socket_folder(path), children.fileno())
            _furnish(folder)
        except OSError as error:
            raise CannotRunError(f"cannot write to {error.filename or path}: {error.strerror}") from error
        yield folder


def keys(path: Path) -> dict[str, str]:
    """The installation's own SECRET_KEY and OMNIDESK_ENCRYPTION_KEYS, made once and kept."""
    kept = path / "keys.json"
    if not kept.exists():
        fresh = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "OMNIDESK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        write_private(kept, fresh)
    made: dict[str, str] = json.loads(kept.read_text())
    return made


def write_private(path: Path, values: Mapping[str, str]) -> None:
    """Write a JSON object that only its owner may read, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _lock(owner: FileIO, children: FileIO, *, say: Callable[[str], None]) -> None:
    if not _take(owner):
        raise CannotRunError(f"another Omnidesk runs on {Path(os.fsdecode(owner.name)).parent}")
    if _take(children):
        return
    say("waiting for the processes of the last run to end")
    deadline = time.monotonic() + LAST_RUN_ENDS_WITHIN
    while not _take(children):
        if time.monotonic() > deadline:
            raise CannotRunError("processes of the last run do not end; stop them by hand")
        time.sleep(0.1)


def _take(file: FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _furnish(folder: DataFolder) -> None:
    for private in (folder.redis, folder.redis_socket, folder.postgres_socket, folder.path / "files"):
        private.mkdir(mode=0o700, exist_ok=True)
    give_to_servers(folder.postgres_socket)
    if folder.postgres.exists() and folder.postgres.stat().st_uid != account_of_servers().pw_uid:
        raise CannotRunError(f"{folder.postgres} belongs to another account; run as that account")


def _socket_folder(path: Path) -> Path:
    """Where sockets go: into the data folder, or a private folder for temporary files if its path is too long.

    The name in the temporary folder can be guessed, so a folder that somebody else put there is refused.
    """
    if len(os.fsencode(path)) <= LONGEST_SOCKET_FOLDER:
        return path
    short = Path(tempfile.gettempdir()) / f"omnidesk-{sha256(os.fsencode(path)).hexdigest()[:16]}"
    short.mkdir(mode=0o711, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotRunError(f"{short} belongs to somebody else")
    return short
