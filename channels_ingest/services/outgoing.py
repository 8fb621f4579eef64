"""What a delivery looks like when it leaves: sender, subject, thread, signature, quoted history, files."""

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from channels_ingest.base import ChannelFacts, OutboundMessage
from channels_ingest.services.facts import facts_of
from channels_ingest.services.lending import lent_url
from channels_ingest.services.quoting import quote_of, signed_html, signed_text
from channels_ingest.types import Address, AddressKind, IncomingFile
from contacts.models import Identity
from conversations import kinds
from conversations.html import show_remote
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry, EntryBody
from conversations.services import third_parties
from conversations.signatures import signature_of
from conversations.tokens import make_message_id, make_token, reply_address
from tenancy.lanes import Fail
from tenancy.scope import current_workspace_id

REFERENCES = 20  # besides the first: header lines have an end (RFC 5322 2.1.1)

_ANSWERS = re.compile(r"^\s*(?:re|aw|sv|vs|antw|odp|rif|ref)(?:\[\d+\])?\s*:", re.IGNORECASE)
# What the adapter calls a mail that came without a Message-ID: of no use to anybody else.
_MADE_UP_ID = "@without-message-id.invalid"


@dataclass(frozen=True, slots=True)
class Handover:
    """All that is needed to send, with the database closed. `along` are the deliveries to the other recipients
    of the same call: their ids, each with the number of its attempts."""

    message: OutboundMessage
    channel: ChannelFacts
    along: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """The mails that went before, oldest first, and the one that is answered."""

    mails: tuple[Entry, ...]
    answered: Entry | None

    @property
    def message_ids(self) -> tuple[str, ...]:
        ids = (mail.external_id for mail in self.mails if not mail.external_id.endswith(_MADE_UP_ID))
        return tuple(dict.fromkeys(ids))


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail says, in which message it answers, and the entries that say it."""

    message_id: str
    text: str
    html: str
    answered: Entry | None
    entries: tuple[Entry, ...]


def handover(delivery: Delivery) -> Handover:
    """Build what is handed over for a delivery. Raises Fail, with the reason, when that cannot be done."""
    row = (
        Delivery.objects.select_related(
            "identity__contact", "channel__brand", "channel__owner", "entry__conversation"
        )
        .filter(pk=delivery.pk)
        .get()
    )
    if row.channel.archived_at or not row.channel.is_enabled:
        raise Fail(_("%(channel)s is switched off.") % {"channel": row.channel})
    side = row.entry.conversation if _is_aside(row.entry) else None
    # Nothing of it reaches the customer, however it came to be sent: tried again, or after people have changed.
    if side is not None and (why := third_parties.refusal(side, row.identity)):
        raise Fail(why)
    build = _mail if kinds.KINDS[row.channel.kind].mails else _plain
    return Handover(build(row), facts_of(row.channel))


def _is_aside(entry: Entry) -> bool:
    return entry.conversation is not None and entry.conversation.kind == Conversation.Kind.SIDE


def _plain(row: Delivery) -> OutboundMessage:
    return OutboundMessage(
        recipient=address_of(row.identity),
        sender=_sender(row.channel),
        text=_body(row.entry).text,
        files=_files(row.entry),
        at=row.entry.at,
        auto=_is_automatic(row.entry),
    )


def _mail(row: Delivery) -> OutboundMessage:
    entry, channel = row.entry, row.channel
    assert entry.conversation is not None
    thread, sender = _thread(entry), _sender(channel)
    said = _followed(row) if _follows(row) else _written(entry, thread)
    to, cc = _recipients(row)
    token = make_token(current_workspace_id(), entry.conversation.pk)
    quote, signature = quote_of(said.answered), signature_of(channel.brand, entry.member)
    return OutboundMessage(
        recipient=address_of(row.identity),
        sender=sender,
        text=signed_text(said.text, signature, quote),
        html=signed_html(show_remote(said.html), signature, quote) if said.html else "",
        message_id=said.message_id,
        subject=_subject(entry, thread, channel),
        to=to,
        cc=cc,
        reply_to=Address(AddressKind.EMAIL, reply_address(channel.address, token), name=sender.name),
        in_reply_to=_id_of(thread.answered),
        references=thread.message_ids,
        files=tuple(file for each in said.entries for file in _files(each)),
        at=entry.at,
        auto=_is_automatic(entry),
    )


def _follows(row: Delivery) -> bool:
    """Whether a mail brings what was written on another channel, whose reader has left."""
    return row.channel_id != row.entry.channel_id


def _written(entry: Entry, thread: Thread) -> Said:
    """What a mail says that was written as one."""
    body = _body(entry)
    return Said(entry.external_id, body.text, body.html, thread.answered, (entry,))


def _followed(row: Delivery) -> Said:
    """What a mail says that follows a chat: all that its reader has not seen there, and no mail has told yet.

    Its Message-ID is made from the entry, so that those who had it sent know it as well.
    """
    entry = row.entry
    domain = row.channel.address.rpartition("@")[2] or "localhost"
    messages = Entry.objects.filter(
        conversation=entry.conversation_id,
        channel=entry.channel_id,
        identity=entry.identity_id,
        kind=Entry.Kind.MESSAGE,
        deleted_at=None,
        pk__lte=entry.pk,
    )
    asked = messages.filter(direction=Entry.Direction.IN).select_related("identity__contact")
    unseen = tuple(
        messages.filter(direction=Entry.Direction.OUT, pk__gt=_last_told(row))
        .exclude(Exists(_seen(row)), ~Q(pk=entry.pk))
        .order_by("pk")
    )
    text = "\n\n".join(said for each in unseen if (said := _body(each).text.strip()))
    message_id = make_message_id(current_workspace_id(), entry.pk, domain)
    return Said(message_id, text, "", asked.order_by("-at", "-pk").first(), unseen)


def _seen(row: Delivery) -> QuerySet[Delivery]:
    """The deliveries of an outer entry that arrived where it was written, or never left."""
    known = (Delivery.Status.DELIVERED, Delivery.Status.READ, Delivery.Status.CANCELLED)
    return Delivery.objects.filter(entry=OuterRef("pk"), channel=row.entry.channel_id, status__in=known)


def _last_told(row: Delivery) -> int:
    """The id of the last entry before this one that a mail has brought to the same address; 0 without one."""
    told = Delivery.objects.filter(
        entry__conversation=row.entry.conversation_id,
        entry__channel=row.entry.channel_id,
        identity=row.identity_id,
        entry__lt=row.entry_id,
        status__in=(Delivery.Status.SENT, Delivery.Status.DELIVERED, Delivery.Status.READ),
    ).exclude(channel=row.entry.channel_id)
    return told.order_by("-entry").values_list("entry", flat=True).first() or 0


def _thread(entry: Entry) -> Thread:
    """The mails of the conversation before this one: the first and the last twenty."""
    mails = Entry.objects.filter(
        conversation=entry.conversation_id,
        kind=Entry.Kind.MESSAGE,
        channel__kind__in=[kind.name for kind in kinds.KINDS.values() if kind.mails],
        pk__lt=entry.pk,
        deleted_at=None,
    ).exclude(Q(external_id="") | Q(data__has_key="send_at"))
    last = list(mails.select_related("identity__contact").order_by("-at", "-id")[:REFERENCES])
    first = list(mails.order_by("at", "id")[:1]) if len(last) == REFERENCES else []
    answered = next((mail for mail in last if mail.direction == Entry.Direction.IN), None)
    return Thread((*first, *reversed(last)), answered)


def _id_of(mail: Entry | None) -> str:
    return "" if mail is None or mail.external_id.endswith(_MADE_UP_ID) else mail.external_id


def _subject(entry: Entry, thread: Thread, channel: Channel) -> str:
    """The subject that the customer knows, as an answer; mails keep it when agents rename the conversation."""
    assert entry.conversation is not None
    known = next((mail.data["subject"] for mail in reversed(thread.mails) if mail.data.get("subject")), "")
    subject = " ".join((known or entry.conversation.subject).split())
    if not subject:
        return _("Your message to %(brand)s") % {"brand": channel.brand.name}
    return f"Re: {subject}" if thread.mails and not _ANSWERS.match(subject) else subject


def _recipients(row: Delivery) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Who the mail says it is to, and who gets a copy: one delivery each. Of hidden copies it says nothing."""
    if _follows(row):
        return (address_of(row.identity),), ()
    entry = row.entry
    rows = Delivery.objects.filter(entry=entry, channel=row.channel_id, is_hidden=False)
    rows = rows.select_related("identity__contact").order_by("id")
    to = [address_of(each.identity) for each in rows if each.identity_id == entry.identity_id]
    cc = [address_of(each.identity) for each in rows if each.identity_id != entry.identity_id]
    return tuple(to), tuple(cc)


