"""The labelled cases of *who* and *which*: the table and its little language.

`cases.csv` holds a case a row, labelled by what is true in the world, whatever the rules can know of it:

    case     a name, never reused
    topic    what it is about
    history  events in order, parted by ";", numbered from 1
    last     the event that is judged
    who      the event whose sender the last one's is; `new` for somebody else; `member` for a colleague of ours
    which    the event whose matter the last one is about; `new` for a matter of its own; `new~1` for one that is
             to be linked to event 1's as well; `any` where nothing is at stake
    suggest  the events with whose senders the last one's is to be suggested to be one person, unless joined
    missed   what is known to be missed: who, which, link, suggest
    truth    what is true in the world, and why

An event is a verb, a sender, and options, parted by blanks:

    mail sms whatsapp call chat slack telegram instagram messenger x
             a message; `mail/sales` comes by another channel of the kind, one whose label begins with `globe`
             belongs to a second brand. The provider attests the sender, except of `call`
    answer 1          the agent answers event 1; `answer 1 cc:…` copies somebody in
    resolve 1, spam 1, unspam 1     what the agent does with the conversation of event 1
    share 1                         the sender's address of event 1 is used by several people
    confirm 1 email=…               the agent adds an address to the sender of event 1
    archive agent@acme.example      ends a membership
    window sms off, window sms 24h  sets a channel's continuity

    as:Ana_Lind         the display name              re:1           answers a message or an answer of ours
    unverified          nobody vouches for it         guess:<id>     claims to answer an id
    attested            a call with attestation A     token:1        carries the conversation's signed token
    after:73h           time that passes before       token:forged   carries one that is not ours
    late:5h             the provider's time is older  id:<id>        has this id
    cc:… to:…           further recipients            session:s2     a chat session
    for:…               forwarded for somebody        team:T2        the scope of the sender's id
    replyto:…           where to answer               dm             on Slack: no root of a thread
    text:… subject:…    what it says
    claims:email=…      what the sender says of themself
    attests:phone=…     what the provider says of them
    auto bulk bounce spam   what the message is

An address that nobody has marked as shared stands for one person, a shared one for those who share it. An
unverified message belongs to the address that it names, and is marked: it is a false join only when it enters a
conversation. What only the words of a message could tell (two matters of one person on two channels within the
window, a phone number that changed hands) is in no rule's reach and not in the table.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("cases.csv")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: a verb, a subject (a sender, or the number of an earlier event), and options."""

    verb: str
    subject: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> "Event":
        verb, subject, *words = text.split()
        return cls(verb, subject, tuple((key, value) for key, _, value in (w.partition(":") for w in words)))

    def all(self, option: str) -> list[str]:
        return [value for key, value in self.options if key == option]

    def get(self, option: str) -> str:
        return next(iter(self.all(option)), "")

    def has(self, option: str) -> bool:
        return bool(self.all(option))


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the table."""

    case: str
    topic: str
    history: tuple[Event, ...]
    last: Event
    who: str
    which: str
    suggest: frozenset[int]
    missed: frozenset[str]
    truth: str


def read() -> list[Case]:
    """The whole table."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return [_case(row) for row in csv.DictReader(rows)]


def _case(row: dict[str, str]) -> Case:
    return Case(
        case=row["case"],
        topic=row["topic"],
        history=tuple(Event.parse(text) for text in row["history"].split(";") if text.strip()),
        last=Event.parse(row["last"]),
        who=row["who"],
        which=row["which"],
        suggest=frozenset(map(int, row["suggest"].split())),
        missed=frozenset(row["missed"].split()),
        truth=row["truth"],
    )
