"""Variables in texts that are kept to be said again: `{{contact.first_name}}`, `{{contact.first_name|there}}`.

What stands after the bar is said where there is no value. Nothing else is understood: no template engine reads
what people write. A variable without value and without such words stays in the text as it is, and is told, so that
nobody writes "Hi ,".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VARIABLES: dict[str, str | Promise] = {
    "contact.first_name": _("the customer's first name"),
    "contact.name": _("the customer's name"),
    "account.name": _("the customer's company"),
    "member.first_name": _("your first name"),
    "member.name": _("your name"),
    "conversation.number": _("the conversation's number"),
    "conversation.subject": _("the conversation's subject"),
    "brand.name": _("the brand"),
    "today": _("today's date"),
}
_BRACES = re.compile(r"\{\{([^{}]*)\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for one conversation, and the names of the variables in it that have no value, each once."""

    text: str
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """What is missing, in words."""
        return words_of(self.missing)


def words_of(names: Iterable[str]) -> list[str]:
    """Variables in words."""
    return [str(VARIABLES[name]) for name in names]


def unknown(text: str) -> list[str]:
    """What stands in double braces and is no variable, each once, in the order of the text."""
    names = dict.fromkeys(_name(match) for match in _BRACES.finditer(text))
    return [name for name in names if name not in VARIABLES]


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """The text with its variables' values in their places. Never raises; a value's own braces are left alone."""
    return _filled(text, values, str)


def fill_html(html: str, values: Mapping[str, str]) -> Filled:
    """The same for HTML: values are escaped, the words after a bar are HTML as the rest is."""
    return _filled(html, values, escape)


def _filled(text: str, values: Mapping[str, str], say: Callable[[str], str]) -> Filled:
    missing: dict[str, None] = {}

    def value(match: re.Match[str]) -> str:
        name = _name(match)
        found = " ".join(values.get(name, "").split())
        if found and name in VARIABLES:
            return say(found)
        _, has_words, words = match[1].partition("|")
        if has_words and name in VARIABLES:
            return words.strip()
        if name in VARIABLES:
            missing[name] = None
        return match[0]

    return Filled(_BRACES.sub(value, text), tuple(missing))


def _name(match: re.Match[str]) -> str:
    return match[1].partition("|")[0].strip()
