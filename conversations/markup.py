"""A stranger's HTML as a tree, in bounded time.

HTML parsers take quadratic time over a tag with many attributes, over deep nesting and over long runs of
entities. So the page is first cut into tags and text here, in one pass, and written anew: what a parser then sees
is what was counted.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

MAX_HTML = 5_000_000  # characters
MAX_TAGS = 100_000
MAX_ENTITIES = 200_000  # with the no-break spaces, which become entities
MAX_ATTRIBUTES = 100  # of one tag; further ones are dropped

_COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+>?"
_VALUE = r"""\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)"""
_ONE_ATTRIBUTE = rf"[^\s/>][^\s/>=]*+(?:{_VALUE})?+"
_TAG = rf"<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[\s/]*+{_ONE_ATTRIBUTE})*+)[\s/]*+>?"
_TOKEN = re.compile(f"{_COMMENT}|{_TAG}", re.DOTALL)
_ATTRIBUTE = re.compile(rf"([^\s/>][^\s/>=]*+)({_VALUE})?+")
_ELEMENT_NAME = re.compile(r"[a-z][a-z0-9:-]{0,40}")
_ATTRIBUTE_NAME = re.compile(r"[a-z_][a-z0-9_:.-]{0,60}", re.IGNORECASE)
# Their content is no markup, and nobody is to read it.
_RAW = frozenset(
    {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)


def parse_page(html: str) -> HtmlElement | None:
    """The body of a page, without scripts, styles, comments and hidden elements.

    None for an empty page, and for one beyond the limits or nested deeper than the parser goes (2,048).
    """
    if (
        len(html) > MAX_HTML
        or html.count("<") > MAX_TAGS
        or html.count("&") + html.count("\xa0") > MAX_ENTITIES
    ):
        return None
    parser = HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = etree.fromstring("".join(_canonical(html)).encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return None
    if root is None or any("depth" in error.message for error in parser.error_log):
        return None
    body = root.find("body")
    if body is not None:
        _drop_hidden(body)
    return body


def _canonical(html: str) -> Iterator[str]:
    position = 0
    while token := _TOKEN.search(html, position):
        yield html[position : token.start()].replace("<", "&lt;")
        position = token.end()
        name = (token["name"] or "").lower()
        if name in _RAW and not token["close"]:
            position = _end_of(name, html, position)
        elif _ELEMENT_NAME.fullmatch(name):
            yield f"</{name}>" if token["close"] else f"<{name}{''.join(_attributes(token['attributes']))}>"
    yield html[position:].replace("<", "&lt;")


def _end_of(name: str, html: str, position: int) -> int:
    """Where the content of a raw element ends: at its end tag, else with the page."""
    end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(html, position)
    return end.start() if end else len(html)


def _attributes(written: str) -> Iterator[str]:
    for attribute in islice(_ATTRIBUTE.finditer(written), MAX_ATTRIBUTES):
        name, value = attribute[1], (attribute[2] or "").strip().removeprefix("=").strip()
        if value[:1] in {'"', "'"}:
            value = value[1:-1]
        if _ATTRIBUTE_NAME.fullmatch(name):
            quoted = value.replace('"', "&quot;").replace("<", "&lt;")
            yield f' {name}="{quoted}"'


def _drop_hidden(body: HtmlElement) -> None:
    for element in list(body.iterdescendants()):
        if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
            element.drop_tree()
