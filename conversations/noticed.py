"""What members are told, in words: for the list of notices and for the browser's own notifications."""

from collections.abc import Mapping
from html import unescape

from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Entry
from conversations.queries.notices import MOST_COUNTED, Told
from conversations.queries.words import event_words, who
from tenancy.preferences import Happening

ICONS: Mapping[str, str] = {
    Happening.ASSIGNED: "assign",
    Happening.MENTIONED: "mention",
    Happening.CUSTOMER: "inbox",
    Happening.COLLEAGUE: "people",
    Happening.STATUS: "resolved",
    Happening.FAILED: "alert",
    Happening.WOKE: "snooze",
}
SENTENCES: Mapping[str, str | Promise] = {
    Happening.MENTIONED: gettext_lazy("%(who)s mentioned you"),
    Happening.CUSTOMER: gettext_lazy("%(who)s wrote"),
    Happening.FAILED: gettext_lazy("Your message could not be delivered"),
}


def notice_icon(told: Told) -> str:
    """The symbol of what happened."""
    return ICONS[told.notice.kind]


def notice_words(told: Told) -> str:
    """What happened, as a plain sentence."""
    entry = told.entry
    if entry.kind == Entry.Kind.EVENT:
        return unescape(strip_tags(event_words(entry)))
    if told.notice.kind == Happening.COLLEAGUE:
        is_note = entry.kind == Entry.Kind.NOTE
        words = _("%(who)s wrote a note") if is_note else _("%(who)s answered")
        return words % {"who": who(entry)}
    return str(SENTENCES.get(told.notice.kind) or told.notice.get_kind_display()) % {"who": who(entry)}


def counted(unread: int) -> str:
    """A number as a badge shows it; empty for none."""
    return "" if not unread else f"{MOST_COUNTED - 1}+" if unread >= MOST_COUNTED else str(unread)


FILTERS = (notice_icon, notice_words, counted)
