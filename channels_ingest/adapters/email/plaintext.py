"""HTML to the text that a reader sees, and where in it the quoted history begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from lxml import etree
from lxml.html import HtmlElement

from conversations.history import is_quote, starts_history
from conversations.markup import parse_page

MAX_HTML = 1_000_000  # characters that are turned into text; mail beyond is generated, not written

_WITHOUT_TEXT = frozenset({"script", "style", "template", "noscript", "object", "svg", "math", "select"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = _HEADINGS | {"p", "ul", "ol", "table", "blockquote", "pre"}
_BLOCKS = _PARAGRAPHS | {
    "address",
    "article",
    "aside",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
}
_BLOCKS |= {
    "form",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "section",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
}
_CELLS = frozenset({"td", "th"})
_MAX_QUOTE_MARKS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a page. `written` is how many characters of it, from the top, are not quoted history.

    It is the whole length when nothing is marked as history, and when text of the writer's own comes after
    quoted text: an answer between the quotes must not be cut.
    """

    text: str
    written: int


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    is_history: bool
    quotes: int

    @property
    def shown(self) -> str:
        return ("> " * min(self.quotes, _MAX_QUOTE_MARKS) + self.text).rstrip()


def read_html(html: str) -> Reading:
    """Render the visible text: blocks on lines of their own, links with their target, quotes behind `>`."""
    page = html[:MAX_HTML]
    body = parse_page(page)
    if body is None:
        return _without_tags(page)
    writer = _Writer()
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            writer.start(element)
        else:
            writer.end(element)
    return writer.reading()


def _without_tags(html: str) -> Reading:
    """For pages that no parser should see."""
    text = unescape(re.sub(r"<[^<>]*>", " ", html)).strip()
    return Reading(text, len(text))


class _Writer:
    """Takes the elements of a page in order and lays their text out in lines."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._line: list[str] = []
        self._skipped: HtmlElement | None = None
        self._history: list[HtmlElement] = []
        self._rest_is_history = False
        self._quotes = 0
        self._preformatted = 0

    def start(self, element: HtmlElement) -> None:
        """An element opens."""
        tag = element.tag
        if self._skipped is not None:
            return
        if tag in _WITHOUT_TEXT:
            self._skipped = element
            return
        if tag in _BLOCKS and not (tag in _CELLS and self._line):
            self._end_line(paragraph=tag in _PARAGRAPHS)
        self._enter_history(element)
        self._quotes += tag == "blockquote"
        self._preformatted += tag == "pre"
        self._line.extend(_lead(element))
        self._add(element.text)

    def end(self, element: HtmlElement) -> None:
        """An element closes; the text behind it belongs to its parent."""
        if self._skipped is not None and self._skipped is not element:
            return
        if self._skipped is None:
            self._close(element)
        self._skipped = None
        self._add(element.tail)

    def _close(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._line.append(_link_target(element))
        elif tag in _CELLS:
            self._line.append(" ")
        elif tag in _BLOCKS:
            self._end_line(paragraph=tag in _PARAGRAPHS and tag != "blockquote")
        elif tag == "br":
            self._end_line(keep_empty=True)
        if tag == "blockquote":
            self._quotes -= 1
            self._end_line(paragraph=True)
        self._preformatted -= tag == "pre"
        if self._history and self._history[-1] is element:
            self._end_line()
            self._history.pop()

    def _add(self, text: str | None) -> None:
        """Text between elements: white space counts only inside of `pre`."""
        if not text:
            return
        if not self._preformatted:
            self._line.append(re.sub(r"[ \t\r\n\f]+", " ", text))
            return
        for index, line in enumerate(text.split("\n")):
            if index:
                self._end_line(keep_empty=True)
            self._line.append(line)

    def _enter_history(self, element: HtmlElement) -> None:
        starts = starts_history(element)
        if starts or is_quote(element):
            self._end_line()
            self._rest_is_history = self._rest_is_history or starts
            self._history.append(element)

    def _end_line(self, *, paragraph: bool = False, keep_empty: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._preformatted else re.sub(r"[ \xa0]+", " ", line).strip()
        is_history = self._rest_is_history or bool(self._history)
        if line or keep_empty:
            self._lines.append(_Line(line, is_history, self._quotes))
        if paragraph and self._lines and self._lines[-1].text:
            self._lines.append(_Line("", is_history, self._quotes))
        self._line.clear()

    def reading(self) -> Reading:
        """All of the text, once the page is read."""
        self._end_line()
        lines = list(_without_double_blanks(self._lines))
        while lines and not lines[-1].text:
            lines.pop()
        text = "\n".join(line.shown for line in lines)
        first = next((index for index, line in enumerate(lines) if line.is_history), len(lines))
        if any(line.text and not line.is_history for line in lines[first:]):
            first = len(lines)
        written = sum(len(line.shown) + 1 for line in lines[:first])
        return Reading(text, min(written, len(text)))


def _without_double_blanks(lines: list[_Line]) -> Iterator[_Line]:
    blank = True
    for line in lines:
        if line.text or not blank:
            yield line
        blank = not line.text


def _lead(element: HtmlElement) -> Iterator[str]:
    """What an element shows before its own text."""
    if element.tag == "li":
        yield "- "
    elif element.tag == "img" and element.get("alt", "").strip():
        yield f"[{element.get('alt').strip()[:200]}]"


def _link_target(element: HtmlElement) -> str:
    """` <https://...>` when a link's text does not say where it goes."""
    target = element.get("href", "").strip()
    if not target.startswith(("http://", "https://")) or len(target) > 2_000:
        return ""
    shown = "".join(element.itertext()).strip().rstrip("/")
    said = {target.rstrip("/"), target.partition("//")[2].rstrip("/")}
    return "" if not shown or shown in said else f" <{target}>"
