"""Mail between a customer that somebody plays and the desk: out by SMTP, in by the raw mail webhook."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import format_datetime, make_msgid, parseaddr
from itertools import count
from typing import Any

import httpx

from tests.providers.smtp import SentMail


@dataclass(frozen=True)
class Letter:
    """One mail, either way, as the page shows it."""

    id: int
    is_ours: bool  # the desk's
    message: EmailMessage
    at: datetime
    person: str  # the customer's address

    def shown(self) -> dict[str, Any]:
        """What the page needs of it."""
        body = self.message.get_body(("plain", "html"))
        return {
            "id": self.id,
            "ours": self.is_ours,
            "person": self.person,
            "subject": str(self.message["Subject"] or ""),
            "text": body.get_content().strip() if body else "",
            "at": self.at.isoformat(),
            "files": [part.get_filename() for part in self.message.iter_attachments()],
        }


@dataclass
class Post:
    """The customers' side of mail. `hooks` are the desk's webhooks by the address of its mailboxes."""

    hooks: dict[str, str]
    authserv: str
    letters: list[Letter] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(1))

    def take(self, mail: SentMail) -> None:
        """A mail of the desk's arrives."""
        message: Any = BytesParser(policy=default).parsebytes(mail.raw)
        for recipient in mail.recipients:
            self.letters.append(Letter(next(self._ids), True, message, datetime.now(UTC), recipient.lower()))

    async def write(
        self,
        *,
        name: str,
        sender: str,
        to: str,
        subject: str,
        text: str,
        answers: int | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Letter:
        """A customer writes, as an answer where `answers` names a letter. Raises httpx.HTTPError."""
        answered = next((letter.message for letter in self.letters if letter.id == answers), None)
        message = self._envelope(name=name, sender=sender, to=to, answered=answered)
        message["Subject"] = subject
        message.set_content(text)
        if file:
            message.add_attachment(file[1], "application", "octet-stream", filename=file[0])
        letter = Letter(next(self._ids), False, message, datetime.now(UTC), sender)
        async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
            answer = await client.post(
                self.hooks[to], content=message.as_bytes(), headers={"Content-Type": "message/rfc822"}
            )
        answer.raise_for_status()
        self.letters.append(letter)
        return letter

    def _envelope(self, *, name: str, sender: str, to: str, answered: EmailMessage | None) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        domain = sender.rpartition("@")[2]
        # What the desk's own mail server would say of a mail that was signed by its domain.
        message["Authentication-Results"] = f"{self.authserv}; dmarc=pass header.from={domain}"
        message["From"] = f"{name} <{sender}>"
        message["To"] = parseaddr(str(answered["Reply-To"] or to))[1] if answered else to
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=domain)
        if answered and answered["Message-ID"]:
            message["In-Reply-To"] = str(answered["Message-ID"])
            message["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
        return message
