"""Every text that a page says can be translated."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2.lexer import TOKEN_DATA

from omnidesk.management.commands.makemessages import as_module, texts

TEMPLATES = Path("templates")
PAGES = sorted(TEMPLATES.rglob("*.html"))
# Names, letters on keys, examples of what to type, ids of elements, and marks that mean the same everywhere.
AS_IT_IS = {"Amazon", "Mailgun", "Omnidesk", "Postmark", "SES", "SendGrid", "Ctrl", "esc", "F6", "Aa"}
AS_IT_IS |= {"https://", "omni_"}
AS_IT_IS |= {"thread", "rows", "data-wide"}
MARKS = re.compile(r"[A-Z]?|[\w.@-]+@[\w.]+,?|[\W\d_]+|&\w+;")
SAID_IN = re.compile(r"\b(?:title|alt|placeholder|aria-label|aria-description)=(\"[^\"]*\"|'[^']*')")


def literal(path: Path) -> str:
    """What a template writes whatever it is given, with a mark where something is filled in."""
    tokens = Environment().lex(path.read_text())
    pieces = [text if kind == TOKEN_DATA else "\0" for _line, kind, text in tokens]
    return re.sub(
        r"<!--.*?-->|<(script|style|svg|template-code)\b.*?</\1>", "", "".join(pieces), flags=re.DOTALL
    )


def said(path: Path) -> Iterator[str]:
    """The words of a template that nobody can translate."""
    source = literal(path)
    attributes = [found[1].strip("\"'") for found in SAID_IN.finditer(source)]
    words = re.sub(
        r"<code\b[^>]*>.*?</code>|<pre\b.*?</pre>|<kbd\b[^>]*>.*?</kbd>", "", source, flags=re.DOTALL
    )
    for text in [*re.sub(r"<[^>]*>", "\n", words).split("\n"), *attributes]:
        for word in text.replace("\0", " ").split():
            if word not in AS_IT_IS and not MARKS.fullmatch(word):
                yield word


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_page_says_nothing_that_cannot_be_translated(path):
    assert list(said(path)) == []


def test_texts_are_found_wherever_they_stand():
    source = '<p title="{{ _(\'a\') }}">\n{{ x or _("b") }}{{ f(label=_("c %(n)s") % {"n": _("d")}) }}</p>'
    assert list(texts(source)) == [(1, "a"), (2, "b"), (2, "c %(n)s"), (2, "d")]
    assert as_module(source) == "_('a'); \n_('b'); _('c %(n)s'); _('d'); "


def test_no_template_hides_a_text_from_who_gathers_them():
    for path in PAGES:
        source = path.read_text()
        asked = len(re.findall(r"(?<![\w.])_\(\s*[\"']", source))
        assert len(list(texts(source))) == asked, path
