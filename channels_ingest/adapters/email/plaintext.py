"""HTML to the text that a reader sees, and where in it the quoted history begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from lxml import etree

MAX_HTML = 1_000_000  # characters that are turned into text; mail beyond is generated, not written

_HIDDEN_TAGS = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "object", "svg", "math"}
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form h1 h2 h3"
        " h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul",
    )
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_CELLS = frozenset({"td", "th"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_HISTORY_CLASS = re.compile(
    r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|tutanota_quote|moz-cite-prefix|zmail_extra|OutlookMessageHeader"
    r"|ms-outlook-mobile-reference-message)\b"
)
# After one of these everything is history: Outlook puts no element around it.
_HISTORY_STARTS = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mail-editor-reference)"
)
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#(?:E1E1E1|B5C4DF)", re.IGNORECASE)
_MAX_QUOTE_MARKS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a page. `written` is how many characters of it, from the top, are not quoted history.

    It is the whole length when nothing is marked as history, and when text of the writer's own comes after
    quoted text: an answer between the quotes must not be cut.
    """

    text: str
    written: int


def read_html(html: str) -> Reading:
    """Render the visible text: blocks on lines of their own, links with their target, quotes behind `>`."""
    html = html[:MAX_HTML]
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, recover=True)
    root = _parse(html, parser)
    if root is None or any("depth" in error.message for error in parser.error_log):
        return _without_tags(html)
    writer = _Writer()
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            writer.start(element)
        elif event == "end":
            writer.end(element)
        else:
            writer.add_text(element.tail)
    return writer.reading()


def _parse(html: str, parser: etree.HTMLParser) -> etree._Element | None:
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.LxmlError:  # an empty document
        return None


def _without_tags(html: str) -> Reading:
    """For pages nested so deeply that the parser drops what is inside."""
    text = unescape(re.sub(r"<[^<>]*>", " ", html)).strip()
    return Reading(text, len(text))


class _Writer:
    """Takes the elements of a page in order and lays their text out in lines."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, bool, int]] = []  # text, is it history, depth of quoting
        self._line: list[str] = []
        self._hidden: etree._Element | None = None
        self._history: list[etree._Element] = []
        self._rest_is_history = False
        self._quotes = 0
        self._preformatted = 0

    def start(self, element: etree._Element) -> None:
        """An element opens."""
        if self._hidden is not None:
            return
        tag = _tag(element)
        if tag in _HIDDEN_TAGS or _is_hidden(element):
            self._hidden = element
            return
        if tag in _BLOCKS and not (tag in _CELLS and self._line):
            self._break_line(tag in _PARAGRAPHS)
        self._enter_history(element, tag)
        self._quotes += tag == "blockquote"
        self._preformatted += tag in {"pre", "textarea"}
        self._line.extend(_lead(tag, element))
        self.add_text(element.text)

    def end(self, element: etree._Element) -> None:
        """An element closes; the text behind it belongs to its parent."""
        if self._hidden is not None:
            if self._hidden is not element:
                return
            self._hidden = None
            self.add_text(element.tail)
            return
        tag = _tag(element)
        if tag == "a":
            self._line.append(_link_target(element))
        elif tag in _CELLS:
            self._line.append(" ")
        elif tag in _BLOCKS:
            self._break_line(tag in _PARAGRAPHS and tag != "blockquote")
        elif tag == "br":
            self._break_line(paragraph=False, keep_empty=True)
        if tag == "blockquote":
            self._quotes -= 1
            self._break_line(paragraph=True)
        self._preformatted -= tag in {"pre", "textarea"}
        if self._history and self._history[-1] is element:
            self._break_line(paragraph=False)
            self._history.pop()
        self.add_text(element.tail)

    def add_text(self, text: str | None) -> None:
        """Text between elements: white space counts only inside of `pre`."""
        if not text or self._hidden is not None:
            return
        if not self._preformatted:
            self._line.append(re.sub(r"[ \t\r\n\f]+", " ", text))
            return
        for index, line in enumerate(text.split("\n")):
            if index:
                self._break_line(paragraph=False, keep_empty=True)
            self._line.append(line)

    def _enter_history(self, element: etree._Element, tag: str) -> None:
        if _starts_history(element, tag):
            self._break_line(paragraph=False)
            self._rest_is_history = True
        elif _is_history(element, tag):
            self._break_line(paragraph=False)
            self._history.append(element)

    def _break_line(self, paragraph: bool, keep_empty: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._preformatted else re.sub(r"[ \xa0]+", " ", line).strip()
        is_history = self._rest_is_history or bool(self._history)
        if line or keep_empty:
            self._lines.append((line, is_history, self._quotes))
        if paragraph and self._lines and self._lines[-1][0]:
            self._lines.append(("", is_history, self._quotes))
        self._line.clear()

    def reading(self) -> Reading:
        """All of the text, once the page is read."""
        self._break_line(paragraph=False)
        lines = list(_without_double_blanks(self._lines))
        while lines and not lines[-1][0].strip("> "):
            lines.pop()
        text = "\n".join(line for line, _ in lines)
        history = [index for index, (_, is_history) in enumerate(lines) if is_history]
        if not history or any(line.strip("> ") and not quoted for line, quoted in lines[history[0] :]):
            return Reading(text, len(text))
        return Reading(text, sum(len(line) + 1 for line, _ in lines[: history[0]]))


def _without_double_blanks(lines: list[tuple[str, bool, int]]) -> Iterator[tuple[str, bool]]:
    blanks = 1
    for line, is_history, quotes in lines:
        blanks = 0 if line else blanks + 1
        if blanks < 2:
            mark = "> " * min(quotes, _MAX_QUOTE_MARKS)
            yield (mark + line).rstrip(), is_history


def _tag(element: etree._Element) -> str:
    return element.tag if isinstance(element.tag, str) else ""


def _is_hidden(element: etree._Element) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN_STYLE.search(element.get("style", "")))


def _starts_history(element: etree._Element, tag: str) -> bool:
    if _HISTORY_STARTS.match(element.get("id", "")):
        return True
    return tag == "div" and bool(_OUTLOOK_RULE.search(element.get("style", "")))


def _is_history(element: etree._Element, tag: str) -> bool:
    if tag == "blockquote" and element.get("type", "").lower() == "cite":
        return True
    return bool(_HISTORY_CLASS.search(element.get("class", "")))


def _lead(tag: str, element: etree._Element) -> Iterator[str]:
    """What an element shows before its own text."""
    if tag == "li":
        yield "- "
    elif tag == "img" and element.get("alt", "").strip():
        yield f"[{element.get('alt', '').strip()[:200]}]"


def _link_target(element: etree._Element) -> str:
    """` <https://…>` when a link's text does not say where it goes."""
    target = element.get("href", "").strip()
    if not target.startswith(("http://", "https://")) or len(target) > 2_000:
        return ""
    shown = "".join(str(text) for text in element.itertext()).strip()
    said = {target, target.rstrip("/"), target.partition("//")[2].rstrip("/")}
    return "" if not shown or shown.rstrip("/") in said else f" <{target}>"
