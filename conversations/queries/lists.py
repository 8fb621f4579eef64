"""What the inbox lists: its views, their kept counts, and one page of rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.models import Channel, Conversation, ConversationLabel, CountDelta, Label, Mention, Seen
from conversations.models.conversation import ACTIVE, RESOLVED, SNOOZED, SPAM, UNASSIGNED
from tenancy.keyset import Cursor, cut
from tenancy.models import Member

PAGE = 25
MOST = 200  # rows that a live refresh reads at once, however far somebody has scrolled


class UnknownView(LookupError):
    """No view of that name, or of a channel or label that is not there."""


@dataclass(frozen=True, slots=True)
class View:
    """A named list. `key` names it in an address, `bucket` its kept count; `channel` is a kind, for its glyph."""

    key: str
    label: str | Promise
    icon: str = ""
    condition: Q = field(default_factory=Q)
    bucket: str = ""
    channel: str = ""

    @property
    def topics(self) -> str:
        """What has to change for this list to change, as data-live names it; see `counts.lists`."""
        if self.key == "mentions":
            return "open snoozed resolved spam"
        return self.bucket if self.key == "mine" else "open" if ":" in self.key else self.key


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    conversation: Conversation
    labels: Sequence[Label] = ()
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the cursor below them where there are more."""

    rows: Sequence[Row]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A view with its count; None where none is kept."""

    view: View
    count: int | None


@dataclass(frozen=True, slots=True)
class Sidebar:
    """All views of a member, in the groups that the sidebar shows."""

    own: Sequence[Counted]
    all: Sequence[Counted]
    channels: Sequence[Counted]
    labels: Sequence[Counted]


def sidebar(member: Member) -> Sidebar:
    """Every view with its kept count: three queries, however many conversations there are."""
    kept = counts()
    kept["mentions"] = unread_mentions(member)

    def counted(views: Iterable[View]) -> list[Counted]:
        return [Counted(view, kept[view.bucket] if view.bucket else None) for view in views]

    fixed = fixed_views(member)
    return Sidebar(
        own=counted(fixed[:4]),
        all=counted(fixed[4:]),
        channels=counted(
            channel_view(channel)
            for channel in Channel.objects.filter(archived_at=None).order_by("name", "id")
        ),
        labels=counted(
            label_view(label) for label in Label.objects.filter(archived_at=None).order_by("name", "id")
        ),
    )


def fixed_views(member: Member) -> list[View]:
    """The views that every member has."""
    mine = ACTIVE & Q(assignee=member)
    return [
        View("mine", _("Assigned to me"), "inbox", mine, f"mine:{member.pk}"),
        View("mentions", _("Mentions"), "mention", bucket="mentions"),
        View("unassigned", _("Unassigned"), "new", UNASSIGNED, "unassigned"),
        View("snoozed", _("Snoozed"), "snooze", SNOOZED, "snoozed"),
        View("open", _("All open"), "open", ACTIVE, "open"),
        View("resolved", _("Resolved"), "resolved", RESOLVED),
        View("spam", _("Spam"), "trash", SPAM, "spam"),
    ]


def channel_view(channel: Channel) -> View:
    """What was last said on a channel and is not done."""
    key = f"channel:{channel.pk}"
    return View(key, channel.name, "", ACTIVE & Q(last_channel=channel), key, channel=channel.kind)


def label_view(label: Label) -> View:
    """What carries a label and is not done."""
    key = f"label:{label.pk}"
    return View(key, label.name, "tag", ACTIVE & Q(labellings__label=label), key)


def find_view(key: str, member: Member) -> View:
    """The view of that name. Raises UnknownView."""
    for view in fixed_views(member):
        if view.key == key:
            return view
    kind, _colon, number = key.partition(":")
    if number.isdecimal() and len(number) < 19:
        if kind == "channel" and (channel := Channel.objects.filter(pk=int(number)).first()):
            return channel_view(channel)
        if kind == "label" and (label := Label.objects.filter(pk=int(number)).first()):
            return label_view(label)
    raise UnknownView(key)


def counts() -> defaultdict[str, int]:
    """The kept counts of all views; 0 for those that have none."""
    sums = CountDelta.objects.order_by().values_list("bucket").annotate(total=Sum("delta"))
    return defaultdict(int, sums)


def unread_mentions(member: Member) -> int:
    """How many notes name the member and were not read, 100 at most."""
    return Mention.objects.filter(member=member, read_at=None)[:100].count()


def page(view: View, member: Member, *, before: Cursor | None = None, size: int = PAGE) -> Page:
    """One page of a view: the rows with their people in one query, labels and unread marks in one each."""
    size = min(max(size, 1), MOST)
    if view.key == "mentions":
        found, older = _mentioned(member, before, size)
    else:
        found, older = _listed(view, before, size)
    return Page(_rows(found, member), older)


def _listed(view: View, before: Cursor | None, size: int) -> tuple[list[Conversation], Cursor | None]:
    rows = Conversation.objects.filter(view.condition).select_related("contact", "account", "assignee")
    if before:
        rows = rows.filter(before.below("last_at"))
    found, more = cut(rows.order_by("-last_at", "-id")[: size + 1], size)
    return found, Cursor(found[-1].last_at, found[-1].pk) if more else None


def _mentioned(member: Member, before: Cursor | None, size: int) -> tuple[list[Conversation], Cursor | None]:
    """Conversations by the mentions in them, newest first; one that comes again further down is not repeated
    within a page."""
    rows = Mention.objects.filter(member=member).select_related(
        "conversation__contact", "conversation__account", "conversation__assignee"
    )
    if before:
        rows = rows.filter(before.below())
    found, more = cut(rows.order_by("-at", "-id")[: size + 1], size)
    conversations = {mention.conversation_id: mention.conversation for mention in found}
    return list(conversations.values()), Cursor(found[-1].at, found[-1].pk) if more else None


def _rows(conversations: list[Conversation], member: Member) -> list[Row]:
    ids = [conversation.pk for conversation in conversations]
    labels: defaultdict[int, list[Label]] = defaultdict(list)
    for labelling in ConversationLabel.objects.filter(conversation__in=ids).select_related("label"):
        labels[labelling.conversation_id].append(labelling.label)
    seen = dict(Seen.objects.filter(member=member, conversation__in=ids).values_list("conversation_id", "at"))
    return [
        Row(
            conversation,
            sorted(labels[conversation.pk], key=lambda label: label.name),
            is_unread=_is_unread(conversation, seen.get(conversation.pk)),
        )
        for conversation in conversations
    ]


def _is_unread(conversation: Conversation, seen_at: datetime | None) -> bool:
    wrote_at = conversation.last_inbound_at
    return wrote_at is not None and (seen_at is None or seen_at < wrote_at)
