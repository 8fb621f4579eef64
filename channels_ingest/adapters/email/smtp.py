"""Handing a mail to the workspace's own SMTP server, with its answer read exactly.

Until the last byte of the message is on its way, nothing can have arrived: any break is worth another try. From
then until the server's answer the outcome is not known (RFC 1047), and must not be guessed.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from channels_ingest.adapters.email.mime import head_of
from channels_ingest.adapters.email.server import Server, failing, server_of
from channels_ingest.base import AdapterError, ChannelFacts

TIMEOUT = 30  # seconds, for each step
ANSWER_TIMEOUT = 120  # after the message: servers scan before they answer (RFC 5321 4.5.3.2.6)

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


class Connection(smtplib.SMTP):
    """Connects to the address that was checked, while TLS verifies the host's name."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(local_hostname=_own_name(), timeout=TIMEOUT)
        self._host = server.host  # what starttls verifies
        code, said = self.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._server.checked_address(), port), timeout)
        if self._server.security != "ssl":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)

    def sign_in(self) -> None:
        """Encrypt as the channel says, then sign in when it names a user."""
        self.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            self.starttls(context=ssl.create_default_context())
            self.ehlo()
        if self._server.user:
            self.login(self._server.user, self._server.password)


def _own_name() -> str:
    """What to greet with; the library's own choice would ask DNS."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def submit(raw: bytes, *, sender: str, recipient: str, server: Server) -> str:
    """Hand a mail over for one recipient; returns the server's words. Raises AdapterError."""
    with connected(server) as connection:
        with failing("SMTP", server):
            connection.sign_in()
        _announce(connection, sender, recipient, raw)
        return _transfer(connection, raw)


def probe(channel: ChannelFacts) -> Iterator[str]:
    """Reach the server, then sign in; says what each step found. Raises AdapterError."""
    server = server_of(channel, "smtp")
    with connected(server) as connection:
        yield f"{server.host}:{server.port} answers."
        with failing("SMTP", server):
            connection.sign_in()
        yield f"Signed in as {server.user}." if server.user else "No sign-in asked for."


@contextmanager
def connected(server: Server) -> Iterator[Connection]:
    """A connection that has been greeted. Raises AdapterError."""
    with failing("SMTP", server):
        connection = Connection(server)
    try:
        yield connection
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()


def _announce(connection: Connection, sender: str, recipient: str, raw: bytes) -> None:
    """MAIL FROM, RCPT TO and DATA; a refusal here means that nothing left."""
    options = [f"SIZE={len(raw)}"] if connection.has_extn("size") else []
    if not (sender.isascii() and recipient.isascii() and head_of(raw).isascii()):
        if not connection.has_extn("smtputf8"):
            raise AdapterError("smtputf8", "The server takes no addresses outside of ASCII.", retryable=False)
        options.append("SMTPUTF8")
        connection.command_encoding = "utf-8"
    with _before_the_end():
        _expect({250}, *connection.mail(sender, options))
        _expect({250, 251}, *connection.rcpt(recipient))
        _expect({354}, *connection.docmd("DATA"))


def _transfer(connection: Connection, raw: bytes) -> str:
    body = _LINE_START_DOT.sub(b"..", raw)
    with _before_the_end():
        connection.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    try:
        if connection.sock:
            connection.sock.settimeout(ANSWER_TIMEOUT)
        connection.send(b".\r\n")
        code, said = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise _unknown(str(error)) from error
    if not (200 <= code < 300 or 400 <= code < 600):  # neither taken nor refused (RFC 5321 4.2.1)
        raise _unknown(f"it answered {_words(said) or 'nothing that can be read'}")
    _expect(set(range(200, 300)), code, said)
    return _words(said)


def _unknown(why: str) -> AdapterError:
    detail = f"The server took the message and did not say what became of it: {why}."
    return AdapterError("no-answer", detail, retryable=False, uncertain=True)


@contextmanager
def _before_the_end() -> Iterator[None]:
    try:
        yield
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise AdapterError("disconnected", f"The connection broke: {error}.", retryable=True) from error


def _expect(wanted: set[int], code: int, said: bytes) -> None:
    """Raise what a refusal means: 5xx is final, all else may pass (RFC 5321 4.2.1)."""
    if code in wanted:
        return
    words = _words(said)
    enhanced = _ENHANCED.match(words)
    is_final = 500 <= code < 600
    raise AdapterError(
        enhanced[0] if enhanced else str(code), f"{code} {words}".strip(), retryable=not is_final
    )


def _words(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[:500]
