"""All that stands outside of the installation, each a real server on loopback: mailboxes, mail server, Twilio."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from tests.faults.storm import mailbox
from tests.faults.storm.mailbox import Mailbox
from tests.faults.storm.plan import WORKSPACES
from tests.providers import smtp, twilio
from tests.providers.background import Background
from tests.providers.smtp import SmtpServer
from tests.providers.twilio import TwilioServer

REPLY = re.compile(r"\b[a-z]+-reply-\d{5}\b")


@dataclass
class Providers:
    """`mailboxes` and numbers by workspace. `traps` are sprung once, as the next "mail" or "text" is taken."""

    mailboxes: dict[str, Mailbox]
    smtp: SmtpServer
    twilio: TwilioServer
    traps: dict[str, Callable[[], None]] = field(default_factory=dict)

    def accepted(self) -> Counter[str]:
        """How often each reply was taken from the installation, by id."""
        with self.twilio.lock:
            texts = [one.body for one in self.twilio.messages if one.direction == "outbound-api"]
        texts += [text_of(mail.parsed) for mail in self.smtp.mails]
        return Counter(id for text in texts for id in REPLY.findall(text))

    def sent_from(self) -> Iterator[tuple[str, str]]:
        """Whose number or address each message left from, as a workspace, and what it says."""
        numbers = {number.number: number.name for number in self.twilio.numbers.values()}
        with self.twilio.lock:
            sent = [one for one in self.twilio.messages if one.direction == "outbound-api"]
        yield from ((numbers[one.number], one.body) for one in sent)
        for mail in self.smtp.mails:
            yield mail.sender.rpartition("@")[2].partition(".")[0], mail.raw.decode()

    def reported(self) -> set[str]:
        """The keys of the reports on texts that the installation acknowledged."""
        return {
            f"{call.form['MessageSid']} {call.form['MessageStatus']}"
            for call in list(self.twilio.calls)
            if "MessageStatus" in call.form and 200 <= call.status < 300
        }

    @property
    def in_store(self) -> int:
        """How many troubles nothing has met yet."""
        return len(self.twilio.troubles) + len(self.smtp.troubles)

    def calm(self) -> None:
        """Behave well, once what is in store for the next messages has befallen them."""
        self.twilio.tells_first = False
        self.traps.clear()
        for each in self.mailboxes.values():
            each.cut_after = None

    def spring(self, what: str) -> None:
        """Something was taken, and the installation does not know it yet."""
        if trap := self.traps.pop(what, None):
            trap()


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


@contextmanager
def serving() -> Iterator[Providers]:
    """All of them, up until the block ends."""
    with Background() as background, twilio.serve() as texts:
        found = Providers(
            mailboxes={name: mailbox.serve(background) for name in WORKSPACES},
            smtp=smtp.serve(background),
            twilio=texts,
        )
        found.smtp.take = lambda mail: found.spring("mail")
        found.twilio.take = lambda message: found.spring("text")
        yield found
