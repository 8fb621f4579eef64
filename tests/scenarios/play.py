"""Plays the events of a case in a story."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from contacts.models import Contact
from contacts.services.people import add_identity, share_identity
from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel, Conversation, Entry
from conversations.services import work
from conversations.services.arrivals import NotOurs, Received
from conversations.tokens import make_token
from conversations.types import Automatic
from tenancy.models import Member
from tenancy.services import members
from tests.scenarios.cases import Event
from tests.scenarios.story import Said, Story, address, mailbox

FORGED = "a" * 32
AUTOMATIC = {"auto": Automatic.REPLY, "bulk": Automatic.BULK, "bounce": Automatic.BOUNCE}
CHANNELS = {"mail": "email", "call": "phone"}
KINDS = {"mail": AddressKind.EMAIL, "call": AddressKind.PHONE}
SCOPES = {"slack": "T1", "instagram": "page-1", "messenger": "page-1"}


class Play:
    """A story that is told event by event; `said` keeps what each message became, by the event's number."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.said: dict[int, Said] = {}

    def act(self, number: int, event: Event) -> None:
        """Do what an event says."""
        verb = _VERBS.get(event.verb, Play.hear)
        said = verb(self, event)
        if said is not None:
            self.said[number] = said

    def hear(self, event: Event) -> Received | None:
        """Receive a message; None when it is refused as no customer's."""
        kind, _, label = event.verb.partition("/")
        if event.has("after"):
            self.story.later(seconds=duration(event.get("after")).total_seconds())
        try:
            return self.story.say(
                CHANNELS.get(kind, kind),
                self._sender(kind, event),
                on=self._channel(kind, label),
                **self._facts(kind, event),
            )
        except NotOurs:
            return None

    def entry(self, number: int) -> Entry:
        """The entry that a message or an answer became."""
        said = self.said[number]
        return said if isinstance(said, Entry) else said.entry

    def answer(self, event: Event) -> Entry:
        """The agent answers; those named are copied in."""
        if event.has("after"):
            self.story.later(seconds=duration(event.get("after")).total_seconds())
        copies = [mailbox(copy).value for copy in event.all("cc")]
        return self.story.answer(self.said[int(event.subject)], cc=copies or None)

    def resolve(self, event: Event) -> None:
        """The agent closes the matter."""
        work.resolve(conversation=self._conversation(event.subject), member=self.story.agent)

    def spam(self, event: Event) -> None:
        """The agent puts the conversation aside."""
        work.mark_spam(conversation=self._conversation(event.subject), member=self.story.agent)

    def unspam(self, event: Event) -> None:
        """The agent takes it back."""
        work.unmark_spam(conversation=self._conversation(event.subject), member=self.story.agent)

    def share(self, event: Event) -> None:
        """The agent says that several people use the sender's address."""
        identity = self.entry(int(event.subject)).identity
        assert identity is not None
        share_identity(identity=identity)

    def confirm(self, event: Event) -> None:
        """The agent adds an address to the sender."""
        contact = self.entry(int(event.subject)).contact
        assert isinstance(contact, Contact)
        kind, _, value = event.options[0][0].partition("=")
        add_identity(contact=contact, kind=AddressKind(kind), value=value)

    def archive(self, event: Event) -> None:
        """A member leaves."""
        members.archive(member=Member.objects.get(user__email=event.subject), by=None)

    def window(self, event: Event) -> None:
        """An admin sets a channel's continuity."""
        channel = self._channel(*event.subject.split("/"))
        hours = event.options[0][0]
        channel.continuity = None if hours == "off" else duration(hours)
        channel.save(update_fields=["continuity"])

    def _conversation(self, number: str) -> Conversation:
        conversation = self.entry(int(number)).conversation
        assert conversation is not None
        return conversation

    def _channel(self, kind: str, label: str = "") -> Channel:
        brand = "Globe" if label.startswith("globe") else ""
        return self.story.channel(CHANNELS.get(kind, kind), label, brand=brand)

    def _sender(self, kind: str, event: Event) -> Address:
        doubtful = event.has("unverified") or (kind == "call" and not event.has("attested"))
        return address(
            KINDS.get(kind) or AddressKind(kind),
            event.subject,
            name=event.get("as").replace("_", " "),
            scope=event.get("team") or SCOPES.get(kind, ""),
            proof=Proof.CLAIMED if doubtful else Proof.ATTESTED,
            also=[
                *(_named(what, Proof.CLAIMED) for what in event.all("claims")),
                *(_named(what, Proof.ATTESTED) for what in event.all("attests")),
            ],
        )

    def _facts(self, kind: str, event: Event) -> dict[str, Any]:
        """The fields of the message, besides its sender."""
        facts: dict[str, Any] = {"spam": event.has("spam"), "subject": event.get("subject")}
        facts["text"] = event.get("text") or "Hello"
        facts["to"], facts["cc"] = self._people(kind, event, "to"), self._people(kind, event, "cc")
        facts["tokens"] = tuple(self._token(token) for token in event.all("token"))
        facts["automatic"] = next((AUTOMATIC[word] for word in AUTOMATIC if event.has(word)), Automatic.NO)
        if event.has("re"):
            facts["re"] = self.said[int(event.get("re"))]
        if event.has("guess"):
            facts["ids"] = event.all("guess")
        if event.has("late"):
            facts["at"] = self.story.now - duration(event.get("late"))
        if event.has("id"):
            facts["external_id"] = event.get("id")
        if event.has("for"):
            facts["on_behalf_of"] = mailbox(event.get("for"), proof=Proof.CLAIMED)
        if event.has("replyto"):
            facts["reply_to"] = mailbox(event.get("replyto"), proof=Proof.CLAIMED)
        if kind == "chat":
            facts["thread_keys"] = (event.get("session") or f"session of {event.subject}",)
        if event.has("dm"):
            facts |= {"external_thread": f"dm of {event.subject}", "thread_keys": (), "starts_thread": False}
        return facts

    def _people(self, kind: str, event: Event, option: str) -> tuple[Address, ...]:
        if kind == "slack":
            named = [address(AddressKind.SLACK, user, scope=SCOPES[kind]) for user in event.all(option)]
        else:
            named = [mailbox(written, proof=Proof.CLAIMED) for written in event.all(option)]
        return tuple(named)

    def _token(self, token: str) -> str:
        if token == "forged":
            return FORGED
        return make_token(self.story.workspace.pk, self._conversation(token).pk)


_VERBS: dict[str, Callable[[Play, Event], Said | None]] = {
    "answer": Play.answer,
    "resolve": Play.resolve,
    "spam": Play.spam,
    "unspam": Play.unspam,
    "share": Play.share,
    "confirm": Play.confirm,
    "archive": Play.archive,
    "window": Play.window,
}


def duration(text: str) -> timedelta:
    """`90m`, `73h`."""
    found = re.fullmatch(r"(\d+)([mh])", text)
    assert found, text
    amount = int(found[1])
    return timedelta(minutes=amount) if found[2] == "m" else timedelta(hours=amount)


def _named(what: str, proof: Proof) -> Address:
    kind, _, value = what.partition("=")
    return address(AddressKind(kind), value, proof=proof)
