"""One conversation, told to the scribe: each verb adds the rows that the service of its name writes.

The services stamp the present and take some 20 ms each; a month of traffic needs neither. That both write the
same is held by tests/omnidesk/test_demo.py, which plays one conversation by either and compares the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import Account, Contact, Identity
from contacts.types import AddressKind
from conversations import html as markup
from conversations import kinds
from conversations.models import (
    Channel,
    Conversation,
    ConversationLabel,
    Delivery,
    Entry,
    EntryBody,
    Label,
    Mention,
    Participant,
    Reaction,
    Seen,
    ThreadKey,
    TimelineRef,
)
from conversations.services import entries, matter
from conversations.types import IncomingFile
from omnidesk.demo.scribe import Scribe
from tenancy.lanes import State
from tenancy.models import Member

Status = Conversation.Status
WINDOW = 72  # hours, as channels have it unless told otherwise
TROUBLES = {
    Delivery.Status.FAILED: ("5.1.1", "The mailbox does not exist (550 5.1.1 user unknown)."),
    Delivery.Status.UNCERTAIN: ("timeout", "The line broke after the message had been handed over."),
}


@dataclass(frozen=True, slots=True)
class Party:
    """A stored customer: their identities by kind, and the account that they work for."""

    contact: Contact
    identities: Mapping[AddressKind, Identity]
    brand: str = ""
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says."""

    text: str
    subject: str = ""
    html: str = ""
    quoted: str = ""
    files: tuple[IncomingFile, ...] = ()


