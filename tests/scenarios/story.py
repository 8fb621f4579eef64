"""A tiny language for scenarios: a workspace, its channels, the people who write to it, and the clock.

Messages are built as an adapter would build them and handed to `receive`; every step takes a minute unless told
otherwise. A `Said` is a message or an answer, so that a later message can be a reply to it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from itertools import count
from typing import Any
from unittest.mock import patch

import time_machine

from contacts.addresses import normalise_email
from contacts.models import Account, Contact, Identity, Suggestion
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import Channel, Conversation, Entry, Participant, TimelineRef
from conversations.services.arrivals import Received
from conversations.services.receive import receive
from conversations.services.reply import Draft, reply
from conversations.types import InboundMessage
from tenancy.models import Brand, Member, Role, User, Workspace
from tenancy.scope import scope
from tenancy.services.members import add_member
from tenancy.services.workspaces import create_workspace
from tests.senders import senders

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
AGENT = "agent@acme.example"

Said = Received | Entry

_slugs = count(1)


def address(
    kind: AddressKind,
    value: str,
    *,
    name: str = "",
    scope: str = "",
    proof: Proof = Proof.ATTESTED,
    also: Sequence[Address] = (),
) -> Address:
    """An address as an adapter reports it: attested unless said otherwise."""
    key = normalise_email(value) if kind == AddressKind.EMAIL else value
    return Address(kind, key, name=name, verbatim=value, scope=scope, proof=proof, also=tuple(also))


def slack_user(user: str, *, name: str = "", email: str = "", team: str = "T1") -> Address:
    """Somebody in a connected team, which vouches for the e-mail of their profile."""
    also = [mailbox(email)] if email else []
    return address(AddressKind.SLACK, user, name=name, scope=team, also=also)


def mailbox(written: str, *, proof: Proof = Proof.ATTESTED) -> Address:
    """`Ana Lind <ana@cust.example>` as the address of a mail."""
    name, value = parseaddr(written)
    return address(AddressKind.EMAIL, value, name=name, proof=proof)


class Story:
    """One workspace, with one agent, inside its open scope."""

    def __init__(self, workspace: Workspace, clock: time_machine.Traveller) -> None:
        self.workspace = workspace
        self._clock = clock
        self._ids = count(1)
        self._keys: dict[int, tuple[str, ...]] = {}
        self.agent = self.hire(AGENT)

    def hire(self, email: str) -> Member:
        """A new agent, who signs in as `email`."""
        user = User.objects.filter(email=email).first() or User.objects.create_user(email)
        return add_member(user=user, role=Role.AGENT)

    def later(self, **by: float) -> None:
        """Let time pass: `hours=73`."""
        self._clock.shift(timedelta(**by))

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def channel(self, kind: str, label: str = "", *, brand: str = "") -> Channel:
        """The channel of this kind and label, made when first asked for; without a brand, the first one's."""
        name = f"{kind} {label}".strip()
        found = Channel.objects.filter(name=name).first()
        if found is not None:
            return found
        owner = Brand.objects.get_or_create(name=brand)[0] if brand else Brand.objects.earliest("id")
        local = label or "support"
        return Channel.objects.create(
            kind=kind,
            name=name,
            brand=owner,
            address=f"{local}@acme.example" if kind == "email" else f"{kind}-{local}",
            started_at=START - timedelta(days=365),
        )

    def mail(
        self,
        sender: str,
        text: str = "Hello",
        *,
        to: Sequence[str] = (),
        cc: Sequence[str] = (),
        verified: bool = True,
        **facts: Any,
    ) -> Received:
        """A mail, authenticated unless `verified` is false; `to` and `cc` are further recipients."""
        author = mailbox(sender, proof=Proof.ATTESTED if verified else Proof.CLAIMED)
        facts["to"] = tuple(mailbox(written, proof=Proof.CLAIMED) for written in to)
        facts["cc"] = tuple(mailbox(written, proof=Proof.CLAIMED) for written in cc)
        return self.say("email", author, text, **facts)

    def sms(self, number: str, text: str = "Hello", **facts: Any) -> Received:
        """A text message; the network vouches for the number."""
        return self.say("sms", address(AddressKind.SMS, number), text, **facts)

    def whatsapp(self, number: str, text: str = "Hello", *, name: str = "", **facts: Any) -> Received:
        """A WhatsApp message with its profile name."""
        return self.say("whatsapp", address(AddressKind.WHATSAPP, number, name=name), text, **facts)

    def chat(
        self, visitor: str, text: str = "Hello", *, also: Sequence[Address] = (), **facts: Any
    ) -> Received:
        """A message in the web chat: the visitor's cookie is ours, so it is attested; what they type is not."""
        sender = address(AddressKind.CHAT, visitor, also=also)
        return self.say("chat", sender, text, **{"thread_keys": (f"session of {visitor}",)} | facts)

    def slack(
        self, user: str, text: str = "Hello", *, name: str = "", email: str = "", **facts: Any
    ) -> Received:
        """A Slack message in the shared room, a new root unless it is `re` something; `email` is the profile's."""
        return self.say("slack", slack_user(user, name=name, email=email), text, **facts)

    def say(
        self,
        kind: str,
        sender: Address,
        text: str = "Hello",
        *,
        re: Said | None = None,
        ids: Sequence[str] = (),
        on: Channel | None = None,
        **facts: Any,
    ) -> Received:
        """Any message. `re` is what it answers, `ids` are bare thread keys, `facts` are further fields of it."""
        own = f"{next(self._ids)}.{kind}"
        keys = (*(self.references(re) if re else ()), *ids)
        defaults: dict[str, Any] = {"external_id": own, "thread_keys": keys}
        if kind in {"email", "slack"}:
            defaults["starts_thread"] = not keys
        if kind == "email":
            defaults["external_thread"] = sha256(text.encode()).hexdigest()
        if kind == "telegram":
            defaults["external_thread"] = sender.value
        if kind == "slack":
            defaults |= {"external_thread": "room", "thread_keys": keys or (f"room:{own}",)}
        message = InboundMessage(sender=sender, text=text, **defaults | facts)
        return self.hear(on or self.channel(kind), message)

    def answer(self, said: Said, text: str = "We are on it", **more: Any) -> Entry:
        """The agent answers on the channel that the message came by; `more` goes into the draft."""
        entry = said if isinstance(said, Entry) else said.entry
        assert entry.conversation is not None
        assert entry.channel is not None
        self.later(minutes=1)
        conversation = Conversation.objects.get(pk=entry.conversation.pk)
        draft = Draft(text, **more)
        out = reply(conversation=conversation, member=self.agent, channel=entry.channel, draft=draft)
        ours = (out.external_id,) if out.external_id else ()
        self._keys[out.pk] = (*ours, *self.references(said))
        return out

    def hear(self, channel: Channel, message: InboundMessage) -> Received:
        """Receive a message as the ingest does, a minute after what came before."""
        self.later(minutes=1)
        got = receive(channel=channel, message=message, received_at=self.now)
        own = () if message.sender.kind == AddressKind.SLACK else (message.external_id,)
        self._keys.setdefault(got.entry.pk, (*own, *message.thread_keys))
        return got

    def references(self, said: Said) -> tuple[str, ...]:
        """The thread keys of an answer to this, nearest first."""
        return self._keys.get((said if isinstance(said, Entry) else said.entry).pk, ())


