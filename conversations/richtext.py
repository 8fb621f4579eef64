"""What our own composer writes: HTML of a few tags, and the plain text that says the same.

It comes from a browser, so it is cleaned like a stranger's. With so few tags it can be shown where it stands,
without a frame of its own, and goes out in mail as it is.
"""

import re
from html import escape

import nh3
from lxml.html import HtmlElement, tostring

from conversations.markup import parse_page

_INLINE = frozenset({"a", "b", "br", "code", "em", "i", "s", "strong", "u"})
_BLOCKS = frozenset({"blockquote", "div", "li", "ol", "p", "pre", "ul"})
# A text that only these stand in says nothing that its words do not.
_LINES = frozenset({"body", "div", "p", "br"})
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
_APART = frozenset({"p", "ul", "ol", "blockquote", "pre"})


def clean(html: str) -> str:
    """The HTML with nothing but these few tags and where links lead; cleaning it again changes nothing. Empty for
    what is beyond reading."""
    body = parse_page(html)
    return "" if body is None else _clean(tostring(body, encoding="unicode"))


def _clean(html: str) -> str:
    def keep(_tag: str, attribute: str, value: str) -> str | None:
        return value if attribute != "href" or _LINK.match(value) else None

    return nh3.clean(
        html,
        tags=_INLINE | _BLOCKS,
        clean_content_tags={"script", "style", "title"},
        attributes={"a": {"href"}},
        attribute_filter=keep,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel"},
    ).strip()


def is_own(html: str) -> bool:
    """Whether cleaned HTML holds nothing but what our composer writes."""
    return bool(html) and _clean(html) == html.strip()


def is_formatted(html: str) -> bool:
    """Whether HTML says more than its words: emphasis, links, lists, quotes, code."""
    body = parse_page(html)
    return body is not None and any(
        element.tag not in _LINES and "".join(element.itertext()).strip() for element in body.iter()
    )


def of_text(text: str) -> str:
    """Plain text as HTML of ours, a block for each line."""
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.split("\n"))


def plain(html: str) -> str:
    """The text of cleaned HTML: a line for each block, marks before items and quotes, addresses behind links."""
    body = parse_page(html)
    if body is None:
        return ""
    writer = _Writer()
    writer.walk(body)
    return writer.text()


class _Writer:
    """Lays text out in lines. `_marks` are what stands before the lines of the blocks that are open: before the
    first, and before the rest."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._marks: list[list[str]] = []
        self._is_code = False

    def walk(self, element: HtmlElement) -> None:
        """Write what stands in an element."""
        self._add(element.text)
        for number, child in enumerate(element, 1):
            if child.tag == "br":
                self._end(keep_empty=True)
            elif child.tag in _BLOCKS:
                self._block(child, number)
            else:
                self.walk(child)
                self._line += _address(child)
            self._add(child.tail)

    def _block(self, element: HtmlElement, number: int) -> None:
        self._end()
        if element.tag in _APART:
            self._gap()
        if mark := _mark(element, number):
            self._marks.append(mark)
        was_code, self._is_code = self._is_code, self._is_code or element.tag == "pre"
        self.walk(element)
        self._end()
        self._is_code = was_code
        if mark:
            self._marks.pop()
        if element.tag in _APART:
            self._gap()

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if not self._is_code:
            text = " ".join(text.replace("\n", " ").replace("\xa0", " ").split(" "))
            self._line += text.lstrip() if not self._line else text
            return
        first, *rest = text.split("\n")
        self._line += first
        for line in rest:
            self._end(keep_empty=True)
            self._line = line

    def _end(self, *, keep_empty: bool = False) -> None:
        line = self._line.rstrip()
        if line or keep_empty:
            self._lines.append((self._lead() + line).rstrip())
        self._line = ""

    def _lead(self) -> str:
        lead = "".join(first for first, _ in self._marks)
        for mark in self._marks:
            mark[0] = mark[1]
        return lead

    def _gap(self) -> None:
        if self._lines and self._lines[-1] and not self._marks:
            self._lines.append("")

    def text(self) -> str:
        """All of it."""
        self._end()
        return "\n".join(self._lines).strip("\n")


def _mark(element: HtmlElement, number: int) -> list[str]:
    if element.tag == "blockquote":
        return ["> ", "> "]
    if element.tag != "li":
        return []
    parent = element.getparent()
    first = f"{number}. " if parent is not None and parent.tag == "ol" else "- "
    return [first, " " * len(first)]


def _address(element: HtmlElement) -> str:
    """Where a link leads, unless its words say so."""
    if element.tag != "a":
        return ""
    href, words = element.get("href", ""), "".join(element.itertext()).strip()
    bare = href.removeprefix("mailto:").removeprefix("tel:").removeprefix("https://").removeprefix("http://")
    return "" if not href or words.rstrip("/") in {href.rstrip("/"), bare.rstrip("/")} else f" ({href})"
