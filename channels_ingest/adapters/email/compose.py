"""An outbound message as the bytes of a mail."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from channels_ingest.adapters.email.addresses import on_the_wire
from channels_ingest.adapters.email.headers import one_line
from channels_ingest.base import OutboundMessage
from channels_ingest.types import Address

MAX_REFERENCES = 20  # besides the first, which is what ties a long thread together
MAX_SUBJECT = 250

_MEDIA_TYPE = re.compile(r"(?!multipart/|message/)[a-z]+/[a-z0-9][a-z0-9.+-]*")


class _MessageIds(UnstructuredHeader, BaseHeader):
    """A field of message ids, folded between them: the library would break a long id into encoded words."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {f'{policy.linesep} '.join(str(self).split())}{policy.linesep}"


def _fields() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _MessageIds)
    return registry


# Seven-bit, because the next server may not speak 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_fields())


def compose(message: OutboundMessage) -> bytes:
    """The mail as it goes over the wire, with CRLF; ASCII unless an address in it is not (RFC 6531).

    Every header value is put on one line first: a decoded subject can hold a line break, and with it a header of
    a stranger's choice. Agents' answers carry no Auto-Submitted, or the customer's server would not answer them.
    """
    mail = EmailMessage(policy=_POLICY.clone(utf8=_needs_utf8(message)))
    mail["From"] = _mailbox(message.sender)
    mail["To"] = [_mailbox(each) for each in message.to or (message.recipient,)]
    if message.cc:
        mail["Cc"] = [_mailbox(each) for each in message.cc]
    if message.reply_to:
        mail["Reply-To"] = _mailbox(message.reply_to)
    mail["Subject"] = one_line(message.subject)[:MAX_SUBJECT]
    mail["Date"] = format_datetime(message.at or datetime.now(UTC))
    for name, value in marks(message).items():
        mail[name] = value
    _add_body(mail, message)
    return mail.as_bytes()


def _needs_utf8(message: OutboundMessage) -> bool:
    shown = (message.sender, message.recipient, *message.to, *message.cc)
    return not all(on_the_wire(address).isascii() for address in shown)


def _mailbox(address: Address) -> HeaderAddress:
    """An address as a header object, which quotes and encodes the name."""
    local, _, domain = on_the_wire(address).rpartition("@")
    return HeaderAddress(display_name=one_line(address.name), username=local, domain=domain)


def marks(message: OutboundMessage, *, id_may_change: bool = False) -> dict[str, str]:
    """The headers that tie a mail to its thread, and say that no person wrote it.

    `id_may_change`: where a server on the way replaces the Message-ID, ours stands in References as well, so
    that answers still name it.
    """
    answered, own = _bare(message.in_reply_to), _bare(message.message_id)
    known = [*map(_bare, message.references), answered, own if id_may_change else ""]
    references = [each for each in reversed(dict.fromkeys(reversed(known))) if each]
    references = references[:1] + references[1:][-MAX_REFERENCES:]
    fields = {
        "Message-ID": f"<{own}>" if own else "",
        "In-Reply-To": f"<{answered}>" if answered else "",
        "References": " ".join(f"<{each}>" for each in references),
    }
    if message.auto:
        fields["Auto-Submitted"] = "auto-replied" if answered else "auto-generated"
        fields["X-Auto-Response-Suppress"] = "All"
    return {name: value for name, value in fields.items() if value}


def _bare(message_id: str) -> str:
    return re.sub(r"[\s<>]", "", one_line(message_id))


def _add_body(mail: EmailMessage, message: OutboundMessage) -> None:
    mail.set_content(_encodable(message.text), cte="quoted-printable")
    inline = [file for file in message.files if message.html and file.inline and file.content_id]
    if message.html:
        mail.add_alternative(_encodable(message.html), subtype="html", cte="quoted-printable")
    page = mail.get_body(("html",))
    for file in inline if page else ():
        name = one_line(file.name) or "image"
        page.add_related(  # type: ignore[union-attr]
            file.content,
            *media_type(file.content_type),
            cid=f"<{_bare(file.content_id)}>",
            filename=name,
            disposition="inline",
        )
    for file in message.files:
        if file not in inline:
            name = one_line(file.name) or "attachment"
            mail.add_attachment(file.content, *media_type(file.content_type), filename=name)


def _encodable(text: str) -> str:
    """Text without lone surrogates, which no charset can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def media_type(claimed: str) -> tuple[str, str]:
    """A claimed media type that can stand in a mail as it is; octets for what is none, or would need
    parts."""
    known = _MEDIA_TYPE.fullmatch(claimed.partition(";")[0].strip().lower())
    main, _, sub = (known[0] if known else "application/octet-stream").partition("/")
    return main, sub
