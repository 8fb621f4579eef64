"""A mail server as a channel names it, and how reaching it fails."""

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from imap_tools import ImapToolsError, MailboxLoginError

from channels_ingest.base import AdapterError, ChannelFacts
from tenancy.http import ForbiddenHost, check_host

SECURITY = ("ssl", "starttls", "none")
_PORTS = {
    "imap": {"ssl": 993, "starttls": 143, "none": 143},
    "smtp": {"ssl": 465, "starttls": 587, "none": 25},
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect. `security` is ssl, starttls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)

    def checked_address(self) -> str:
        """The address to connect to. Raises AdapterError for a forbidden host, OSError for an unknown one."""
        try:
            return check_host(self.host, self.port)
        except ForbiddenHost as error:
            raise AdapterError(
                "host", f"{error}. Connecting there is not allowed.", retryable=False
            ) from error


def server_of(channel: ChannelFacts, protocol: str) -> Server:
    """The channel's imap or smtp server. Raises AdapterError when it has none."""
    host = channel.config.get(f"{protocol}_host", "").strip()
    if not host:
        raise AdapterError("config", f"This channel has no {protocol.upper()} server.", retryable=False)
    security = channel.config.get(f"{protocol}_security") or "ssl"
    port = channel.config.get(f"{protocol}_port", "").strip()
    return Server(
        host=host,
        port=int(port) if port.isdecimal() else _PORTS[protocol].get(security, 0),
        security=security,
        user=channel.config.get(f"{protocol}_user", ""),
        password=channel.secrets.get(f"{protocol}_password", ""),
    )


@contextmanager
def failing(protocol: str, server: Server) -> Iterator[None]:
    """Say what went wrong on the way to a server that has taken nothing yet. Raises AdapterError."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except socket.gaierror as error:
        raise AdapterError("connect", f"The name {server.host} cannot be found.", retryable=True) from error
    except ssl.SSLError as error:
        detail = f"No encrypted connection to {where}: {error.reason or error}."
        raise AdapterError("tls", detail, retryable=True) from error
    except (smtplib.SMTPAuthenticationError, MailboxLoginError, UnicodeEncodeError) as error:
        detail = f"The {protocol} server {server.host} refused the user name or password."
        is_final = not 400 <= getattr(error, "smtp_code", 535) < 500
        raise AdapterError("auth", detail, retryable=not is_final) from error
    except smtplib.SMTPNotSupportedError as error:
        raise AdapterError("config", f"{where}: {error}", retryable=False) from error
    except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, ImapToolsError) as error:
        raise AdapterError("connect", f"{where}: {_words(error)}", retryable=True) from error


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, TimeoutError):
        return "It does not answer."
    return str(error)
