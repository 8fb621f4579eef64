"""Tells a story through the services, as it would have happened, with the times of the story."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import Max

from contacts.models import Contact, Identity
from contacts.types import Address
from conversations import kinds
from conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryAlias,
    Entry,
    EntryBody,
    Mention,
    Reaction,
    Seen,
    ThreadKey,
    TimelineRef,
)
from conversations.services import entries, matter, notes, work
from conversations.services.entries import Body
from conversations.services.receive import receive
from conversations.tokens import make_message_id
from conversations.types import InboundMessage, IncomingFile
from omnidesk.demo.matters import call_facts
from omnidesk.demo.office import Office
from tenancy.lanes import State
from tenancy.models import Member


class Teller:
    """One story, from the first message on."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._conversation: Conversation | None = None

    @property
    def conversation(self) -> Conversation:
        """The story's conversation."""
        assert self._conversation is not None, "nobody has written yet"
        return self._conversation

    def says(self, key: str, at: datetime, sender: Address, text: str, **facts: Any) -> Entry:
        """The customer writes on a channel; `facts` are those of InboundMessage."""
        message = InboundMessage(sender=sender, at=at, text=text, **facts)
        with _dated(at):
            received = receive(channel=self.office.channels[key], message=message, received_at=at)
        self._conversation = received.conversation
        return received.entry

    def calls(
        self, key: str, at: datetime, sender: Address, transcript: str, member: Member, *, seconds: int
    ) -> Entry:
        """The customer phones and a member picks up."""
        entry = self.says(key, at, sender, transcript, external_id=f"call-{at:%Y%m%d%H%M}")
        entry.kind, entry.member, entry.data = Entry.Kind.CALL, member, entry.data | call_facts(seconds)
        entry.save(update_fields=["kind", "member", "data"])
        matter.change(matter.lock(self.conversation), waiting_since=None)
        return entry

    def answers(
        self,
        key: str,
        at: datetime,
        member: Member,
        text: str,
        *,
        to: Identity,
        files: Sequence[IncomingFile] = (),
        outcome: str = Delivery.Status.DELIVERED,
    ) -> Entry:
        """A member answers, and it has arrived: `reply` itself would hold the message, to send it soon."""
        with _dated(at):
            conversation = matter.lock(self.conversation)
            entry = Entry(
                conversation=conversation,
                kind=Entry.Kind.MESSAGE,
                direction=Entry.Direction.OUT,
                channel=self.office.channels[key],
                contact=to.contact,
                identity=to,
                member=member,
                at=at,
                data={"to": [str(to)]},
            )
            entries.write(entry, body=Body(text=text, files=tuple(files)), on=[to.contact])
            matter.change(conversation, waiting_since=None, status=Conversation.Status.PENDING)
            if conversation.assignee_id is None:
                work.assign(conversation=conversation, assignee=member, member=member)
            _deliver(entry, to, outcome)
        return entry

    def suggests(self, at: datetime, text: str, **facts: Any) -> None:
        """The AI agent drafts an answer, for people to use or not."""
        kind = Entry.Kind.SUGGESTION
        entry = Entry(conversation=self.conversation, kind=kind, member=self.office.ai, at=at, data=facts)
        with _dated(at):
            entries.write(entry, body=Body(text=text))

    def notes(self, at: datetime, member: Member, text: str, mentions: Sequence[Member] = ()) -> None:
        """A member notes something for colleagues."""
        with _dated(at):
            notes.note(conversation=self.conversation, member=member, text=text, mentions=mentions)

    def happens(self, at: datetime, name: str, *, on: Sequence[Contact] = (), **fields: Any) -> None:
        """Something else happens, for the thread and for the timelines of `on` and of their accounts."""
        with _dated(at):
            entries.event(matter.lock(self.conversation), name, at=at, on=on, **fields)

    def assigns(self, at: datetime, assignee: Member, *, by: Member | None) -> None:
        """Somebody, or a rule, gives the matter to a member."""
        with _dated(at):
            work.assign(conversation=self.conversation, assignee=assignee, member=by)

    def labels(self, at: datetime, name: str, by: Member | None) -> None:
        """Somebody, or a rule, puts a label on it."""
        with _dated(at):
            work.add_label(conversation=self.conversation, label=self.office.labels[name], member=by)

    def prioritises(self, at: datetime, priority: int, by: Member | None) -> None:
        """Somebody, or a rule, says how urgent it is."""
        with _dated(at):
            work.set_priority(conversation=self.conversation, priority=priority, member=by)

    def renames(self, at: datetime, subject: str, by: Member) -> None:
        """Somebody gives it a subject."""
        with _dated(at):
            work.rename(conversation=self.conversation, subject=subject, member=by)

    def is_seen(self, at: datetime, *readers: Member) -> None:
        """Members have read it up to a time."""
        for reader in readers:
            work.mark_seen(conversation=self.conversation, member=reader)
            Seen.objects.filter(conversation=self.conversation, member=reader).update(at=at)

    def settles(self) -> None:
        """Leave nothing to the lanes: what would have followed an entry belongs to a time gone by."""
        Reaction.objects.filter(entry__conversation=self.conversation).delete()


def _deliver(entry: Entry, to: Identity, outcome: str) -> None:
    """What `reply` and the send lane leave behind."""
    channel = entry.channel
    assert channel is not None
    sending = Delivery.objects.create(
        entry=entry,
        channel=channel,
        identity=to,
        status=outcome,
        state=State.DONE,
        attempts=1,
        due_at=entry.at,
        created_at=entry.at,
        status_at=entry.at,
        order_key=f"{entry.conversation_id}:{to.pk}",
    )
    if not kinds.KINDS[channel.kind].mails:
        return
    domain = channel.address.rpartition("@")[2]
    entry.external_id = make_message_id(entry.workspace_id, entry.pk, domain)
    entry.save(update_fields=["external_id"])
    key = entry.external_id
    ThreadKey.objects.create(channel=channel, key=key, conversation=entry.conversation, is_ours=True)
    DeliveryAlias.objects.create(delivery=sending, channel=channel, value=key)


@contextmanager
def _dated(at: datetime) -> Iterator[None]:
    """Give what is written meanwhile the time of the story; the services stamp the present."""
    last = Entry.objects.aggregate(last=Max("id"))["last"] or 0
    yield
    Entry.objects.filter(id__gt=last).update(at=at, created_at=at)
    TimelineRef.objects.filter(entry_id__gt=last).update(at=at)
    EntryBody.objects.filter(entry_id__gt=last).update(created_at=at)
    Attachment.objects.filter(entry_id__gt=last).update(created_at=at)
    Mention.objects.filter(entry_id__gt=last).update(at=at)
