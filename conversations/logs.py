"""Which parts of a plain text are logs, traces or code: lines to be read in columns, and copied as they are."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_FENCE = re.compile(r"^```[^\n`]*\n(.*?)(?:\n```[^\S\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n+")
# A line that a machine wrote: it begins with a time or a level, is a frame of a trace, or a piece of JSON.
_MACHINE = re.compile(
    r"""\s*(?:
        \[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d | \[?\d\d:\d\d:\d\d\b | [A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d\b
        | \[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b[\]:\s]
        | at\s+[\w.$<>\[\]][\w.$<>\[\] ]*\( | File\s".+",\sline\s\d+ | Traceback\s\(most\srecent | Caused\sby:
        | [\w.]+(?:Error|Exception)(?::\s|$) | "[\w-]+":\s | [{}\[\]],?$ | \$\s\S | >>>\s
    )""",
    re.VERBOSE,
)
_INDENTED = re.compile(r"(?: {4}|\t)\s*\S")
FEW, SHARE = 2, 0.6  # lines below which, and share of lines from which on, a paragraph is a log


class Block(NamedTuple):
    """A paragraph or a log."""

    text: str
    is_log: bool


def blocks(text: str) -> Iterator[Block]:
    """A text's paragraphs and logs, in order; logs that follow each other are one."""
    held: list[str] = []
    for block in _blocks(text.replace("\r\n", "\n")):
        if block.is_log:
            held.append(block.text)
            continue
        if held:
            yield Block("\n\n".join(held), is_log=True)
            held = []
        yield block
    if held:
        yield Block("\n\n".join(held), is_log=True)


def _blocks(text: str) -> Iterator[Block]:
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[position : fence.start()])
        if fence[1].strip():
            yield Block(fence[1].strip("\n"), is_log=True)
        position = fence.end()
    yield from _paragraphs(text[position:])


def _paragraphs(text: str) -> Iterator[Block]:
    for paragraph in _BLANK.split(text.strip("\n")):
        if not paragraph.strip():
            continue
        lines = paragraph.split("\n")
        first = next((number for number, line in enumerate(lines) if _MACHINE.match(line)), len(lines))
        # What people write just above a log belongs to no log.
        above, below = lines[:first], lines[first:]
        if not _is_log(below):
            yield Block(paragraph.strip(), is_log=False)
            continue
        if above:
            yield Block("\n".join(above).strip(), is_log=False)
        yield Block("\n".join(below).rstrip(), is_log=True)


def _is_log(lines: list[str]) -> bool:
    written = sum(bool(_MACHINE.match(line) or _INDENTED.match(line)) for line in lines)
    return len(lines) >= FEW and written >= SHARE * len(lines)
