"""How a child process is tied to its parent, and freed of root's rights where it must be."""

import os
import pwd
import shutil
from pathlib import Path
from signal import Signals


class CannotRunError(Exception):
    """Why the installation cannot run, in one line for the person who started it."""


def leashed(argv: list[str], *, death_signal: Signals, unprivileged: bool = False) -> list[str]:
    """The command that runs `argv` and lets the kernel send it `death_signal` when its parent dies.

    The parent is the thread that starts it: start children from the main thread. With `unprivileged`, a child
    of root runs as `nobody`; where a parent folder (root's home) shuts that out, it may pass by permissions.

    Raises CannotRunError where util-linux's `setpriv` is missing.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotRunError("setpriv is missing; install util-linux")
    drop = _drop_rights(argv) if unprivileged and os.geteuid() == 0 else []
    return [setpriv, f"--pdeathsig={death_signal.name.removeprefix('SIG')}", *drop, "--", *argv]


def account_of_servers() -> pwd.struct_passwd:
    """The account that PostgreSQL runs under. It refuses root, and initdb wants an account that has a name."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def give_to_servers(folder: Path) -> None:
    """Hand a folder to the account that PostgreSQL runs under."""
    account = account_of_servers()
    os.chown(folder, account.pw_uid, account.pw_gid)


def _drop_rights(argv: list[str]) -> list[str]:
    account = account_of_servers()
    rights = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    paths = [Path(word) for word in argv if word.startswith("/")]
    if all(_open_to_all(path) for path in paths):
        return rights
    # access(2) leaves capabilities out of account, and initdb asks it, unless no_setuid_fixup is set.
    pass_by = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return [*rights, *pass_by]


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)
