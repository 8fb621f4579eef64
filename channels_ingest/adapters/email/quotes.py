"""What is new in an answer, and the history quoted below it."""

import re
from collections.abc import Iterator
from functools import cache

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

from channels_ingest.adapters.email.plaintext import Reading

# The library's patterns take time that grows with the square of a line, so they see only so much.
_PROBE = 32_000
_PROBE_LINE = 200
_PROBE_LETTERS = 20_000

_SEPARATOR = re.compile(r"^\s*(?:[-_=*]{5,}.*|[-_]{2,})\s*$")
_FIELD = re.compile(r"^[>* \t]{0,20}[^\s:\uff1a][^:\uff1a\n]{0,30}[:\uff1a]", re.MULTILINE)
# What the library's slower patterns can match at all: "Word: ...", "... wrote:", "-----Original Message-----".
_CANDIDATE = re.compile(r"^(?:[^\n:\uff1a]{1,40}[:\uff1a](?:\s|$)|-{5}|.*[:\uff1a]$)", re.MULTILINE)
_LINE_START = re.compile(r"^|\n", re.MULTILINE)
_SIGNATURE = re.compile(r"^\s*(?:--|__)\s*$")


def split(text: str, reading: Reading | None = None) -> tuple[str, str]:
    """Split an answer into what is new and the quoted history; either way nothing is lost.

    `reading` is the same mail's HTML, whose markers say more than words do. Answers between the quotes stay
    where they are, and when nothing new would be left, nothing is taken away.
    """
    lines = text.split("\n")
    start = _start_by_html(text, reading)
    if start is None:
        start = _start_by_text(lines)
    start = _without_introduction(lines, start)
    new, quoted = "\n".join(lines[:start]).strip("\n"), "\n".join(lines[start:]).strip("\n")
    return (new, quoted) if new.strip() else (text.strip("\n"), "")


def _start_by_html(text: str, reading: Reading | None) -> int | None:
    """The line where the HTML's marked history begins in the plain text, when the two say the same."""
    if reading is None or reading.written >= len(reading.text):
        return None
    if reading.text == text:
        return text.count("\n", 0, reading.written)
    written = [letter for letter in reading.text[: reading.written] if letter.isalnum()]
    if not written or len(written) > _PROBE_LETTERS:
        return None
    found = 0
    for position, letter in enumerate(text):
        if letter.isalnum():
            if letter != written[found]:
                return None
            found += 1
            if found == len(written):
                return text.count("\n", 0, position) + 1
    return None


def _start_by_text(lines: list[str]) -> int:
    """The line where the history begins, by introductions in many languages and by quote marks."""
    header = _first_introduction(lines)
    quote = next((index for index, line in enumerate(lines[:header]) if _is_quoted(line)), header)
    if quote < header:
        return header if _has_answers(lines[quote:header]) else quote
    following = next((line for line in lines[header + 1 :] if line.strip()), "")
    if _is_quoted(following) and _has_answers(lines[header:]):
        return len(lines)
    return header


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _has_answers(lines: list[str]) -> bool:
    """Whether text of the writer's own, other than a signature, comes after a quoted line."""
    after_quote = False
    for line in lines:
        if _is_quoted(line):
            after_quote = True
        elif after_quote and _SIGNATURE.match(line):
            return False
        elif after_quote and line.strip():
            return True
    return False


@cache
def _introductions() -> re.Pattern[str]:
    """ "On … wrote:" and blocks of From/Sent/To in every language that mail-parser-reply knows."""
    languages = EmailReplyParser(languages=list(MAIL_LANGUAGES)).languages
    pattern: re.Pattern[str] = EmailMessage(text="", languages=languages).HEADER_REGEX
    return pattern


def _first_introduction(lines: list[str]) -> int:
    """The line of the first introduction to a quote; the number of lines when there is none."""
    probe = "\n".join(line.strip()[:_PROBE_LINE] for line in lines)[:_PROBE]
    candidate = _CANDIDATE.search(probe)
    if candidate is None:
        return len(lines)
    line_before = probe.rfind("\n", 0, max(0, candidate.start() - 1)) + 1
    for match in _matches(_introductions(), probe, line_before):
        said = match[0].strip()
        if _is_introduction(said):
            return probe.count("\n", 0, match.start() + match[0].index(said))
    return len(lines)


def _matches(pattern: re.Pattern[str], probe: str, start: int) -> Iterator[re.Match[str]]:
    """As `finditer`, of a pattern all of whose many alternatives begin at or before the beginning of a line: they
    are not tried at every character."""
    for place in _LINE_START.finditer(probe, start):
        match = pattern.match(probe, place.start()) if place.start() >= start else None
        if match:
            start = match.end()
            yield match


def _is_introduction(said: str) -> bool:
    """Guard against a pattern that fits ordinary words such as a lone "Data: …": it must say who or when."""
    if _SEPARATOR.match(said):
        return True
    if not re.search(r"\S@\S|\d[:.]\d\d|\d{4}", said):
        return False
    return said.endswith((":", "\uff1a")) or len(_FIELD.findall(said)) >= 2


def _without_introduction(lines: list[str], start: int) -> int:
    """Move back over a rule, and over an unknown language's "Em 3 de maio, Ana <a@…> escreveu:"."""
    while start and not lines[start - 1].strip():
        start -= 1
    for size in (1, 2):
        said = " ".join(lines[max(0, start - size) : start]).strip()
        if start < len(lines) and said.endswith((":", "\uff1a")) and _is_introduction(said):
            return max(0, start - size)
    while (
        start and start < len(lines) and (not lines[start - 1].strip() or _SEPARATOR.match(lines[start - 1]))
    ):
        start -= 1
    return start
