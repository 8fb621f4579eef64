"""What pages say of conversations: text as paragraphs, ticks, states, and how a mail is headed."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jinja2 import pass_context
from jinja2.runtime import Context

from conversations import colleagues, noticed
from conversations.actions import summary
from conversations.html import linkify
from conversations.logs import blocks
from conversations.models import Conversation, Entry, Macro
from conversations.queries.bulk import Progress
from conversations.queries.lines import is_ours
from conversations.queries.lists import Row
from conversations.queries.search.found import Page
from conversations.queries.threads import Shown
from conversations.queries.ticks import Ticks, ticks_of
from conversations.queries.why import Why, who_words, why_of
from conversations.queries.words import event_words, switch_words
from conversations.services.elsewhere import went_elsewhere
from conversations.subjects import bare
from tenancy.moments import moment
from tenancy.ui import icon, short, since, span

PRIORITIES = {1: "low", 2: "normal", 3: "high", 4: "urgent"}
SOON = timedelta(days=1)  # before a time at which something is due, from when on lists say so
NAMED = 10  # numbers that are not there


def prose(text: str) -> SafeString:
    """Plain text as paragraphs, with links; logs in it as they were written, to copy."""
    return SafeString(
        "\n".join(_log(each) if is_log else f"<p>{linkify(each)}</p>" for each, is_log in blocks(text))
    )


def _log(text: str) -> SafeString:
    return format_html(
        '<div class="log"><pre class="log-peek" dir="ltr" tabindex="0">{}</pre>'
        '<button class="button" data-variant="quiet" data-size="sm" type="button" data-copy>{} {}</button></div>',
        text,
        icon("copy", "sm"),
        _("Copy"),
    )


def note_prose(text: str, entry: Entry) -> SafeString:
    """A note's text, with those whom it mentions marked."""
    shown = str(prose(text))
    for mention in entry.data.get("mentions", []):
        mark = f"@{conditional_escape(mention['name'])}"
        found = re.compile(re.escape(mark), re.IGNORECASE)
        shown = found.sub(lambda match: f'<span class="mention">{match[0]}</span>', shown)
    return mark_safe(shown)  # noqa: S308 - prose and the names are escaped


def ticks(shown: Shown) -> Ticks | None:
    """How far a message of ours has come; None for what is not sent."""
    return ticks_of(shown.deliveries)


def heading(entry: Entry, conversation: Conversation | None) -> str:
    """A mail's subject where it is not the conversation's own."""
    subject = str(entry.data.get("subject", ""))
    known = conversation.subject if conversation else ""
    return "" if bare(subject) == bare(known) else subject


def named(conversation: Conversation) -> str:
    """What to call a conversation: by its subject, else by whom it is with."""
    return conversation.subject or _("Conversation with %(name)s") % {
        "name": conversation.contact or _("nobody known")
    }


def priority(value: int) -> SafeString:
    """A priority's bars, with its word for a screen reader."""
    return format_html(
        '<span class="priority" data-level="{}">{}<span class="sr-only">{}</span></span>',
        PRIORITIES[value],
        icon(f"priority-{PRIORITIES[value]}"),
        _("%(name)s priority") % {"name": Conversation.Priority(value).label},
    )


def standing(conversation: Conversation | Row, sort: str = "") -> SafeString:
    """Where a conversation stands, for lists: put away until when, when it is due where that is near or what the
    list is sorted by, or how long it waits for us."""
    due = conversation.due_at
    if due is None or conversation.status in {"snoozed", "resolved"}:
        return format_html('<span class="sla">{}</span>', _state(conversation))
    left = due - timezone.now()
    if sort == "due" or (sort != "waiting" and left < SOON):
        return format_html('<span class="sla"{}>{}</span>', _nearness(left), _due(due, left))
    return format_html('<span class="sla">{}</span>', _state(conversation))


def _nearness(left: timedelta) -> SafeString:
    if left > SOON:
        return SafeString("")
    return SafeString(' data-state="late"' if left < timedelta() else ' data-state="soon"')


def _due(due: datetime, left: timedelta) -> SafeString:
    if left < timedelta():
        words = _("overdue by %(time)s") % {"time": span(-left.total_seconds())}
    elif left < timedelta(hours=1):
        words = _("due in %(time)s") % {"time": span(left.total_seconds())}
    else:
        words = _("due %(when)s") % {"when": coming(due)}
    return format_html("{} {}", icon("calendar", "sm"), words)


def coming(moment: datetime) -> str:
    """A time to come as the reader needs it: the clock today, tomorrow, a weekday, then the date."""
    days = (timezone.localtime(moment).date() - timezone.localdate()).days
    if days == 1:
        return _("tomorrow")
    if 1 < days < 7:
        return formats.date_format(timezone.localtime(moment), "l")
    return short(moment)


