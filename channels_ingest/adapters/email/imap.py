"""Reading a mailbox over IMAP without disturbing the people who read it too.

A position is a UID within a UIDVALIDITY; when the server changes that, UIDs mean nothing any more and the folder
is read again (RFC 3501 2.3.1.1): what is known already is recognised by its seen key.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from imap_tools import AND, BaseMailBox, ImapToolsError, MailboxLoginError

from channels_ingest.adapters.email.headers import message_ids
from channels_ingest.adapters.email.server import Server, failing, server_of
from channels_ingest.base import ChannelFacts

TIMEOUT = 60  # seconds, for each answer
MAX_MAIL = 50 * 1024 * 1024  # bytes
BATCH = 200  # mails of one poll: the next one goes on where this one ended
CHUNK = 200  # mails asked about in one command

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# What Exchange hands out in place of a mail that it cannot convert.
_PLACEHOLDER = b"Retrieval using the IMAP4 protocol failed"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder has been read."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail of the folder.

    With a `problem`, `raw` is not the mail: the server gave nothing (`empty`), a placeholder (`placeholder`) or an
    error (`refused`), which may pass; or the mail is `too-big`, and `raw` holds its header alone.
    """

    uid: int
    uidvalidity: int
    raw: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the folder holds since the channel began: bare Message-IDs by UID, empty for mails without one."""

    uidvalidity: int
    message_ids: dict[int, str]


class _Client(imaplib.IMAP4):
    """Connects to the address that was checked, while TLS verifies the host's name; takes no endless literal."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._server.checked_address(), self._server.port), timeout)
        if self._server.security != "ssl":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._server.host)

    def read(self, size: int) -> bytes:
        if size > 2 * MAX_MAIL:
            raise self.abort(f"The server announces {size} bytes at once.")
        return super().read(size)


class _MailBox(BaseMailBox):
    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Client(self._server)
        try:
            if self._server.security == "starttls":
                client.starttls(ssl.create_default_context())
        except (OSError, client.error):
            with suppress(OSError):
                client.shutdown()
            raise
        return client

    def sign_in(self) -> None:
        """Sign in without opening a folder."""
        user, password = self._server.user, self._server.password
        if (user + password).isascii():
            self.login(user, password, initial_folder=None)
            return
        try:
            self.login_utf8(user, password, initial_folder=None)
        except self.client.abort:
            raise
        except self.client.error as error:
            raise MailboxLoginError(("NO", [error]), "OK") from error

    def open(self, folder: str, *, readonly: bool) -> int:
        """Open a folder; returns its UIDVALIDITY. Read-only touches neither \\Seen nor \\Recent."""
        self.folder.set(folder, readonly)
        _, found = self.client.response("UIDVALIDITY")
        return int(found[0]) if found and found[0] else 0

    def uids_of(self, criteria: str) -> list[int]:
        """The UIDs that a search finds, ascending."""
        return sorted(int(uid) for uid in self.uids(criteria, charset=None))

    def ask(self, uids: list[int], parts: str) -> Iterator[tuple[int, bytes, bytes]]:
        """(UID, what is said, literal) for each of these mails that is still there; the literal may be empty."""
        for start in range(0, len(uids), CHUNK):
            wanted = ",".join(map(str, uids[start : start + CHUNK]))
            status, answer = self.client.uid("FETCH", wanted, f"(UID {parts})")
            if status != "OK":
                raise imaplib.IMAP4.error(f"FETCH: {answer!r:.200}")
            for part in answer:
                said, literal = part if isinstance(part, tuple) else (part or b"", b"")
                if uid := _UID.search(said):
                    yield int(uid[1]), said, literal


@contextmanager
def connected(server: Server) -> Iterator[_MailBox]:
    """A mailbox that has been greeted, and encrypted as the channel says. Raises AdapterError."""
    with failing("IMAP", server):
        mailbox = _MailBox(server)
        try:
            yield mailbox
        finally:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                mailbox.logout()
            with suppress(OSError):
                mailbox.client.shutdown()


def folder_of(channel: ChannelFacts) -> str:
    """The folder that the channel reads."""
    return channel.config.get("imap_folder") or "INBOX"


