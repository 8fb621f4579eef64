"""A real IMAP server (pymap) with one mailbox."""

import asyncio
import imaplib
import ssl
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

from tests.providers.background import Background


@dataclass
class ImapServer:
    """A mailbox at `host`:`port`; what a mail server and a person would do with it."""

    background: Background = field(repr=False)
    user: str = "support"
    password: str = "a secret"
    host: str = "127.0.0.1"
    port: int = 0

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A signed-in client of the standard library."""
        with imaplib.IMAP4(self.host, self.port, timeout=10) as client:
            client.login(self.user, self.password)
            yield client

    def deliver(self, raw: bytes, folder: str = "INBOX", arrived: float | None = None) -> None:
        """A mail arrives, now or at `arrived` (seconds since 1970)."""
        with self.client() as client:
            said, answer = client.append(folder, "", imaplib.Time2Internaldate(arrived or time.time()), raw)
            assert said == "OK", answer

    def create(self, folder: str) -> None:
        """A folder is made."""
        with self.client() as client:
            client.create(folder)

    def flags(self, uid: int, folder: str = "INBOX") -> bytes:
        """The flags of a mail, as the server says them."""
        with self.client() as client:
            client.select(folder, readonly=True)
            return bytes(client.uid("FETCH", str(uid), "(FLAGS)")[1][0])

    def flag(self, uid: int, flags: str, folder: str = "INBOX") -> None:
        """A person marks a mail."""
        with self.client() as client:
            client.select(folder)
            client.uid("STORE", str(uid), "+FLAGS", flags)

    def count(self, folder: str = "INBOX") -> int:
        """How many mails a folder holds."""
        with self.client() as client:
            return int(client.select(folder, readonly=True)[1][0] or 0)

    def start_over(self, folder: str = "INBOX") -> None:
        """The folder comes into being anew: other UIDs, another UIDVALIDITY."""
        with self.client() as client:
            client.rename(folder, f"Old-{time.time_ns()}")


def serve(background: Background, *, tls: ssl.SSLContext | None = None, security: str = "none") -> ImapServer:
    """Start a server with an empty mailbox; `security` is ssl, starttls or none, the first two with `tls`."""
    imap = ImapServer(background)

    async def start() -> asyncio.Server:
        login = await _login(imap, security=security, tls=tls)
        serving = ProxyProtocolReader(ProxyProtocolNoop()).get_callback(IMAPServer(login, login.config))
        return await asyncio.start_server(serving, imap.host, 0, ssl=tls if security == "ssl" else None)

    imap.port = background.serve(start())
    return imap


async def _login(imap: ImapServer, *, security: str, tls: ssl.SSLContext | None) -> Login:
    config = Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        demo_data=False,
        demo_user=imap.user,
        demo_password=imap.password,
        host=imap.host,
        port=0,
        ssl_context=tls,
        tls_enabled=security == "starttls",
        reject_dnsbl=False,
        invalid_user_sleep=0,
        hash_context=BuiltinHash(rounds=1),
    )
    config.apply_context()
    login = Login(config)
    password = await Passwords(config).hash_password(imap.password)
    await login.demo_user_identity.set(UserMetadata(config, imap.user, password=password))
    return login


@pytest.fixture
def imap_server() -> Iterator[ImapServer]:
    """A plain IMAP server with an empty mailbox on a free port of loopback."""
    with Background() as background:
        yield serve(background)
