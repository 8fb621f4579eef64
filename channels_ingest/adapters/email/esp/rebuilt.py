"""A mail put together again from what a service took it apart into.

A service that is not told to hand over raw mail sends fields and files. The mail is rebuilt for the one
parser that reads all mail: its headers as they were told, its body by anymail.
"""

import re
from collections.abc import Iterable
from email.encoders import encode_base64
from email.policy import SMTP
from hashlib import sha256

from anymail.inbound import AnymailInboundMessage

from channels_ingest.adapters.email.compose import media_type
from channels_ingest.adapters.email.esp.forms import Upload
from channels_ingest.adapters.email.headers import one_line
from tenancy.storable import legible

MAX_HEADERS = 2_000

_FIELD_NAME = re.compile(r"[!-9;-~]{1,100}")  # RFC 5322 3.6.8
# The parts are ours, so what the mail said of its own is not true any more.
_STRUCTURE = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-disposition"})

Attached = tuple[Upload, str]


def rebuild(
    *, headers: Iterable[tuple[str, str]], text: str, html: str, attached: Iterable[Attached] = ()
) -> bytes:
    """The bytes of a mail with these headers, bodies and files, each of them with its content id or ''.

    The same parts give the same bytes: it is told from other mails by them.
    """
    body = AnymailInboundMessage.construct(
        text=legible(text) if text or not html else None,
        html=legible(html) if html else None,
        attachments=[_part(*one) for one in attached],
    )
    _bound(body)
    head = "".join(f"{name}: {value}\r\n" for name, value in _written(headers))
    whole: bytes = head.encode("utf-8", "replace") + body.as_bytes(policy=SMTP)
    return whole


def mailbox(name: object, address: object) -> str:
    """A name and an address as one header value; what is no text is left out."""
    shown = one_line(name) if isinstance(name, str) else ""
    written = one_line(address).strip("<> ") if isinstance(address, str) else ""
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{written}>' if shown else written


def _written(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Headers on one line each: a line break in one would begin another, of a stranger's choice."""
    for count, (name, value) in enumerate(headers):
        if count < MAX_HEADERS and _FIELD_NAME.fullmatch(name) and name.lower() not in _STRUCTURE:
            yield name, one_line(value)


def _part(upload: Upload, content_id: str) -> AnymailInboundMessage:
    """A file as a part. Anymail reads an attached mail as text and writes it anew; here it stays as it
    came."""
    part = AnymailInboundMessage.construct_attachment(
        content_type="application/octet-stream",
        content=upload.content,
        filename=legible(upload.name) or None,
        content_id=one_line(content_id).strip("<> ") or None,
    )
    encode_base64(part)
    del part["Content-Type"]
    part["Content-Type"] = "message/rfc822" if _is_mail(upload) else "/".join(media_type(upload.content_type))
    return part


def _is_mail(upload: Upload) -> bool:
    return upload.content_type.partition(";")[0].strip().lower() == "message/rfc822"


def _bound(body: AnymailInboundMessage) -> None:
    """Set boundaries that depend on the parts alone."""
    digest = sha256()
    for part in body.walk():
        if not part.is_multipart():
            digest.update(part.as_bytes(policy=SMTP))
    for number, part in enumerate(part for part in body.walk() if part.is_multipart()):
        part.set_boundary(f"=_{digest.hexdigest()[:40]}_{number}")
