"""Where quoted history begins in the HTML of a mail, by what mail programs write around it."""

import re

from lxml import etree
from lxml.html import HtmlElement

_HISTORY_CLASS = re.compile(
    r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|tutanota_quote|moz-cite-prefix|zmail_extra"
    r"|OutlookMessageHeader|ms-outlook-mobile-reference-message)\b"
)
# Outlook puts no element around the history: all that follows one of these belongs to it.
_HISTORY_STARTS = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mail-editor-reference)"
)
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#(?:E1E1E1|B5C4DF)", re.IGNORECASE)
_MARKS = re.compile(
    r"cite|_quote|yahoo_quoted|zmail_extra|OutlookMessageHeader|ms-outlook-mobile|divRplyFwdMsg|appendonsend"
    r"|OLK_SRC_BODY|mail-editor-ref|border-top",
    re.IGNORECASE,
)
_BLANK = " \t\r\n\f\xa0\u200b\u200c\u200d\ufeff"


def may_hold_history(html: str) -> bool:
    """Whether it is worth looking for history in a page: quick, and never wrong when it says no."""
    return bool(_MARKS.search(html))


def first_trailing_quote(body: HtmlElement) -> HtmlElement | None:
    """The element with which the history below the writer's own text begins.

    None without one, and when nothing of the writer's own stands before it. Quotes that are answered in between
    do not count: they are needed to understand the answers.
    """
    first = within = None
    to_the_end = has_own = False
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start" and within is None:
            if is_quote(element) or starts_history(element):
                within, to_the_end = element, starts_history(element)
                first = element if first is None else first
            elif element.tag == "img" or _says_something(element.text):
                first, has_own = None, True
        elif event == "end":
            if element is within and not to_the_end:
                within = None
            if within is None and element is not body and _says_something(element.tail):
                first, has_own = None, True
    return first if has_own else None


def _says_something(text: str | None) -> bool:
    return bool(text and text.strip(_BLANK))


def is_quote(element: HtmlElement) -> bool:
    """Whether an element holds quoted history."""
    if element.tag == "blockquote" and element.get("type", "").lower() == "cite":
        return True
    return bool(_HISTORY_CLASS.search(element.get("class", "")))


def starts_history(element: HtmlElement) -> bool:
    """Whether an element and all that follows it is history."""
    if _HISTORY_STARTS.match(element.get("id", "")):
        return True
    return element.tag == "div" and bool(_OUTLOOK_RULE.search(element.get("style", "")))