class Matter:
    """A conversation that exists once its customer has said something."""

    def __init__(self, scribe: Scribe, party: Party) -> None:
        self.scribe = scribe
        self.party = party
        self.conversation = Conversation(contact=party.contact, account=party.account)
        self._threads: dict[int, str] = {}
        self._participants: set[int] = set()
        self._mentions: list[Mention] = []

    @property
    def is_open(self) -> bool:
        """Whether somebody has said something yet."""
        return bool(self._participants)

    def says(self, channel: Channel, at: datetime, words: Words, *, is_spam: bool = False) -> Entry:
        """`receive`: the customer writes."""
        kind = kinds.KINDS[channel.kind]
        identity = self.party.identities[kind.address]
        opens = not self.is_open
        if opens:
            self._open(channel, at, words, is_spam)
        else:
            self._resume(at)
        rule, why = self._rule(channel, opens)
        entry = self._entry(
            Entry.Kind.MESSAGE,
            at,
            channel=channel,
            direction=Entry.Direction.IN,
            contact=self.party.contact,
            identity=identity,
            external_id=self._external_id(channel, identity),
            external_thread="" if kind.mails else self._threads.get(channel.pk, ""),
            rule=rule,
            is_verified=identity.is_verified,
            data={"why": why, "who": {"key": "known"}}
            | ({"subject": words.subject} if words.subject else {})
            | ({"to": [channel.address]} if kind.mails else {}),
        )
        self._speak(entry, words, [self.party.contact])
        self._remember(channel, entry)
        self._take_part(identity, opens)
        return entry

    def answers(
        self,
        channel: Channel,
        at: datetime,
        words: Words,
        member: Member,
        *,
        then: str = Status.PENDING,
        outcome: str = Delivery.Status.DELIVERED,
    ) -> Entry:
        """`reply`, sent and settled."""
        identity = self.party.identities[kinds.KINDS[channel.kind].address]
        entry = self._entry(
            Entry.Kind.MESSAGE,
            at,
            channel=channel,
            direction=Entry.Direction.OUT,
            contact=self.party.contact,
            identity=identity,
            member=member,
            data={"to": [str(identity)]},
        )
        self._speak(entry, words, [self.party.contact])
        self._threads.setdefault(channel.pk, "")
        self._deliver(entry, identity, outcome)
        if self.conversation.assignee_id is None and not member.is_bot:
            self.assigns(member, at, by=member)
        self.conversation.waiting_since = None
        self.conversation.status = then
        return entry

    def notes(self, at: datetime, text: str, member: Member, mentions: Sequence[Member] = ()) -> Entry:
        """`note`."""
        named = [{"id": person.pk, "name": person.name} for person in mentions]
        entry = self._entry(Entry.Kind.NOTE, at, member=member, data={"mentions": named} if named else {})
        self._speak(entry, Words(text), [self.party.contact])
        self._mentions += [
            self.scribe.add(Mention(entry=entry, conversation=self.conversation, member=person, at=at))
            for person in mentions
        ]
        return entry

    def calls(
        self, channel: Channel, at: datetime, transcript: str, member: Member, *, seconds: int
    ) -> Entry:
        """The customer phones and a member picks up; the conversation is theirs."""
        entry = self.says(channel, at, Words(transcript))
        entry.kind, entry.member = Entry.Kind.CALL, member
        entry.data |= call_facts(seconds)
        self.conversation.waiting_since = None
        self.conversation.status = Status.PENDING
        if self.conversation.assignee_id is None:
            self.assigns(member, at, by=member)
        return entry

    def suggests(self, at: datetime, text: str, by: Member, facts: dict[str, Any]) -> Entry:
        """The assistant drafts an answer, which nobody has sent."""
        entry = self._entry(Entry.Kind.SUGGESTION, at, member=by, data=facts)
        self._speak(entry, Words(text), [])
        return entry

    def assigns(self, assignee: Member, at: datetime, *, by: Member | None) -> None:
        """`work.assign`."""
        was = self.conversation.assignee
        self.conversation.assignee = assignee
        self._event("assigned", at, member=by, data=matter.handed(assignee, was))

    def labels(self, label: Label, at: datetime, by: Member | None) -> None:
        """`work.add_label`."""
        self.scribe.add(ConversationLabel(conversation=self.conversation, label=label))
        self._event("labelled", at, member=by, data={"label": label.name})

    def prioritises(self, priority: int, at: datetime, by: Member | None) -> None:
        """`work.set_priority`."""
        was, self.conversation.priority = self.conversation.priority, priority
        self._event("priority", at, member=by, data={"to": priority, "from": was})

    def renames(self, subject: str, at: datetime, by: Member) -> None:
        """`work.rename`."""
        was, self.conversation.subject = self.conversation.subject, subject
        self._event("renamed", at, member=by, data={"to": subject, "from": was})

    def resolves(self, at: datetime, by: Member | None) -> None:
        """`work.resolve`."""
        self.conversation.status, self.conversation.resolved_at = Status.RESOLVED, at
        self.conversation.waiting_since = None
        self._event("resolved", at, member=by, on=[self.party.contact])

    def snoozes(self, until: datetime, at: datetime, by: Member) -> None:
        """`work.snooze`; it ends by the lane, as every snooze."""
        self.conversation.status, self.conversation.snoozed_until = Status.SNOOZED, until
        entry = self._event("snoozed", at, member=by, data={"until": until.isoformat()})
        self.scribe.add(Reaction(entry=entry, step=Reaction.Step.WAKE, due_at=until))

    def marks_spam(self, at: datetime, by: Member | None) -> None:
        """`work.mark_spam`."""
        self.conversation.is_spam = True
        self._event("spam", at, member=by)

    def is_seen(self, at: datetime, by: Member) -> None:
        """`work.mark_seen`."""
        self.scribe.add(Seen(conversation=self.conversation, member=by, at=at))
        for mention in self._mentions:
            if mention.member_id == by.pk:
                mention.read_at = at

    def _open(self, channel: Channel, at: datetime, words: Words, is_spam: bool) -> None:
        made = self.conversation
        made.brand_id, made.subject, made.is_spam = channel.brand_id, words.subject, is_spam
        made.created_at = made.last_at = made.last_inbound_at = made.waiting_since = at
        made.last_channel, made.trail = channel, [channel.kind]
        made.preview = entries.preview(words.text)
        self.scribe.add(made)

    def _resume(self, at: datetime) -> None:
        resumed, before = self.conversation, self.conversation.status
        resumed.waiting_since, resumed.last_inbound_at = resumed.waiting_since or at, at
        resumed.status, resumed.resolved_at, resumed.snoozed_until = Status.OPEN, None, None
        if before in {Status.RESOLVED, Status.SNOOZED}:
            self._event("reopened", at, contact=self.party.contact, data={"was": before})

    def _rule(self, channel: Channel, opens: bool) -> tuple[str, dict[str, Any]]:
        """Which of `threads.decide`'s rules joined the message, and why."""
        if opens:
            return "new", {"key": "first"}
        if channel.pk in self._threads and _has_threads(channel):
            return "thread", {"key": "thread"}
        after = self.conversation.last_at.isoformat()
        return "continuity", {"key": "person", "hours": WINDOW, "after": after}

    def _external_id(self, channel: Channel, identity: Identity) -> str:
        unique = f"{self.scribe.rng.getrandbits(64):016x}"
        if kinds.KINDS[channel.kind].mails:
            return f"{unique}@{identity.value.rpartition('@')[2]}"
        if _has_threads(channel):
            self._threads.setdefault(channel.pk, f"thread-{unique}")
        return unique

    def _remember(self, channel: Channel, entry: Entry) -> None:
        """A mail's own id, or the thread that a chat or Slack message began."""
        key = "" if entry.rule == "thread" else entry.external_thread
        if kinds.KINDS[channel.kind].mails:
            self._threads.setdefault(channel.pk, "")
            key = entry.external_id
        if key:
            self.scribe.add(ThreadKey(channel=channel, key=key, conversation=self.conversation))

    def _take_part(self, identity: Identity, opens: bool) -> None:
        if identity.pk in self._participants:
            return
        self._participants.add(identity.pk)
        self.scribe.add(
            Participant(
                conversation=self.conversation,
                contact=self.party.contact,
                identity=identity,
                role=Participant.Role.REQUESTER if opens else Participant.Role.CC,
            )
        )

    def _deliver(self, entry: Entry, identity: Identity, outcome: str) -> None:
        code, reason = TROUBLES.get(Delivery.Status(outcome), ("", ""))
        self.scribe.add(
            Delivery(
                entry=entry,
                channel=entry.channel,
                identity=identity,
                status=outcome,
                state=State.FAILED if outcome == Delivery.Status.FAILED else State.DONE,
                code=code,
                reason=reason,
                attempts=1,
                due_at=entry.at,
                created_at=entry.at,
                status_at=entry.at,
            )
        )

    def _entry(self, kind: str, at: datetime, **fields: Any) -> Entry:
        return self.scribe.add(
            Entry(conversation=self.conversation, kind=kind, at=at, created_at=at, **fields)
        )

    def _event(self, name: str, at: datetime, *, on: Sequence[Contact] = (), **fields: Any) -> Entry:
        entry = self._entry(Entry.Kind.EVENT, at, event=name, **fields)
        self._stand_on(entry, on)
        return entry

    def _speak(self, entry: Entry, words: Words, on: Sequence[Contact]) -> None:
        """`entries.write`: the body, the timelines, and what the conversation takes over."""
        entry.preview, entry.file_count = entries.preview(words.text), len(words.files)
        clean = markup.sanitise(words.html, cid_urls={}) if words.html else None
        body = EntryBody(entry=entry, text=words.text, quoted=words.quoted, created_at=entry.at)
        if clean:
            body.html, body.is_rich, body.remote_images = clean.html, clean.rich, clean.remote_images
        self.scribe.add(body)
        for file in words.files:
            self.scribe.attach(file, entry)
        self._stand_on(entry, on)
        if entry.kind == Entry.Kind.MESSAGE:
            self._carry(entry)

    def _stand_on(self, entry: Entry, people: Sequence[Contact]) -> None:
        for person in people:
            self.scribe.add(TimelineRef(entry=entry, contact=person, at=entry.at))
        if people and self.party.account:
            self.scribe.add(TimelineRef(entry=entry, account=self.party.account, at=entry.at))

    def _carry(self, entry: Entry) -> None:
        carrier, channel = self.conversation, entry.channel
        assert channel is not None
        if carrier.trail[-1] != channel.kind:
            carrier.trail = [*carrier.trail, channel.kind][-6:]
        carrier.last_at, carrier.last_channel, carrier.preview = entry.at, channel, entry.preview
        carrier.preview_is_ours = entry.direction == Entry.Direction.OUT


def call_facts(seconds: int) -> dict[str, Any]:
    """What is kept of a call beside its transcript."""
    return {"status": "completed", "seconds": seconds, "recorded": True, "consent": True}


def _has_threads(channel: Channel) -> bool:
    """Whether messages on this kind of channel say which thread they answer in."""
    return kinds.KINDS[channel.kind].mails or channel.kind in {"chat", "slack"}
