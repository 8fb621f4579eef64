"""The MIME tree of a mail, within limits: parts, their types, names and decoded content."""

import binascii
import codecs
import mimetypes
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32, Policy
from functools import cached_property
from itertools import islice
from typing import cast

from channels_ingest.adapters.email.charsets import decode
from channels_ingest.adapters.email.headers import (
    Headers,
    as_bytes,
    decode_base64,
    decode_words,
    parameters,
)
from tenancy.storable import legible

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 1_000_000
MAX_PARTS = 1_000
MAX_DEPTH = 20
MAX_FIELDS = 2_000
# The standard library parses structured fields in quadratic time, and int() refuses more digits than this.
MAX_STRUCTURED_FIELD = 4_000
MAX_FIELD = 128 * 1024
MAX_NAME = 200
MAX_UUENCODED = 10

_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]*)\r?$", re.MULTILINE)
_UU_END = re.compile(rb"^end\r?$", re.MULTILINE)


class TooComplex(ValueError):
    """The mail is beyond what a mailer makes, or so malformed that it has no readable structure."""


class _Policy(Compat32):
    """compat32 (ten times as fast as email.policy.default here), with field lengths bounded."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        longest = MAX_STRUCTURED_FIELD if name.lower().startswith("content-") else MAX_FIELD
        return name, value[:longest].replace("\x00", "")


class Part(Message):
    """One node of the tree.

    An attached mail stays one leaf with its bytes as they came: the parser is told that message/* is
    something opaque, so it neither walks into it nor takes its parts for ours.
    """

    depth = 0
    family: list["Part"]  # every part of the mail so far

    @cached_property
    def headers(self) -> Headers:
        """The header fields of this part."""
        return Headers(self.raw_items())

    @cached_property
    def media_type(self) -> str:
        """The declared type in lower case, `text/plain` when it is missing or garbled (RFC 2045 5.2)."""
        return Message.get_content_type(self)

    @cached_property
    def content_parameters(self) -> dict[str, str]:
        """The parameters of Content-Type."""
        return parameters(self.headers.first("content-type"))

    @cached_property
    def disposition(self) -> str:
        """`inline`, `attachment`, or empty."""
        return self.headers.first("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def file_name(self) -> str:
        """The sender's name for this part without any path, at most 200 characters; may be empty."""
        asked = parameters(self.headers.first("content-disposition")).get("filename")
        return safe_name(asked or self.content_parameters.get("name", ""))

    @property
    def children(self) -> list["Part"]:
        """The parts of a multipart; empty for a leaf."""
        payload = self.get_payload()
        return [child for child in payload if isinstance(child, Part)] if isinstance(payload, list) else []

    def leaves(self) -> Iterator["Part"]:
        """Every leaf below this part, in order, itself if it is one."""
        if not self.is_multipart():
            yield self
        for child in self.children:
            yield from child.leaves()

    def content(self) -> bytes:
        """The decoded bytes of a leaf; never raises on a broken transfer encoding."""
        payload = self.get_payload()
        if not isinstance(payload, str):
            return b""
        data = as_bytes(payload)
        match self.headers.first("content-transfer-encoding").lower():
            case "base64":
                return decode_base64(data)
            case "quoted-printable":
                return binascii.a2b_qp(data)
            case "x-uuencode" | "uuencode" | "x-uue" | "uue":
                return next((content for _, content in uuencoded(data)[1]), data)
        return data

    def text(self) -> str:
        """The content of a text leaf, decoded."""
        return legible(decode(self.content(), self.content_parameters.get("charset", "")))

    def attach(self, payload: Message) -> None:  # type: ignore[override]
        """Called by the parser for each part before it is read: where the limits are kept."""
        if isinstance(payload, Part):
            payload.depth = self.depth + 1
            payload.family = self.family
            self.family.append(payload)
            if payload.depth > MAX_DEPTH:
                raise TooComplex(f"parts nested deeper than {MAX_DEPTH}")
            if len(self.family) > MAX_PARTS:
                raise TooComplex(f"more than {MAX_PARTS} parts")
        super().attach(payload)

    def get_content_type(self) -> str:
        """What the parser is told; `media_type` is the truth."""
        declared = super().get_content_type()
        return "application/octet-stream" if declared.startswith("message/") else declared


_POLICY = cast("Policy[Part]", _Policy())  # typeshed ties a policy to one class of message


def _new_part(policy: "Policy[Part] | None" = None) -> Part:
    part = Part(policy or _POLICY)
    part.family = []
    return part


def read_tree(raw: bytes) -> Part:
    """Parse a mail; raises TooComplex beyond the limits and for structure that cannot be read."""
    if len(raw) > MAX_BYTES:
        raise TooComplex(f"larger than {MAX_BYTES // 1024 // 1024} MB")
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > MAX_LINES:
        raise TooComplex(f"more than {MAX_LINES} lines")
    parser: BytesFeedParser[Part] = BytesFeedParser(_new_part, policy=_POLICY)
    try:
        parser.feed(raw.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n"))
        root = parser.close()
    except TooComplex:
        raise
    except (ValueError, LookupError) as error:
        raise TooComplex("its structure cannot be read") from error
    if len(root.keys()) > MAX_FIELDS:
        raise TooComplex(f"more than {MAX_FIELDS} header fields")
    return root


def head_of(raw: bytes) -> bytes:
    """The header block of a mail, bounded."""
    end = re.search(rb"\r?\n\r?\n|\r\r", raw[: 4 * MAX_FIELD])
    return raw[: end.end() if end else 4 * MAX_FIELD]


def read_headers(raw: bytes) -> Headers:
    """The headers of a mail, without reading its body."""
    try:
        return read_tree(head_of(raw)).headers
    except TooComplex:
        return Headers([])


def safe_name(written: str, media_type: str = "") -> str:
    """A file name without path, controls and excess; with a fitting extension when it is empty."""
    name = re.split(r"[/\\]", decode_words(written))[-1].strip(". ")
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: MAX_NAME - 20] + dot + extension[:19] if dot else name[:MAX_NAME]
    if not name and media_type:
        name = "attachment" + (mimetypes.guess_extension(media_type) or "")
    return name


def uuencoded(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Take uuencoded files out of a body: the rest, and (name, content) of each file."""
    rest, files, position = b"", [], 0
    for begin in islice(_UU_BEGIN.finditer(data), MAX_UUENCODED):
        end = _UU_END.search(data, begin.end())
        if not end:
            break
        content = _decode_uu(data[begin.end() : end.start()]) if begin.start() >= position else b""
        if content:
            rest += data[position : begin.start()]
            files.append((safe_name(begin[1].decode("utf-8", "surrogateescape")), content))
            position = end.end()
    return rest + data[position:], files


def _decode_uu(data: bytes) -> bytes:
    """Decode the lines between begin and end; empty when they are not uuencoded after all."""
    try:
        return b"".join(binascii.a2b_uu(line) for line in data.split(b"\n") if line.strip())
    except binascii.Error:
        return b""
