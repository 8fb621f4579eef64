"""Answering the customer: one entry, one delivery for each recipient, held while it can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Identity
from conversations import kinds
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry, KeptDraft
from conversations.services import drafts, entries, files, matter, notices, third_parties
from conversations.services.dispatch import Recipients, deliver, name_mail, recipients
from conversations.services.entries import Body
from conversations.services.moves import gone_to
from conversations.services.optouts import opted_out
from conversations.services.retelling import waiting_since
from conversations.services.scheduled import SEND_AT, THEN, is_scheduled, move_on
from tenancy import lanes
from tenancy.models import Member

LATEST = 20  # messages among which the address to answer to is looked for


class CannotReply(Exception):
    """The text says to a person why this cannot be sent, and what to do instead."""


class WroteMeanwhile(Exception):
    """The customer or a colleague wrote after the sender's screen was drawn: show these entries first."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(_("Somebody wrote while you were answering."))
        self.entries = entries


class WentOn(Exception):
    """All that was said here has gone to another conversation: whoever answers may not know."""

    def __init__(self, to: Conversation) -> None:
        super().__init__(_("This conversation went on as #%(number)d.") % {"number": to.number})
        self.to = to


class TooLate(Exception):
    """The message has left, or was undone already."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer holds. `to` defaults to the requester's address on that kind of channel; `cc` are mail
    addresses as typed (None keeps those who are copied already), `bcc` those that no other recipient is shown;
    `attachments` are the member's uploads. At `send_at` it leaves, else at once."""

    text: str
    html: str = ""
    to: Identity | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    send_at: datetime | None = None


@transaction.atomic
def reply(
    *,
    conversation: Conversation,
    channel: Channel,
    draft: Draft,
    member: Member | None,
    seen_entry_id: int | None = None,
    then: str = Conversation.Status.PENDING,
    here: bool = True,
) -> Entry:
    """Answer on a channel. `then` is the status that the conversation gets with it: pending, open or resolved.

    Raises CannotReply; WroteMeanwhile when somebody else wrote after `seen_entry_id`; and, unless it is to be
    `here` anyway, WentOn.
    """
    conversation = matter.lock(conversation)
    check_reply(conversation, channel, draft)
    _check_nothing_new(conversation, member, seen_entry_id)
    if not here and (elsewhere := gone_to(conversation)):
        raise WentOn(elsewhere)
    to = draft.to or address_on(conversation, channel)
    if to is None:
        raise CannotReply(
            _("No address of this contact can be reached on %(name)s.") % {"name": channel.name}
        )
    if _is_side(conversation) and (why := third_parties.refusal(conversation, to)):
        raise CannotReply(why)
    if opted_out(channel, to):
        raise CannotReply(
            _("%(who)s has opted out of messages from %(channel)s. They must write START first.")
            % {"who": to.contact, "channel": channel}
        )
    whom = recipients(conversation, channel, to, cc=draft.cc, bcc=draft.bcc)
    entry = _write(conversation, channel, draft, member, whom=whom, then=then)
    deliver(entry, channel, whom, at=draft.send_at)
    if member is not None and conversation.assignee_id is None and not member.is_bot:
        matter.change(conversation, assignee=member)
        entries.event(conversation, "assigned", member=member, data=matter.handed(member, None))
    if not draft.send_at:
        move_on(conversation, then, member)
    return entry


def check_reply(conversation: Conversation, channel: Channel, draft: Draft) -> None:
    """Raise CannotReply for what no channel could send."""
    if not draft.text.strip() and not draft.attachments:
        raise CannotReply(_("Write something first."))
    if _is_side(conversation):
        _check_side(conversation, channel, draft)
    if channel.archived_at or not channel.is_enabled:
        raise CannotReply(_("%(name)s is switched off. Choose another channel.") % {"name": channel.name})
    if not kinds.can_send(channel.kind):
        raise CannotReply(_("Nothing can be sent on %(name)s.") % {"name": channel.name})
    if draft.send_at and kinds.KINDS[channel.kind].live:
        raise CannotReply(
            _("On %(name)s people read at once: nothing is sent later.") % {"name": channel.name}
        )
    _check_limits(channel, draft)


def _is_side(conversation: Conversation) -> bool:
    return conversation.kind == Conversation.Kind.SIDE


def _check_side(side: Conversation, channel: Channel, draft: Draft) -> None:
    """Raise CannotReply for what a side conversation must not send: it writes mail, to its third party alone."""
    if side.contact_id is None:
        raise CannotReply(_("Only colleagues take part in this side conversation: write them a note."))
    if not kinds.KINDS[channel.kind].mails:
        raise CannotReply(_("A side conversation goes by e-mail."))
    if draft.cc or draft.bcc:
        raise CannotReply(_("A side conversation goes to its third party alone: take the copies out."))


