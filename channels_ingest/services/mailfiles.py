"""Raw mails out of a pipe, files, an mbox or a Maildir."""

import mailbox
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


def from_pipe(stream: BinaryIO) -> bytes:
    """One mail as an MTA pipes it, without the `From ` line that some put above it."""
    raw = stream.read()
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def from_mbox(path: Path) -> Iterator[bytes]:
    """Every mail of an mbox, its `>From ` lines as they were written. Raises OSError when it cannot be read."""
    with path.open("rb"):  # says why, where the library below would make an empty one
        box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield _ESCAPED_FROM.sub(rb"\1", box.get_bytes(key))
    finally:
        box.close()


def from_maildir(path: Path) -> Iterator[bytes]:
    """Every mail of a Maildir, new and read, by file name. Raises OSError when it cannot be read."""
    if not (path / "cur").is_dir():
        raise NotADirectoryError(f"{path} is no Maildir")
    box = mailbox.Maildir(path, create=False)
    for key in sorted(box.iterkeys()):
        yield box.get_bytes(key)
