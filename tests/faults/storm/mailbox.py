"""An IMAP server that behaves badly: a real one (pymap), and in front of it a line that breaks when told to.

What customers' mail servers deliver goes to the real one; the installation asks by the line.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field

from tests.providers import imap
from tests.providers.background import Background
from tests.providers.imap import ImapServer

# In a mail: the server will not hand it out.
REFUSED = b"X-Storm: refused"

_FETCH = re.compile(rb"(\S+) UID FETCH (\d+) \(UID BODY\.PEEK\[\]\)\r\n")
_ID = re.compile(rb"\b[a-z]+-imap-\d{5}\b")


@dataclass
class Mailbox:
    """One mailbox. `cut_after`: bytes from the server after which each connection breaks."""

    server: ImapServer
    port: int = 0
    cut_after: int | None = None
    refused: dict[str, set[int]] = field(default_factory=dict)  # by id, the UIDs under which one was refused
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    def deliver(self, raw: bytes) -> None:
        """A mail arrives: it is in the mailbox when this returns."""
        self.server.deliver(raw)

    def drop(self) -> None:
        """Break all connections."""
        self.server.background.loop.call_soon_threadsafe(self._drop)

    def start_over(self) -> None:
        """The same mails under other UIDs and another UIDVALIDITY, as after a restored backup."""
        with self.server.client() as client:
            found = len(client.list()[1])
            old = f"Old-{found}"
            client.rename("INBOX", old)
            client.select(old, readonly=True)
            client.copy("1:*", "INBOX")

    def last_uid(self) -> int:
        """The UID of the newest mail."""
        with self.server.client() as client:
            client.select("INBOX", readonly=True)
            uids = client.uid("SEARCH", "ALL")[1][0].split()
            return int(uids[-1]) if uids else 0

    def _drop(self) -> None:
        for line in list(self._lines):
            line.transport.abort()

    async def _serve(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        self._lines.add(answering)
        awaited: list[bytes] = []
        back = asyncio.create_task(self._answers(reader, answering, awaited))
        with suppress(OSError):
            while command := await asking.readline():
                if asked := _FETCH.fullmatch(command):
                    awaited[:] = [asked[1], asked[2]]
                writer.write(command)
                await writer.drain()
        self._lines.discard(answering)
        back.cancel()
        for end in (writer, answering):
            end.close()

    async def _answers(
        self, reader: asyncio.StreamReader, answering: asyncio.StreamWriter, awaited: list[bytes]
    ) -> None:
        """Pass on what the server answers; an answer with a whole mail is read first, and perhaps refused."""
        left = self.cut_after
        whole = b""
        with suppress(OSError):
            while piece := await reader.read(65536):
                whole += piece
                if awaited and not re.search(rb"(?:^|\n)" + awaited[0] + rb" [A-Z]+[^\n]*\r\n\Z", whole):
                    continue
                if awaited:
                    whole = self._perhaps(whole, *awaited)
                    awaited.clear()
                if left is not None and len(whole) > left:
                    answering.write(whole[:left])
                    await answering.drain()
                    answering.transport.abort()
                    return
                left = None if left is None else left - len(whole)
                answering.write(whole)
                await answering.drain()
                whole = b""
        answering.close()

    def _perhaps(self, answer: bytes, tag: bytes, uid: bytes) -> bytes:
        if REFUSED not in answer:
            return answer
        if found := _ID.search(answer):
            self.refused.setdefault(found[0].decode(), set()).add(int(uid))
        return tag + b" NO [SERVERBUG] It cannot be handed out.\r\n"


def serve(background: Background) -> Mailbox:
    """Start a server with an empty mailbox and the line to it."""
    mailbox = Mailbox(imap.serve(background))
    mailbox.port = background.serve(asyncio.start_server(mailbox._serve, mailbox.server.host, 0))
    return mailbox
