"""What customers are going to send: every event with an id that stands in its text, decided by the seed alone."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tests.faults.storm.mailbox import REFUSED
from tests.faults.storm.plan import WORKSPACES

WAYS = {"sms": 35, "hook": 22, "imap": 25, "chat": 18}  # of a hundred events
PIPED_EVERY = 250  # of so many events one is piped into a command, as an MTA does
KINDS = {"plain": 84, "file": 9, "not ours": 4, "garbled": 3}  # of a hundred
REFUSED_EVERY = 60  # of so many mails in a mailbox, one cannot be had
GARBLED = [
    b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n",
    b'Content-Type: text/plain; charset="\xf0\x9f\xa4\xb7"\r\n\r\n\xff\xfe\x00\x81',
    b"Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n=?=%%\x00",
    b"Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n" + b"(" * 2000,
    b"\x00\x01From: \xff\r\n: no name\r\n\r\nnothing \xc3",
]


@dataclass(frozen=True)
class Event:
    """One thing that a customer does. `copies`: how often the provider will tell of it. `kind` is one of KINDS,
    "refused" or "piped"."""

    id: str
    workspace: str
    way: str
    customer: int
    kind: str
    copies: int
    at: datetime

    @property
    def text(self) -> str:
        return f"Storm {self.id} from {self.workspace}, customer {self.customer}."

    @property
    def file(self) -> bytes:
        """What is in the file that comes with it."""
        return f"file of {self.id}\n".encode() * 40

    @property
    def email(self) -> str:
        return f"c{self.customer}@customers-of-{self.workspace}.example"

    @property
    def phone(self) -> str:
        return f"+1{503 + WORKSPACES.index(self.workspace)}555{self.customer:04}"


def events(count: int, seed: int) -> list[Event]:
    """All events in the order that they are sent in, which is not the order that they were written in."""
    chance = random.Random(seed)
    start = datetime.now(UTC)
    made = [_event(number, count, start, chance) for number in range(count)]
    chance.shuffle(made)
    return made


def _event(number: int, count: int, start: datetime, chance: random.Random) -> Event:
    workspace = WORKSPACES[number % len(WORKSPACES)]
    [way] = chance.choices(list(WAYS), list(WAYS.values()))
    [kind] = chance.choices(list(KINDS), list(KINDS.values()))
    piped = number % PIPED_EVERY < len(WORKSPACES)
    if piped:
        way, kind = "hook", "piped"
    elif way == "imap" and chance.randrange(REFUSED_EVERY) == 0:
        kind = "refused"
    elif (way, kind) in {("sms", "garbled"), ("chat", "garbled"), ("chat", "not ours")}:
        kind = "plain"
    return Event(
        id=f"{workspace}-{way}-{number:05}",
        workspace=workspace,
        way=way,
        customer=chance.randrange(max(5, count // 40)),
        kind=kind,
        copies=1 if piped else chance.choice([1, 1, 1, 1, 2, 3]),
        at=start - timedelta(seconds=count - number),
    )


def mail_of(event: Event) -> bytes:
    """The mail that an event is, whole."""
    domain = event.email.rpartition("@")[2]
    if event.kind == "garbled":
        return (
            f"Message-ID: <{event.id}@{domain}>\r\nSubject: {event.text}\r\n".encode()
            + GARBLED[int(event.id[-5:]) % len(GARBLED)]
        )
    mail = EmailMessage(policy=SMTP)
    is_ours = event.kind == "not ours"
    sender = f"agent@{event.workspace}.example" if is_ours else event.email
    mail["Authentication-Results"] = (
        f"mx.{event.workspace}.example; dmarc=pass header.from={sender.rpartition('@')[2]}"
    )
    mail["From"] = f"Customer {event.customer} <{sender}>"
    mail["To"] = f"{'inbox' if event.way == 'imap' else 'posted'}@{event.workspace}.example"
    mail["Subject"] = f"Storm {event.id}"
    mail["Date"] = format_datetime(event.at)
    mail["Message-ID"] = f"<{event.id}@{domain}>"
    if event.kind == "refused":
        name, _, value = REFUSED.decode().partition(": ")
        mail[name] = value
    mail.set_content(event.text)
    if event.kind == "file":
        mail.add_attachment(event.file, "application", "octet-stream", filename=f"{event.id}.bin")
    return mail.as_bytes()
