"""What every page may say: icons, channel glyphs, faces, times as the reader needs them, and addresses."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache, lru_cache
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tenancy.models import Role
from tenancy.moments import clock_in_words, date_in_words, moment

CHANNEL_WORDS = {
    "email": gettext_lazy("E-mail"),
    "chat": gettext_lazy("Chat"),
    "sms": gettext_lazy("SMS"),
    "whatsapp": gettext_lazy("WhatsApp"),
    "twilio-whatsapp": gettext_lazy("WhatsApp"),
    "messenger": gettext_lazy("Messenger"),
    "instagram": gettext_lazy("Instagram"),
    "x": gettext_lazy("X"),
    "slack": gettext_lazy("Slack"),
    "telegram": gettext_lazy("Telegram"),
    "phone": gettext_lazy("Phone"),
    "video": gettext_lazy("Video call"),
    "zoom": gettext_lazy("Video call"),
    "api": gettext_lazy("API"),
}
# Kinds of channel that share another's glyph and colour.
GLYPHS = {"twilio-whatsapp": "whatsapp", "zoom": "video"}
HUES = 7
SLUG = "a-workspace-of-this-name"


@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """One symbol of the sprite; it says nothing to a screen reader, so a word stands beside it."""
    return format_html(
        '<svg class="icon"{} aria-hidden="true"><use href="{}#{}"/></svg>',
        _attribute("data-size", size),
        static("icons.svg"),
        name,
    )


def glyph(kind: str) -> str:
    """The glyph and colour of a kind of channel, for `data-channel` and the sprite."""
    return GLYPHS.get(kind, kind)


def channel_word(kind: str) -> str:
    """A kind of channel in the reader's language."""
    return str(CHANNEL_WORDS.get(kind, kind.title()))


def channel_mark(kind: str, size: str = "", *, boxed: bool = False, word: bool = True) -> SafeString:
    """A channel's glyph in its colour, with its word for a screen reader unless the word stands beside it."""
    return _channel(kind, size, boxed, word, get_language())


@lru_cache(maxsize=512)
def _channel(kind: str, size: str, boxed: bool, word: bool, language: str) -> SafeString:
    return format_html(
        '<span class="channel" data-channel="{}"{}{}>{}{}</span>',
        glyph(kind),
        _attribute("data-size", size),
        SafeString(" data-boxed") if boxed else "",
        icon(glyph(kind)),
        format_html('<span class="sr-only">{}</span>', channel_word(kind)) if word else "",
    )


def trail(kinds: list[str]) -> SafeString:
    """The kinds of channel that a conversation went through, oldest first."""
    return _trail(tuple(kinds), get_language())


@lru_cache(maxsize=512)
def _trail(kinds: tuple[str, ...], language: str) -> SafeString:
    arrow = icon("chevron-right")
    glyphs = SafeString(arrow.join(channel_mark(kind, "sm", word=False) for kind in kinds))
    words = _(", then ").join(channel_word(kind) for kind in kinds)
    return format_html('<span class="trail">{}<span class="sr-only">{}</span></span>', glyphs, words)


def avatar(name: object, size: str = "", shape: str = "") -> SafeString:
    """A face: initials on a hue that stays the same for the same name."""
    return _face(str(name), size, shape)


@lru_cache(maxsize=2048)
def _face(name: str, size: str, shape: str) -> SafeString:
    return format_html(
        '<span class="avatar" data-hue="{}"{}{} aria-hidden="true">{}</span>',
        crc32(name.encode()) % HUES + 1,
        _attribute("data-size", size),
        _attribute("data-shape", shape),
        initials(name),
    )


def initials(name: str) -> str:
    """One or two letters that stand for a name: of the first and last word, or of an address."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def when(moment: datetime, style: str = "short") -> SafeString:
    """A moment as the reader needs it (`short`), or its time of day (`clock`); exact on hover."""
    local, language = timezone.localtime(moment), get_language()
    clock = clock_in_words(local.time().replace(second=0, microsecond=0), language)
    words = clock if style == "clock" else short(moment)
    exact = f"{date_in_words(local.date(), 'WHOLE_DATE', language)}, {clock}"
    return SafeString(f'<time datetime="{moment.isoformat()}" title="{escape(exact)}">{escape(words)}</time>')


def short(moment: datetime) -> str:
    """The clock today, the weekday in the last six days, the date before, with the year when it is another."""
    local, today, language = timezone.localtime(moment), timezone.localdate(), get_language()
    days = (today - local.date()).days
    if days == 0:
        return clock_in_words(local.time().replace(second=0, microsecond=0), language)
    format_name = "WEEKDAY" if 0 < days < 7 else "DAY" if local.year == today.year else "DATE"
    return date_in_words(local.date(), format_name, language)


def day(moment: datetime | date) -> str:
    """A day as a heading: "Today, Thu 19 Nov"; with the year when it is another."""
    on = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    today = timezone.localdate()
    words = date_in_words(on, "WEEKDAY_DAY" if on.year == today.year else "WEEKDAY_DATE", get_language())
    named = {0: _("Today"), 1: _("Yesterday")}.get((today - on).days)
    return f"{named}, {words}" if named else words


def span(seconds: float) -> str:
    """A length of time in its two largest units: "16 h 51 min", "3 d 2 h", "under 1 min"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("under 1 min")
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}


def since(moment: datetime) -> str:
    """How long ago, as `span` says it."""
    return span((timezone.now() - moment).total_seconds())


@pass_context
def rail_link(
    context: Context,
    path: str,
    label: str,
    name: str,
    *,
    key: str = "",
    under: str = "",
    role: str = "",
) -> Markup:
    """A link of the rail to a page of this workspace, for those whose role reaches it."""
    root = f"/w/{context['workspace'].slug}/"
    return render(
        context,
        "_shell/rail_link.html",
        shown=not role or context["member"].may(Role(role)),
        href=f"{root}{path}/",
        label=label,
        name=name,
        key=key,
        current=context["request"].path.startswith(f"{root}{under or path}/"),
    )


def render(context: Context, template: str, **values: object) -> Markup:
    """A template that sees these values alone."""
    return Markup(context.environment.get_template(template).render(values))  # noqa: S704 - escaped by the template


@pass_context
def to(context: Context, name: str, *numbers: int) -> SafeString:
    """The address of a page of this workspace."""
    return SafeString(_route(name, len(numbers)) % (context["workspace"].slug, *numbers))


@cache
def _route(name: str, numbers: int) -> str:
    """An address with places for the workspace's slug and for numbers."""
    marks = [10**17 + place for place in range(numbers)]
    address = reverse(name, args=[SLUG, *marks])
    for mark in (SLUG, *marks):
        address = address.replace(str(mark), "%s")
    return address


def fields(address: str) -> Iterator[tuple[str, str]]:
    """The pairs in an address's query, for a form that posts them: how a message carries its undo."""
    yield from parse_qsl(urlsplit(address).query, keep_blank_values=True)


def _attribute(name: str, value: str) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else SafeString("")


GLOBALS = (trail, avatar, when, rail_link, to)
FILTERS = (glyph, channel_word, short, moment, day, span, since, fields)
