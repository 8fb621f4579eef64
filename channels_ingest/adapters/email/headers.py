"""Header fields: as written, decoded, and the structures inside of them."""

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from channels_ingest.adapters.email.charsets import decode

MAX_MESSAGE_ID = 400

# RFC 2047 section 2, with RFC 2231's language suffix; spaces inside are illegal and common.
_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?([^\n]{0,1000}?)\?=")
_MESSAGE_ID = re.compile(rf"<([^<>\s]{{1,{MAX_MESSAGE_ID}}})>")
# Controls, and the bidirectional overrides with which a name can be made to read as another.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FOLD = re.compile(r"\r?\n|\r")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_CONTINUED = re.compile(r"^(.+?)(?:\*(\d{1,3}))?(\*)?$")


class Headers:
    """Header fields in order, names in lower case, values unfolded; 8-bit bytes are kept as surrogates."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields: list[tuple[str, str]] = []
        self._values: dict[str, list[str]] = {}
        for written, folded in fields:
            name, value = written.strip().lower(), _FOLD.sub(" ", folded).strip()
            self.fields.append((name, value))
            self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of a field, as written."""
        return self._values.get(name, [])

    def first(self, name: str) -> str:
        """The first value of a field, as written; empty without one."""
        return self._values.get(name, [""])[0]

    def text(self, name: str) -> str:
        """The first value of a field, decoded, on one line."""
        return decode_words(self.first(name))

    def has(self, *names: str) -> bool:
        """Whether any of these fields is there."""
        return any(name in self._values for name in names)


def as_bytes(raw: str) -> bytes:
    """The bytes behind a value as written."""
    return raw.encode("utf-8", "surrogateescape")


def one_line(text: str) -> str:
    """Text on one line without control characters: safe in a header, in a row and on a page."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def decode_words(raw: str) -> str:
    """Decode RFC 2047 encoded words and raw 8-bit text; never raises.

    Words of one charset that follow each other are joined before decoding: many mailers cut in the middle
    of a character.
    """
    if "=?" not in raw:
        return one_line(raw if raw.isascii() else decode(as_bytes(raw)))
    return one_line("".join(decode(data, charset) for data, charset in _runs(raw)))


def _runs(raw: str) -> Iterator[tuple[bytes, str]]:
    held, charset, position = b"", "", 0
    for word in _WORD.finditer(raw):
        between = raw[position : word.start()]
        if between.strip() or not position:
            yield held, charset
            held, charset = b"", ""
            yield as_bytes(between), ""
        label = word[1].lower()
        if label != charset:
            yield held, charset
            held, charset = b"", label
        held += _decode_word(word[2], as_bytes(word[3]))
        position = word.end()
    yield held, charset
    yield as_bytes(raw[position:]), ""


def _decode_word(encoding: str, data: bytes) -> bytes:
    if encoding in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data, header=True)


def decode_base64(data: bytes) -> bytes:
    """Decode base64 with junk, wrong padding or a cut end as far as it goes; never raises."""
    kept = data.partition(b"=")[0].translate(None, _NOT_BASE64)
    whole = len(kept) - (len(kept) % 4 == 1)
    return binascii.a2b_base64(kept[:whole] + b"=" * (-whole % 4))


def message_ids(raw: str, limit: int) -> list[str]:
    """The message ids in a field, bare; free text and folding between them are skipped."""
    found = _MESSAGE_ID.finditer(raw)
    return [one_line(match[1]) for match, _ in zip(found, range(limit), strict=False)]


def date(raw: str) -> datetime | None:
    """An RFC 5322 date in UTC; None when it is not one."""
    try:
        parsed = parsedate_to_datetime(raw[:200])
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parameters(raw: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, RFC 2231 continuations joined and decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(raw):
        name, value = match[1].lower(), _unquoted(match[2])
        continued = _CONTINUED.match(name)
        if continued and (continued[2] or continued[3]):
            pieces.setdefault(continued[1], []).append((int(continued[2] or 0), bool(continued[3]), value))
        else:
            plain.setdefault(name, decode_words(value))
    return plain | {name: _joined(sorted(found)) for name, found in pieces.items()}


def _unquoted(raw: str) -> str:
    raw = raw.strip()
    if raw.startswith('"'):
        return re.sub(r"\\(.)", r"\1", raw[1:].removesuffix('"'), flags=re.DOTALL)
    return raw


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 section 4: charset'language'text on the first piece, percent-encoded where a star says so."""
    charset, data = "", b""
    for index, (_, encoded, value) in enumerate(pieces):
        text = value
        if encoded and index == 0 and value.count("'") >= 2:
            charset, _, text = value.split("'", 2)
        data += unquote_to_bytes(as_bytes(text)) if encoded else as_bytes(text)
    return one_line(decode(data, charset))
