"""Whether the HTML of a mail says more than its words do."""

import re

from lxml.html import HtmlElement

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_EMPHASIS = frozenset(
    {"b", "big", "code", "del", "em", "i", "ins", "mark", "pre", "s", "strike", "strong", "u"}
)
_COLOUR = re.compile(r"(?:^|;)\s*(?:background(?:-color)?|color)\s*:\s*([^;!]+)", re.IGNORECASE)
_PLAIN_COLOURS = frozenset(
    {"black", "windowtext", "inherit", "initial", "transparent", "white", "none", "auto"}
)
_HEXADECIMAL = re.compile(r"^#(?:([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})|([0-9a-f])([0-9a-f])([0-9a-f]))$")
_RGB = re.compile(r"^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})")
_DARK, _LIGHT = 0x90, 0xF0


def is_rich(body: HtmlElement, quote: HtmlElement | None) -> bool:
    """Whether tables, images, colours or emphasis in the part before `quote` would be lost in plain text."""
    for element in body.iter():
        if element is quote:
            return False
        if _adds_something(element):
            return True
    return False


def is_pixel(image: HtmlElement) -> bool:
    """Whether an image only tells the sender when the mail is read."""
    return image.get("width") in {"0", "1"} or image.get("height") in {"0", "1"}


def _adds_something(element: HtmlElement) -> bool:
    if element.tag == "img":
        return "src" in element.attrib or "data-remote-src" in element.attrib
    if element.tag == "table":
        return len(element.findall(".//td")) > 1
    if element.tag in _HEADINGS or element.tag in _EMPHASIS or _is_coloured(element):
        return any(text.strip() for text in element.itertext())
    return False


def _is_coloured(element: HtmlElement) -> bool:
    colours = _COLOUR.findall(element.get("style", ""))
    return any(
        _stands_out(colour) for colour in (*colours, element.get("bgcolor", ""), element.get("color", ""))
    )


def _stands_out(written: str) -> bool:
    """Whether a colour is more than the near-black on white that mailers write by themselves."""
    colour = written.strip().lower()
    if not colour or colour in _PLAIN_COLOURS:
        return False
    match = _HEXADECIMAL.match(colour) or _RGB.match(colour)
    if not match:
        return True
    digits = [group for group in match.groups() if group]
    values = [int(each * (3 - len(each)), 16) if colour[0] == "#" else int(each) for each in digits]
    return not (max(values) < _DARK or min(values) > _LIGHT)