def address_of(identity: Identity) -> Address:
    """An identity as adapters know it; its contact should have been fetched."""
    return Address(
        AddressKind(identity.kind),
        identity.value,
        name=identity.contact.name,
        verbatim=identity.verbatim,
        scope=identity.scope,
    )


def _sender(channel: Channel) -> Address:
    """The brand, or the member whose own mailbox the channel is."""
    name = channel.owner.name if channel.owner else channel.brand.sender_name or channel.brand.name
    return Address(kinds.KINDS[channel.kind].address, channel.address, name=name)


def _body(entry: Entry) -> EntryBody:
    return EntryBody.objects.filter(entry=entry).latest("version")


def _is_automatic(entry: Entry) -> bool:
    return entry.member is None or entry.member.is_bot


def _files(entry: Entry) -> tuple[IncomingFile, ...]:
    if not entry.file_count:
        return ()
    return tuple(_file(attachment) for attachment in Attachment.objects.filter(entry=entry).order_by("id"))


def _file(attachment: Attachment) -> IncomingFile:
    try:
        with attachment.file.open("rb") as stored:
            content: bytes = stored.read()
    except FileNotFoundError as error:
        raise Fail(_("The file %(name)s is gone.") % {"name": attachment.name}) from error
    return IncomingFile(
        attachment.name,
        attachment.content_type,
        content,
        content_id=attachment.content_id,
        inline=attachment.is_inline,
        source=lent_url(attachment),
    )
