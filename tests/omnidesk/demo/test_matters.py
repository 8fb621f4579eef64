"""Traffic is written in bulk: row for row what the services would have written."""

import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db.models import ForeignKey, Model

from contacts.models import Identity
from contacts.services import people
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import (
    Channel,
    Conversation,
    ConversationLabel,
    Delivery,
    DeliveryAlias,
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
from conversations.services import channels, counts, notes, work
from conversations.services.labels import label_named
from conversations.services.receive import receive
from conversations.services.reply import Draft, reply
from conversations.types import InboundMessage
from omnidesk.demo.matters import Matter, Party, Words
from omnidesk.demo.scribe import Scribe
from tenancy.models import Brand, Member, Role, Workspace
from tenancy.scope import scope

START = datetime(2026, 11, 18, 9, tzinfo=UTC)
TABLES: tuple[type[Model], ...] = (
    *(Conversation, Entry, EntryBody, TimelineRef, Participant, ThreadKey, Delivery, DeliveryAlias),
    *(Mention, Seen, ConversationLabel, Reaction),
)
# Ids, what is random, and how far a sending has come: the services have only queued it.
DIFFER = {"id", "workspace", "number", "external_id", "external_thread", "value", "key"}
SENDING = {"order_key", "status", "status_at", "state", "due_at", "attempts"}


class Services:
    """The verbs of `Matter`, done by the services at the time that they stamp."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.conversation = Conversation()
        self.ours: tuple[str, ...] = ()

    def says(self, channel: Channel, at: datetime, words: Words) -> None:
        identity = self.party.identities[kinds.KINDS[channel.kind].address]
        mails = kinds.KINDS[channel.kind].mails
        message = InboundMessage(
            external_id=f"{at:%H%M}@northpeak.example",
            external_thread="" if mails else "session",
            sender=Address(AddressKind(identity.kind), identity.value, proof=Proof.ATTESTED),
            subject=words.subject,
            text=words.text,
            html=words.html,
            quoted=words.quoted,
            to=(Address(AddressKind.EMAIL, channel.address),) if mails else (),
            thread_keys=self.ours if mails else ("session",),
            starts_thread=mails and not self.ours,
        )
        received = receive(channel=channel, message=message, received_at=at)
        assert received.conversation
        self.conversation = received.conversation

    def answers(self, channel: Channel, at: datetime, words: Words, member: Member) -> None:
        draft = Draft(text=words.text, html=words.html, cc=())
        entry = reply(conversation=self.conversation, channel=channel, draft=draft, member=member)
        self.ours = (entry.external_id,) if entry.external_id else self.ours

    def notes(self, at: datetime, text: str, member: Member, mentions: list[Member]) -> None:
        notes.note(conversation=self.conversation, member=member, text=text, mentions=mentions)

    def assigns(self, assignee: Member, at: datetime, *, by: Member | None) -> None:
        work.assign(conversation=self.conversation, assignee=assignee, member=by)

    def labels(self, label: Label, at: datetime, by: Member) -> None:
        work.add_label(conversation=self.conversation, label=label, member=by)

    def prioritises(self, priority: int, at: datetime, by: Member) -> None:
        work.set_priority(conversation=self.conversation, priority=priority, member=by)

    def renames(self, subject: str, at: datetime, by: Member) -> None:
        work.rename(conversation=self.conversation, subject=subject, member=by)

    def resolves(self, at: datetime, by: Member) -> None:
        work.resolve(conversation=self.conversation, member=by)

    def snoozes(self, until: datetime, at: datetime, by: Member) -> None:
        work.snooze(conversation=self.conversation, until=until, member=by)

    def marks_spam(self, at: datetime, by: Member) -> None:
        work.mark_spam(conversation=self.conversation, member=by)

    def is_seen(self, at: datetime, by: Member) -> None:
        work.mark_seen(conversation=self.conversation, member=by)


def play(matter: Any, mail: Channel, chat: Channel) -> None:
    """A conversation with everything in it, an act a minute."""
    agent, admin = member(Role.AGENT), member(Role.ADMIN)
    label, html = label_named(name="billing"), "<p>We <b>paid</b>.</p>"
    with time_machine.travel(START, tick=False) as clock:

        def now() -> datetime:
            clock.shift(timedelta(minutes=1))
            return datetime.now(UTC)

        matter.says(mail, now(), Words("We paid.", subject="Invoice", html=html, quoted="> old"))
        matter.assigns(admin, now(), by=None)
        matter.answers(mail, now(), Words("Let me see."), agent)
        matter.labels(label, now(), agent)
        matter.prioritises(3, now(), agent)
        matter.renames("Invoice 7", now(), agent)
        matter.notes(now(), "@Ada Admin paid?", agent, [admin])
        matter.says(mail, now(), Words("And?", subject="Re: Invoice"))
        matter.is_seen(now(), admin)
        matter.resolves(now(), agent)
        matter.says(chat, now(), Words("Hello?"))
        matter.says(chat, now(), Words("Anybody there?"))
        matter.snoozes(START + timedelta(days=1), now(), agent)
        matter.says(mail, now(), Words("Still waiting.", subject="Re: Invoice"))
        matter.marks_spam(now(), agent)


def member(role: Role) -> Member:
    return Member.objects.filter(role=role).earliest("id")


def furnish() -> tuple[Party, Channel, Channel]:
    """A customer of an account, a mail channel and a chat."""
    with time_machine.travel(START, tick=False):
        Brand.objects.update(name="Brand")
        account = people.create_account(name="Northpeak", domains=["northpeak.example"])
        addresses = [(AddressKind.EMAIL, "pat@northpeak.example"), (AddressKind.CHAT, "visitor")]
        contact = people.create_contact(name="Pat Lind", addresses=addresses)
        people.affiliate(contact=contact, account=account)
        mail, _ = channels.create_channel(
            kind="email", name="Mail", config={"address": "help@us.example"}, secrets={}
        )
        chat, _ = channels.create_channel(kind="chat", name="Chat", config={}, secrets={})
    identities = {AddressKind(one.kind): one for one in Identity.objects.filter(contact=contact)}
    return Party(contact, identities, account=account), mail, chat


def written() -> dict[str, list[dict[str, str]]]:
    """All rows of the conversation tables, with names in place of ids."""
    Reaction.objects.filter(step="written").delete()
    return {table.__name__: sorted(map(shown, table.objects.all()), key=str) for table in TABLES}  # type: ignore[attr-defined]


def shown(row: Model) -> dict[str, str]:
    hidden = DIFFER | (SENDING if isinstance(row, Delivery) else set())
    values: dict[str, str] = {}
    for field in row._meta.concrete_fields:
        if field.name not in hidden:
            value = getattr(row, field.name)
            written = name_of(value) if isinstance(field, ForeignKey) else repr(value)
            values[field.name] = re.sub(r"'(\w*id)': \d+", r"'\1'", written)
    return values


def name_of(value: Model | None) -> str:
    match value:
        case Entry():
            return f"{value.kind} {value.event} {value.at:%H:%M}"
        case Conversation():
            return value.subject
        case Delivery():
            return name_of(value.entry)
    return str(value)


def test_bulk_and_services_write_the_same(workspace: Workspace, other_workspace: Workspace):
    with scope(workspace.pk):
        party, mail, chat = furnish()
        play(Services(party), mail, chat)
        by_services, kept = written(), counts.totals()
    with scope(other_workspace.pk):
        party, mail, chat = furnish()
        scribe = Scribe(workspace_id=other_workspace.pk, rng=random.Random(1))
        play(Matter(scribe, party), mail, chat)
        scribe.write()
        in_bulk = written()
        assert counts.differences() == {}
        assert counts.totals() == kept == {"spam": 1}
    for table, rows in by_services.items():
        assert in_bulk[table] == rows, table
