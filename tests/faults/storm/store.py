"""The store of attachments, which can be full.

As root it is a small file system of its own (tmpfs), so full means ENOSPC. Where nothing can be mounted, its
folder is put aside and a plain file stands in its place: whatever is written fails, for root too.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

SIZE = 64 * 1024 * 1024  # bytes
_OWN = "STORM_MOUNTS"


def with_own_mounts(module: str) -> None:
    """Begin again in a mount namespace of its own, if that is allowed: what is mounted there ends with it."""
    unshare = ["unshare", "--mount", "--"]
    if os.environ.get(_OWN) or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode == 0:
        os.execvpe(unshare[0], [*unshare, sys.executable, "-m", module], {**os.environ, _OWN: "1"})


class Store:
    """The folder of attachments. `how` says how it becomes full."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"
        self._aside = path.with_name("files-aside")
        self._is_mounted = bool(os.environ.get(_OWN)) and _mount(path)
        self.how = "a full file system" if self._is_mounted else "a folder that is away"

    def fill(self) -> None:
        """Let nothing more be written."""
        if not self._is_mounted:
            self.path.rename(self._aside)
            self.path.touch()
            return
        with suppress(OSError), self._filler.open("wb", buffering=0) as filler:
            while filler.write(bytes(65536)):
                pass

    def close(self) -> None:
        """Give back what was mounted."""
        if self._is_mounted:
            subprocess.run(["umount", "--lazy", str(self.path)], check=True)

    def empty(self) -> None:
        """Let there be room again."""
        if self._is_mounted:
            self._filler.unlink(missing_ok=True)
        elif self._aside.exists():
            self.path.unlink()
            self._aside.rename(self.path)


def _mount(path: Path) -> bool:
    """Whether a small file system could be mounted there."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "storm", str(path)]
    return subprocess.run(mount, check=False, capture_output=True).returncode == 0
