"""A real SMTP server (aiosmtpd) that keeps what it takes, and can be told to behave badly."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.providers.background import Background

TAKE = "take, then "


@dataclass(frozen=True)
class SentMail:
    """One mail as it left."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def parsed(self) -> EmailMessage:
        parsed: EmailMessage = BytesParser(policy=default).parsebytes(self.raw)
        return parsed


@dataclass
class SmtpServer:
    """`answers` replaces the answer to MAIL, RCPT or DATA; "hang up" breaks the connection instead, after DATA
    once the whole mail is here; a number of seconds makes it slow. With TAKE before it the mail is kept, whatever
    is answered then. `troubles` are such answers too, each to the next command of its kind, one after another."""

    user: str = "support"
    password: str = "a secret"
    host: str = "127.0.0.1"
    port: int = 0
    sign_in: bool = False
    mails: list[SentMail] = field(default_factory=list)
    answers: dict[str, str | float] = field(default_factory=dict)
    troubles: deque[tuple[str, str | float]] = field(default_factory=deque)
    take: Callable[[SentMail], None] | None = None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.sign_in and not session.authenticated:
            return "530 5.7.0 Sign in first"
        envelope.mail_from = address
        return await self._answer("MAIL", server, "250 2.1.0 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = await self._answer("RCPT", server, "250 2.1.5 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self._answer("DATA", server, "250 2.0.0 Queued as 42")
        if answer.startswith(("2", TAKE)):
            mail = SentMail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content)
            self.mails.append(mail)
            if self.take:
                self.take(mail)
        return answer.removeprefix(TAKE)

    async def _answer(self, command: str, server: Any, usual: str) -> str:
        answer = self.answers.get(command, usual)
        if self.troubles and self.troubles[0][0] == command:
            answer = self.troubles.popleft()[1]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return usual
        if answer.removeprefix(TAKE) == "hang up":
            server.transport.abort()
        return answer

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any
    ) -> AuthResult:
        """Whether name and password are right."""
        right = LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=given == right, handled=False)

    def wait_for(self, count: int, seconds: float = 10) -> list[SentMail]:
        """The mails, once there are `count` of them. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while len(self.mails) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.mails)} of {count} mails came")
            time.sleep(0.05)
        return self.mails


def serve(
    background: Background,
    *,
    tls: ssl.SSLContext | None = None,
    security: str = "none",
    sign_in: bool = False,
    port: int = 0,
    take: Callable[[SentMail], None] | None = None,
) -> SmtpServer:
    """Start a server; `security` is ssl, starttls or none, the first two with `tls`; `take` gets each mail."""
    smtp = SmtpServer(sign_in=sign_in, take=take)

    def session() -> SMTP:
        return SMTP(
            smtp,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_require_tls=False,
            authenticator=smtp.authenticate,
            loop=background.loop,
        )

    context = tls if security == "ssl" else None
    smtp.port = background.serve(background.loop.create_server(session, smtp.host, port, ssl=context))
    return smtp


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A plain SMTP server without sign-in on a free port of loopback."""
    with Background() as background:
        yield serve(background)