def _check_limits(channel: Channel, draft: Draft) -> None:
    """Raise CannotReply for more than the channel can carry."""
    limits = kinds.capabilities(channel)
    count, size = len(draft.attachments), sum(file.size for file in draft.attachments)
    if limits.text_limit is not None and len(draft.text) > limits.text_limit:
        raise CannotReply(
            _("This is %(over)d characters too long for %(name)s, which carries %(limit)d.")
            % {"over": len(draft.text) - limits.text_limit, "name": channel, "limit": limits.text_limit}
        )
    if count and not limits.files:
        raise CannotReply(
            _("%(name)s carries no files. Take them out or choose another way.") % {"name": channel}
        )
    if limits.most_files is not None and count > limits.most_files:
        raise CannotReply(
            _("%(name)s carries at most %(limit)d files at once.")
            % {"name": channel, "limit": limits.most_files}
        )
    if limits.file_limit is not None and size > limits.file_limit:
        raise CannotReply(
            _("The files are too large for %(name)s: %(size)s, and it carries %(limit)s.")
            % {"name": channel, "size": filesizeformat(size), "limit": filesizeformat(limits.file_limit)}
        )


def address_on(conversation: Conversation, channel: Channel) -> Identity | None:
    """The requester's address (in an aside, the third party's) that a channel reaches: the one last written
    from, else any that they hold."""
    last = (
        Entry.objects.filter(
            conversation=conversation,
            direction=Entry.Direction.IN,
            identity__kind__in=kinds.KINDS[channel.kind].reaches,
            identity__holds=True,
        )
        .order_by("-at", "-id")
        .select_related("identity")
    )
    held: Iterable[Identity] = (
        third_parties.addresses(conversation)
        if _is_side(conversation)
        else Identity.objects.filter(contact=conversation.contact_id, holds=True).order_by("-id")
    )
    used = (entry.identity for entry in last[:LATEST] if entry.identity)
    return next((each for each in (*used, *held) if kinds.reaches(channel, each)), None)


@transaction.atomic
def undo_send(*, entry: Entry, member: Member) -> KeptDraft:
    """Take back a reply that is still held; it is the member's draft again, with its files. Raises TooLate."""
    rows = list(Delivery.objects.select_for_update().filter(entry=entry).order_by("pk"))
    if not rows or entry.conversation is None or any(row.status != Delivery.Status.HELD for row in rows):
        raise TooLate(_("This message has been sent."))
    now = timezone.now()
    Delivery.objects.filter(entry=entry).update(
        status=Delivery.Status.CANCELLED, state=lanes.State.DONE, reason="undone", status_at=now
    )
    Entry.objects.filter(pk=entry.pk).update(deleted_at=now)
    notices.forget(entry)
    conversation = matter.lock(entry.conversation)
    entries.event(conversation, "send_undone", member=member, data={"entry": entry.pk})
    matter.change(conversation, **entries.derived(conversation))
    if not is_scheduled(entry):
        _take_up_again(conversation, entry)
    return drafts.put_back(entry=entry, member=member)


def _take_up_again(conversation: Conversation, undone: Entry) -> None:
    """Undo what sending did to the matter: nobody has answered, so it is open and whoever wrote still waits."""
    changes: dict[str, Any] = {"waiting_since": waiting_since(conversation, before=undone.pk)}
    if conversation.status in {Conversation.Status.PENDING, Conversation.Status.RESOLVED}:
        changes |= {"status": Conversation.Status.OPEN, "resolved_at": None}
    matter.change(conversation, **changes)


def _check_nothing_new(conversation: Conversation, member: Member | None, seen_entry_id: int | None) -> None:
    """Let nobody answer what they have not seen, nor beside a colleague who has just answered."""
    if seen_entry_id is None:
        return
    newer = Entry.objects.filter(
        conversation=conversation, kind=Entry.Kind.MESSAGE, id__gt=seen_entry_id, deleted_at=None
    ).exclude(direction=Entry.Direction.OUT, member=member)
    if found := list(newer.select_related("member", "contact").order_by("at", "id")[:20]):
        raise WroteMeanwhile(found)


def _write(
    conversation: Conversation,
    channel: Channel,
    draft: Draft,
    member: Member | None,
    *,
    whom: Recipients,
    then: str,
) -> Entry:
    later = {SEND_AT: draft.send_at.isoformat(), THEN: then} if draft.send_at else {}
    entry = Entry(
        conversation=conversation,
        kind=Entry.Kind.MESSAGE,
        direction=Entry.Direction.OUT,
        channel=channel,
        contact=whom.to.contact,
        identity=whom.to,
        member=member,
        file_count=len(draft.attachments),
        data=whom.shown | later,
    )
    entries.write(entry, body=Body(text=draft.text, html=draft.html), on=whom.people)
    if draft.attachments:
        files.attach(draft.attachments, entry)
    if kinds.KINDS[channel.kind].mails:
        name_mail(entry, channel)
    return entry