def _state(conversation: Conversation | Row) -> SafeString:
    status = conversation.status
    if status == "snoozed":
        until = short(conversation.snoozed_until) if conversation.snoozed_until else ""
        return format_html('{} {}<span class="sr-only">{}</span>', icon("snooze", "sm"), until, _("snoozed"))
    if status == "pending":
        return format_html("{} {}", icon("clock", "sm"), _("on customer"))
    if status == "resolved":
        return format_html("{} {}", icon("check", "sm"), _("resolved"))
    if conversation.waiting_since is None:
        return SafeString("")
    return format_html(
        '<span class="sr-only">{}</span>{} {}',
        _("Waits for us for"),
        icon("clock", "sm"),
        since(conversation.waiting_since),
    )


def came_by(entry: Entry) -> str:
    """That the conversation went on by another channel, in words."""
    return switch_words(entry)


def recipients(entry: Entry) -> str:
    """To whom a mail went, and to whom copies, hidden ones too."""
    words = {"to": _("to %(who)s"), "cc": _("cc %(who)s"), "bcc": _("bcc %(who)s")}
    named = ((words[name], listed(entry.data.get(name))) for name in words)
    return ", ".join(said % {"who": who} for said, who in named if who)


def leaves(entry: Entry) -> str:
    """When a scheduled message leaves."""
    return moment(datetime.fromisoformat(entry.data["send_at"]))


def listed(addresses: Any) -> str:
    """Addresses with commas between them."""
    return ", ".join(str(address) for address in addresses or ())


def newest(shown: Sequence[Shown]) -> int:
    """The largest id among entries: who has read them has seen all up to it."""
    return max(each.entry.pk for each in shown)


@pass_context
def happening(context: Context, entry: Entry) -> SafeString:
    """An event as a sentence, with links to the conversations that it names."""
    slug = context["workspace"].slug
    return event_words(entry, lambda number: reverse("conversations:conversation", args=[slug, number]))


def why(entry: Entry) -> Why | None:
    """Why a message stands in its conversation; None where there is nothing to say of it."""
    return why_of(entry)


def sender_words(entry: Entry) -> str:
    """How the sender of a message was known, as a sentence."""
    return who_words(entry)


def can_move(entry: Entry) -> bool:
    """Whether people can move it to where it belongs."""
    return entry.kind in {Entry.Kind.MESSAGE, Entry.Kind.CALL, Entry.Kind.NOTE}


def results_words(hits: Sequence[Any], page: Page) -> str:
    """How many results stand on a page, and that there are more."""
    if page.older:
        return _("%(n)s results and more") % {"n": len(hits)}
    return ngettext("%(n)s result", "%(n)s results", len(hits)) % {"n": len(hits)}


def changes(count: int) -> str:
    """How many changes stand behind a fold."""
    return ngettext("%(n)s change", "%(n)s changes", count) % {"n": count}


def doing(macro: Macro) -> str:
    """What a macro does, in a few words for each action."""
    return summary(macro.actions)


def times(count: int) -> str:
    """How often something was used."""
    return ngettext("%(n)d time", "%(n)d times", count) % {"n": count}


def pictures(count: int) -> str:
    """That a mail's pictures are held back."""
    return ngettext(
        "%(n)s picture from elsewhere is not loaded: its sender would learn that you read this.",
        "%(n)s pictures from elsewhere are not loaded: their sender would learn that you read this.",
        count,
    ) % {"n": count}


def selection(count: int) -> str:
    """How many conversations are chosen."""
    return ngettext("%(n)s conversation selected", "%(n)s conversations selected", count) % {"n": count}


def leftovers(progress: Progress) -> list[str]:
    """What an act on many conversations left as it was."""
    left = [
        (progress.skipped, ngettext("%(n)s was skipped.", "%(n)s were skipped.", progress.skipped)),
        (progress.failed, ngettext("%(n)s failed.", "%(n)s failed.", progress.failed)),
    ]
    said = [words % {"n": count} for count, words in left if count]
    if progress.absent:
        numbers = ", ".join(f"#{number}" for number in progress.absent[:NAMED])
        words = ngettext("%(numbers)s is not there.", "%(numbers)s are not there.", len(progress.absent))
        said.append(words % {"numbers": numbers + ("…" if len(progress.absent) > NAMED else "")})
    return said


GLOBALS = (priority, standing, happening)
FILTERS = (
    prose,
    note_prose,
    ticks,
    heading,
    named,
    is_ours,
    came_by,
    recipients,
    leaves,
    listed,
    newest,
    why,
    sender_words,
    can_move,
    changes,
    doing,
    times,
    results_words,
    pictures,
    went_elsewhere,
    *colleagues.FILTERS,
    selection,
    leftovers,
    *noticed.FILTERS,
)
