"""Which parts of a mail are its text, which are files, and what else can be said of it."""

import html
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote

from channels_ingest.adapters.email.charsets import decode
from channels_ingest.adapters.email.headers import decode_words, one_line
from channels_ingest.adapters.email.mime import Part, read_headers, safe_name, uuencoded
from channels_ingest.adapters.email.plaintext import Reading, read_html
from channels_ingest.types import IncomingFile
from conversations.history import may_hold_history
from tenancy.storable import legible

MAX_TEXT = 1_000_000  # characters kept as text; the whole mail stays one click away
MAX_HTML = 5_000_000
MAX_TYPE = 120
MAX_REFERENCE = 320

_SIGNATURES = {
    "application/pkcs7-signature": "S/MIME",
    "application/x-pkcs7-signature": "S/MIME",
    "application/pgp-signature": "PGP",
}
_CALENDAR_METHOD = re.compile(r"^METHOD:([A-Z]{3,20})", re.IGNORECASE | re.MULTILINE)
_SHOWN = re.compile(r"(?:src|background)\s{0,9}=\s{0,9}[\"']?(?:cid:)?([^\s\"'<>]{1,320})", re.IGNORECASE)


@dataclass
class Segment:
    """One piece of the body in the forms that the sender gave it in."""

    plain: str | None = None
    html: str | None = None

    @cached_property
    def reading(self) -> Reading:
        """The HTML as text."""
        return read_html(self.html or "")

    @property
    def text(self) -> str:
        """The sender's own plain text, else what the HTML says."""
        return self.plain if self.plain is not None and self.plain.strip() else self.reading.text


@dataclass
class Body:
    """The body of a mail: its segments in order, its files, and facts worth showing."""

    segments: list[Segment] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All text parts: some mailers put text before and after an inline image."""
        return "\n".join(segment.text.strip("\n") for segment in self.segments if segment.text.strip())[
            :MAX_TEXT
        ]

    @property
    def html(self) -> str:
        """All parts as HTML; empty when the mail has none, or more of it than anybody writes."""
        if not any(segment.html for segment in self.segments):
            return ""
        whole = "\n".join(segment.html or _as_html(segment.plain or "") for segment in self.segments)
        return whole if len(whole) <= MAX_HTML else ""

    @property
    def reading(self) -> Reading | None:
        """The HTML as text, of a mail whose HTML is one piece and may say where its history begins."""
        page = self.segments[0] if len(self.segments) == 1 else Segment()
        return page.reading if page.html and may_hold_history(page.html) else None


def _as_html(plain: str) -> str:
    return f'<div style="white-space: pre-wrap">{html.escape(plain)}</div>'


def read_body(root: Part) -> Body:
    """Sort the parts of a mail into text and files; never raises."""
    body = Body()
    body.segments = _segments(root, body, opening=next(root.leaves(), root))
    _mark_inline(body)
    _note_armour(body)
    return body


def _segments(part: Part, body: Body, opening: Part) -> list[Segment]:
    if part.is_multipart():
        if part.media_type == "multipart/encrypted":
            body.facts["encrypted"] = "PGP"
        found = [segment for child in part.children for segment in _segments(child, body, opening)]
        return [_one_of(found)] if part.media_type == "multipart/alternative" and found else found
    if _is_text(part, opening):
        return [_text_segment(part, body)]
    if part.media_type in _SIGNATURES:
        body.facts.setdefault("signed", _SIGNATURES[part.media_type])
    else:
        _add_file(part, body)
    return []


def _one_of(alternatives: list[Segment]) -> Segment:
    """The alternatives as one segment; an alternative in several pieces (HTML, image, HTML) is joined."""
    if len(alternatives) == 1:
        return alternatives[0]
    plain = [segment.plain for segment in alternatives if segment.plain is not None and segment.html is None]
    pages = [segment.html for segment in alternatives if segment.html is not None]
    return Segment(plain="\n".join(plain) if plain else None, html="\n".join(pages) if pages else None)


def _is_text(part: Part, opening: Part) -> bool:
    """Whether a leaf is to be read: a name makes a text a file, unless it opens the mail."""
    if part.media_type.startswith("multipart/"):  # one without a boundary can only be read as text
        return True
    if part.media_type not in {"text/plain", "text/html"} or part.disposition == "attachment":
        return False
    return part is opening or not part.file_name


def _text_segment(part: Part, body: Body) -> Segment:
    if part.media_type == "text/html":
        return Segment(html=part.text())
    content = part.content()
    if b"begin " in content and b"\nend" in content:
        content, files = uuencoded(content)
        body.files += [
            IncomingFile(name or "attachment", "application/octet-stream", data) for name, data in files
        ]
    text = legible(decode(content, part.content_parameters.get("charset", "")))
    if part.content_parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.content_parameters.get("delsp", "").lower() == "yes")
    return Segment(plain=text)


def unflow(text: str, delete_space: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676 4.1-4.4); a signature's "-- " stands alone."""
    paragraphs: list[list[str]] = []
    flowing, depth_before = False, 0
    for raw in text.split("\n"):
        line = raw.lstrip(">")
        depth = len(raw) - len(line)
        line = line.removeprefix(" ")
        if not (flowing and depth == depth_before and line != "-- "):
            paragraphs.append([">" * depth + " " * bool(depth)])
        flowing, depth_before = line.endswith(" ") and line != "-- ", depth
        paragraphs[-1].append(line[:-1] if flowing and delete_space else line)
    return "\n".join("".join(pieces) for pieces in paragraphs)


def _add_file(part: Part, body: Body) -> None:
    content = part.content()
    name = part.file_name or safe_name("", part.media_type)
    match part.media_type:
        case "message/rfc822" | "message/global":
            name = part.file_name or safe_name(read_headers(content).text("subject") or "message") + ".eml"
        case "application/ms-tnef" | "application/vnd.ms-tnef":
            body.facts["tnef"] = name
        case "application/pkcs7-mime" | "application/x-pkcs7-mime":
            sealed = part.content_parameters.get("smime-type", "enveloped-data") != "signed-data"
            body.facts["encrypted" if sealed else "signed"] = "S/MIME"
        case "text/calendar":
            method = _CALENDAR_METHOD.search(decode(content[:4_000]))
            asked = part.content_parameters.get("method") or (method[1] if method else "")
            body.facts["calendar"] = asked.upper()[:20] or "PUBLISH"
    reference = part.headers.first("content-id").strip("<> ") or part.headers.first("content-location")
    body.files.append(
        IncomingFile(
            name=name,
            content_type=one_line(part.media_type)[:MAX_TYPE],
            content=content,
            content_id=decode_words(reference)[:MAX_REFERENCE],
        )
    )


def _mark_inline(body: Body) -> None:
    """A file is inline when the HTML shows it; a declared disposition says little (Outlook omits it)."""
    shown = {unquote(reference) for reference in _SHOWN.findall(body.html)} if body.files else set()
    body.files = [
        replace(file, inline=bool(file.content_id) and file.content_id in shown) for file in body.files
    ]


def _note_armour(body: Body) -> None:
    opening = next((segment.plain for segment in body.segments if segment.plain), "").lstrip()[:40]
    if opening.startswith("-----BEGIN PGP MESSAGE"):
        body.facts["encrypted"] = "PGP"
    elif opening.startswith("-----BEGIN PGP SIGNED MESSAGE"):
        body.facts["signed"] = "PGP"