@contextmanager
def _opened(channel: ChannelFacts, *, readonly: bool = True) -> Iterator[tuple[_MailBox, int]]:
    with connected(server_of(channel, "imap")) as mailbox:
        mailbox.sign_in()
        yield mailbox, mailbox.open(folder_of(channel), readonly=readonly)


def probe(channel: ChannelFacts) -> Iterator[str]:
    """Reach the server, sign in, open the folder; says what each step found. Raises AdapterError."""
    server = server_of(channel, "imap")
    with connected(server) as mailbox:
        yield f"{server.host}:{server.port} answers."
        mailbox.sign_in()
        yield f"Signed in as {server.user}."
        mailbox.open(folder_of(channel), readonly=True)
        yield f"{folder_of(channel)} can be read."


def fetch_new(
    channel: ChannelFacts, position: Position | None, *, limit: int = BATCH
) -> Iterator[FetchedMail]:
    """The mails after a position, oldest first, at most `limit`; one bad mail never blocks the next.

    Without a position, or after a change of UIDVALIDITY: the mails since the day before the channel began.
    Raises AdapterError, also half-way: what was yielded by then is good.
    """
    with _opened(channel) as (mailbox, uidvalidity):
        if position and position.uidvalidity == uidvalidity:
            # "n:*" names at least the last mail, however low its UID is (RFC 3501 6.4.8).
            found = [uid for uid in mailbox.uids_of(f"UID {position.uid + 1}:*") if uid > position.uid]
        else:
            found = mailbox.uids_of(_since_start(channel))
        yield from _fetch(mailbox, uidvalidity, found[:limit])


def fetch_uids(channel: ChannelFacts, uidvalidity: int, uids: Iterable[int]) -> Iterator[FetchedMail]:
    """Certain mails again, for what a reconciliation misses; none after a change of UIDVALIDITY."""
    with _opened(channel) as (mailbox, current):
        if current == uidvalidity:
            yield from _fetch(mailbox, uidvalidity, sorted(uids))


def list_mailbox(channel: ChannelFacts) -> Listing:
    """What the folder holds since the channel began, to compare with the ledger. Raises AdapterError."""
    with _opened(channel) as (mailbox, uidvalidity):
        uids = mailbox.uids_of(_since_start(channel))
        found = dict.fromkeys(uids, "")
        for uid, _, header in mailbox.ask(uids, "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"):
            found[uid] = next(iter(message_ids(header.decode("ascii", "replace"), 1)), "")
        return Listing(uidvalidity, found)


def settle(channel: ChannelFacts, uidvalidity: int, uids: Iterable[int]) -> None:
    """Mark or move mails that are stored for good, if the channel says so. Raises AdapterError.

    Nothing is ever expunged: that would also remove what a person has marked as deleted.
    """
    after, wanted = channel.config.get("imap_after", "leave"), ",".join(map(str, uids))
    if after == "leave" or not wanted:
        return
    with _opened(channel, readonly=False) as (mailbox, current):
        if current != uidvalidity:
            return
        mailbox.client.uid("STORE", wanted, "+FLAGS.SILENT", r"(\Seen)")
        target = channel.config.get("imap_move_to", "")
        if after == "move" and target and "MOVE" in mailbox.client.capabilities:
            mailbox.move(wanted, target)


def _since_start(channel: ChannelFacts) -> str:
    """SINCE counts whole days in the server's zone: a day earlier misses nothing."""
    return str(AND(date_gte=(channel.started_at - timedelta(days=1)).date()))


def _fetch(mailbox: _MailBox, uidvalidity: int, uids: list[int]) -> Iterator[FetchedMail]:
    sizes = {uid: _SIZE.search(said) for uid, said, _ in mailbox.ask(uids, "RFC822.SIZE")}
    for uid in uids:
        size = sizes.get(uid)
        too_big = bool(size and int(size[1]) > MAX_MAIL)
        try:
            found = list(mailbox.ask([uid], "BODY.PEEK[HEADER]" if too_big else "BODY.PEEK[]"))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            yield FetchedMail(uid, uidvalidity, b"", "refused")
            continue
        for _, _, raw in found[:1]:  # none when it has been moved away meanwhile
            yield FetchedMail(uid, uidvalidity, raw, "too-big" if too_big else _problem(raw))


def _problem(raw: bytes) -> str:
    if not raw.strip():
        return "empty"
    return "placeholder" if _PLACEHOLDER in raw[:8_000] else ""
