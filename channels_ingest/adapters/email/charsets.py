"""Bytes to text, whatever the sender claims about them."""

import codecs
import re
from contextlib import suppress
from functools import lru_cache

from charset_normalizer import from_bytes

# Names seen in the wild that Python does not know, and labels that in practice mean a superset:
# https://encoding.spec.whatwg.org/#names-and-labels reads them the same way.
_ALIASES = {
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "isogb2312": "gb18030",
    "xgbk": "gb18030",
    "iso88598i": "iso8859_8",
    "ksc56011987": "cp949",
    "euckr": "cp949",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "iso2022jp": "iso2022_jp_2",
    "xmacroman": "mac_roman",
    "macintosh": "mac_roman",
    "xmaccyrillic": "mac_cyrillic",
    "unicode11utf7": "utf_7",
}
# Codecs that turn text into other text, or take quadratic time: nobody writes mail in them.
_REFUSED = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SAMPLE = 16 * 1024  # bytes that the detector looks at: its time grows with them


@lru_cache(maxsize=256)
def _codec(label: str) -> str:
    """The Python codec behind a charset label; empty for an unknown or a refused one."""
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    name = _ALIASES.get(plain) or re.sub(r"^(?:x?cp|win(?:dows)?)(\d+)$", r"cp\1", plain)
    for candidate in (name, label.strip("\"' ")):
        try:
            found = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        if found.name.replace("-", "_") not in _REFUSED and getattr(found, "_is_text_encoding", True):
            return found.name
    return ""


def decode(data: bytes, declared: str = "") -> str:
    """Decode by the declared charset, else UTF-8, else what a detector says, else Latin-1; never raises.

    Latin-1 fits any bytes and is what broken mailers say of everything: where UTF-8 fits too, it is UTF-8.
    """
    codec = _codec(declared[:60]) if declared else ""
    for candidate in ("utf-8", codec) if codec == "cp1252" else (codec, "utf-8"):
        with suppress(UnicodeError, LookupError):
            return data.decode(candidate)
    return _nearly_utf8(data) or _detected(data) or data.decode("latin-1")


def _nearly_utf8(data: bytes) -> str:
    """UTF-8 with a few bad bytes (a cut character, one mangled line); empty when it is something else."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - bad
    return text if good > 4 * bad else ""


def _detected(data: bytes) -> str:
    sample = _around_first_8bit(data)
    best = from_bytes(sample).best()
    return data.decode(best.encoding, "replace") if best else ""


def _around_first_8bit(data: bytes) -> bytes:
    """The part of a long text that tells its charset: plain ASCII says nothing."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 256) if first else 0
    return data[start : start + _SAMPLE]
