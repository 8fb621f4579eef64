"""What a delivery looks like when it leaves: sender, subject, thread, signature, quoted history, files."""

import re
from dataclasses import dataclass

from django.utils import formats
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _

from channels_ingest.base import ChannelFacts, OutboundMessage
from channels_ingest.services.facts import facts_of
from channels_ingest.types import Address, AddressKind, IncomingFile
from contacts.models import Identity
from conversations import kinds
from conversations.html import show_remote
from conversations.models import Attachment, Channel, Delivery, Entry, EntryBody
from conversations.tokens import make_token, reply_address
from tenancy.lanes import Fail
from tenancy.scope import current_workspace_id

REFERENCES = 20  # besides the first: header lines have an end (RFC 5322 2.1.1)
QUOTED = 8_000  # characters of the message that is answered

_ANSWERS = re.compile(r"^\s*(?:re|aw|sv|vs|antw|odp|rif|ref)(?:\[\d+\])?\s*:", re.IGNORECASE)
# What the adapter calls a mail that came without a Message-ID: of no use to anybody else.
_MADE_UP_ID = "@without-message-id.invalid"


@dataclass(frozen=True, slots=True)
class Handover:
    """All that is needed to send, with the database closed."""

    message: OutboundMessage
    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class Thread:
    """The mails that went before, oldest first, and the one that is answered."""

    mails: tuple[Entry, ...]
    answered: Entry | None

    @property
    def message_ids(self) -> tuple[str, ...]:
        ids = (mail.external_id for mail in self.mails if not mail.external_id.endswith(_MADE_UP_ID))
        return tuple(dict.fromkeys(ids))


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
    build = _mail if kinds.KINDS[row.channel.kind].mails else _plain
    return Handover(build(row), facts_of(row.channel))


def _plain(row: Delivery) -> OutboundMessage:
    return OutboundMessage(
        recipient=_address(row.identity),
        sender=_sender(row.channel),
        text=_body(row.entry).text,
        files=_files(row.entry),
        at=row.entry.at,
        auto=_is_automatic(row.entry),
    )


def _mail(row: Delivery) -> OutboundMessage:
    entry, channel = row.entry, row.channel
    assert entry.conversation is not None
    thread, body, sender = _thread(entry), _body(entry), _sender(channel)
    to, cc = _recipients(entry)
    token = make_token(current_workspace_id(), entry.conversation.pk)
    quote = _quote(thread.answered)
    return OutboundMessage(
        recipient=_address(row.identity),
        sender=sender,
        text=_signed_text(body.text, channel.brand.signature, quote),
        html=_signed_html(show_remote(body.html), channel.brand.signature, quote) if body.html else "",
        message_id=entry.external_id,
        subject=_subject(entry, thread, channel),
        to=to,
        cc=cc,
        reply_to=Address(AddressKind.EMAIL, reply_address(channel.address, token), name=sender.name),
        in_reply_to=_id_of(thread.answered),
        references=thread.message_ids,
        files=_files(entry),
        at=entry.at,
        auto=_is_automatic(entry),
    )


def _thread(entry: Entry) -> Thread:
    """The mails of the conversation before this one: the first and the last twenty."""
    mails = Entry.objects.filter(
        conversation=entry.conversation_id,
        kind=Entry.Kind.MESSAGE,
        channel__kind__in=[kind.name for kind in kinds.KINDS.values() if kind.mails],
        pk__lt=entry.pk,
        deleted_at=None,
    ).exclude(external_id="")
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


def _recipients(entry: Entry) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Who the mail says it is to, and who gets a copy: one delivery each."""
    rows = Delivery.objects.filter(entry=entry).select_related("identity__contact").order_by("id")
    to = [_address(row.identity) for row in rows if row.identity_id == entry.identity_id]
    cc = [_address(row.identity) for row in rows if row.identity_id != entry.identity_id]
    return tuple(to), tuple(cc)


def _address(identity: Identity) -> Address:
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
    )


def _quote(answered: Entry | None) -> tuple[str, str]:
    """The line above the quoted message, and its text; both empty when there is nothing to quote."""
    if answered is None:
        return "", ""
    text = EntryBody.objects.filter(entry=answered).latest("version").text.strip()
    name = str(answered.identity.contact if answered.identity else _("you"))
    head = _("On %(date)s, %(name)s wrote:") % {
        "date": formats.date_format(answered.at, "D, j M Y"),
        "name": " ".join(name.split()),
    }
    return (head, text[:QUOTED]) if text else ("", "")


def _signed_text(text: str, signature: str, quote: tuple[str, str]) -> str:
    head, quoted = quote
    parts = [text.strip()]
    if signature.strip():
        parts.append(f"-- \n{signature.strip()}")
    if quoted:
        parts.append(head + "\n" + "\n".join(f"> {line}".rstrip() for line in quoted.splitlines()))
    return "\n\n".join(parts) + "\n"


def _signed_html(html: str, signature: str, quote: tuple[str, str]) -> str:
    head, quoted = quote
    parts = [html]
    if signature.strip():
        parts.append(f"<div>-- <br>{linebreaks(escape(signature.strip()))}</div>")
    if quoted:
        parts.append(
            f'<div>{escape(head)}</div><blockquote type="cite">{linebreaks(escape(quoted))}</blockquote>'
        )
    return "\n".join(parts)