def thread(got: Received) -> list[str]:
    """The texts of a conversation's messages, oldest first."""
    messages = Entry.objects.filter(conversation=got.conversation, kind=Entry.Kind.MESSAGE)
    return [entry.preview for entry in messages.order_by("at", "id")]


def timeline(whose: Contact | Account | None) -> list[str]:
    """The texts of the messages on a person's or a company's timeline, oldest first."""
    owner = "account" if isinstance(whose, Account) else "contact"
    refs = TimelineRef.objects.filter(**{owner: whose}, entry__kind=Entry.Kind.MESSAGE)
    return [ref.entry.preview for ref in refs.select_related("entry").order_by("at", "entry_id")]


def events(got: Received) -> list[str]:
    """What happened in a conversation besides messages, oldest first."""
    found = Entry.objects.filter(conversation=got.conversation, kind=Entry.Kind.EVENT)
    return [entry.event for entry in found.order_by("at", "id")]


def counted() -> tuple[int, int, int]:
    """How many conversations, contacts and messages there are."""
    messages = Entry.objects.filter(kind=Entry.Kind.MESSAGE).count()
    return Conversation.objects.count(), Contact.objects.count(), messages


def participants(got: Received) -> list[tuple[str, str, str]]:
    """(address, role, added by) of each, in the order in which they came."""
    people = Participant.objects.filter(conversation=got.conversation).select_related("identity")
    return [(person.identity.value, person.role, person.added_by) for person in people.order_by("id")]


def identities(contact: Contact | None) -> list[tuple[str, str, str]]:
    """(kind, value, proof) of each address of a contact, in the order in which they came."""
    found = Identity.objects.filter(contact=contact).order_by("id")
    return [(identity.kind, identity.value, identity.proof) for identity in found]


def suggested(one: Received, other: Received) -> bool:
    """Whether it has been suggested that the two senders are one person."""
    pair = [one.contact, other.contact]
    return Suggestion.objects.filter(contact__in=pair, other__in=pair).exists()


@contextmanager
def told() -> Iterator[Story]:
    """A story in a workspace of its own, from START on, the clock standing still but for the story's steps.

    The caller holds the transaction: in a test it is rolled back, so workspaces never meet.
    """
    every_kind = patch.object(kinds, "_senders", senders(*kinds.KINDS))
    with every_kind, time_machine.travel(START, tick=False) as clock:
        slug = f"story-{next(_slugs)}"
        owner, _ = User.objects.get_or_create(email="owner@acme.example", defaults={"name": "Olga Owner"})
        workspace = create_workspace(slug=slug, name="Acme", owner=owner)
        with scope(workspace.pk):
            yield Story(workspace, clock)
