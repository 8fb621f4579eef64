"""What the inbox lists: its views, their kept counts, and one page of rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import UNNAMED
from conversations.models import Channel, Label, SavedView
from conversations.queries import sorts, walks
from conversations.queries.compiled import ACTIVE, KEPT, Compiled
from conversations.queries.parts import BRANDS, CHANNELS, CONTACT, LABELS, SAVED, TEAMS
from conversations.queries.sorts import NEWEST, Place, Sort
from tenancy.keyset import cut
from tenancy.models import Brand, Member, Team
from tenancy.reading import Found, Reading, moment, refers
from tenancy.tables import TenantModel

PAGE = 25
MOST = 200  # rows that a live refresh reads at once, however far somebody has scrolled

LISTED = """
    SELECT *, last_at AS listed_at, id AS listed_id FROM conversations_conversation
    WHERE workspace_id = %(workspace)s"""
MENTIONED = """
    SELECT c.*, m.at AS listed_at, m.id AS listed_id FROM conversations_mention m
    JOIN conversations_conversation c ON c.workspace_id = m.workspace_id AND c.id = m.conversation_id
    WHERE m.workspace_id = %(workspace)s AND m.member_id = %(member)s"""
DRAFTED = """
    SELECT c.*, d.updated_at AS listed_at, d.id AS listed_id FROM conversations_keptdraft d
    JOIN conversations_conversation c ON c.workspace_id = d.workspace_id AND c.id = d.conversation_id
    WHERE d.workspace_id = %(workspace)s AND d.member_id = %(member)s"""
# Lists of what concerns the reader alone, read in an order of their own, over conversations of any state.
PERSONAL = {"mentions": MENTIONED, "drafts": DRAFTED}
LABELLED = """
    SELECT conversation_id FROM conversations_conversationlabel
    WHERE workspace_id = %(workspace)s AND label_id = %(of)s"""
NUMBERED = """
    SELECT number, id FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND number = ANY(%(numbers)s::bigint[]) AND kind = 'customer'"""
ROWS = f"""
    SELECT id, number, subject, status, priority, trail, preview, preview_is_ours, last_at, waiting_since,
        snoozed_until, due_at, listed_at, listed_id, {CONTACT}, {refers("account", "contacts_account", "name")},
        {refers("assignee", "tenancy_member", "name")},
        ARRAY(
            SELECT (SELECT name FROM conversations_label WHERE workspace_id = on_it.workspace_id AND id = label_id)
            FROM conversations_conversationlabel on_it
            WHERE workspace_id = row.workspace_id AND conversation_id = row.id ORDER BY 1
        ) AS labels,
        last_inbound_at > coalesce((
            SELECT at FROM conversations_seen
            WHERE workspace_id = row.workspace_id AND conversation_id = row.id AND member_id = %(member)s
        ), '-infinity') AS is_unread,
        (
            SELECT left(text, 200) FROM conversations_keptdraft
            WHERE workspace_id = row.workspace_id AND conversation_id = row.id AND member_id = %(member)s
            ORDER BY mode DESC LIMIT 1
        ) AS draft
    FROM (LISTED) row ORDER BY ORDERED LIMIT %(rows)s"""
AS_THEY_COME = (
    "id",
    "number",
    "subject",
    "status",
    "priority",
    "trail",
    "preview",
    "preview_is_ours",
    "labels",
    "draft",
)

COUNTS = """
    SELECT bucket, sum(delta) AS total FROM conversations_countdelta
    WHERE workspace_id = %(workspace)s GROUP BY bucket"""
UNREAD_MENTIONS = """
    SELECT count(*) AS total FROM (
        SELECT FROM conversations_mention
        WHERE workspace_id = %(workspace)s AND member_id = %(member)s AND read_at IS NULL LIMIT 100
    ) unread"""

BEGUN = """
    SELECT count(*) AS total FROM (
        SELECT DISTINCT conversation_id FROM conversations_keptdraft
        WHERE workspace_id = %(workspace)s AND member_id = %(member)s LIMIT 100
    ) begun"""


class UnknownView(LookupError):
    """No view of that name, or of a channel, label, team or brand that is not there."""


@dataclass(frozen=True, slots=True)
class View:
    """A named list. `key` names it in an address, `bucket` its kept count; `channel` is a kind, for its glyph.

    `condition` is SQL; `of` is the channel, label, team or brand that it asks for as `%(of)s`. A view that
    somebody saved has a `filter` instead: what it finds is in no index (see `walks`)."""

    key: str
    label: str | Promise
    icon: str = ""
    condition: str = ""
    bucket: str = ""
    channel: str = ""
    of: int | None = None
    filter: Compiled | None = None

    @property
    def topics(self) -> str:
        """What has to change for this list to change, as data-live names it; see `counts.lists`."""
        if self.filter:
            return self.filter.topics
        if self.key in PERSONAL:
            return "open snoozed resolved spam"
        return self.bucket if self.key == "mine" else "open" if ":" in self.key else self.key

    @property
    def sorts(self) -> Sequence[Sort]:
        """The orders that it can be read in; those of work have indexes of what is not done alone."""
        if self.filter:
            return sorts.OF_SAVED
        if self.key in {*PERSONAL, "resolved", "spam"}:
            return sorts.OF_REST
        return sorts.OF_SNOOZED if self.key == "snoozed" else sorts.OF_WORK

    def sort(self, key: str) -> Sort:
        """The order of that name, or the first where it cannot be read in that one."""
        return next((sort for sort in self.sorts if sort.key == key), self.sorts[0])


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: a conversation, whom it is with (None where nobody is known), and its labels."""

    id: int
    number: int
    contact: str | None
    account: str | None
    subject: str
    status: str
    priority: int
    trail: Sequence[str]
    preview: str
    preview_is_ours: bool
    last_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    due_at: datetime | None
    assignee: str | None
    labels: Sequence[str]
    is_unread: bool
    draft: str | None = None  # the first words of what the reader has begun to write in it


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and the place below them where there are more.

    `seeks`: there may be more, for only so many conversations were looked at as one page may."""

    rows: Sequence[Row]
    older: Place | None
    sort: Sort
    seeks: bool = False

    @property
    def size(self) -> int:
        """How much has to be read for it to be there again: its rows, or as much as a page where it seeks."""
        return max(len(self.rows), PAGE) if self.seeks else len(self.rows)


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
    teams: Sequence[Counted]
    channels: Sequence[Counted]
    labels: Sequence[Counted]
    brands: Sequence[Counted]
    saved: Sequence[SavedView]

    def count(self, key: str) -> int | None:
        """The kept count of a view, if there is one."""
        groups = (self.own, self.all, self.teams, self.channels, self.labels, self.brands)
        return next((item.count for group in groups for item in group if item.view.key == key), None)


def fixed_views(member: Member) -> list[View]:
    """The views that every member has."""
    mine = f"{ACTIVE} AND assignee_id = %(member)s"
    return [
        View("mine", _("Assigned to me"), "inbox", mine, f"mine:{member.pk}"),
        View("mentions", _("Mentions"), "mention", bucket="mentions"),
        View("drafts", _("Drafts"), "edit", bucket="drafts"),
        View("unassigned", _("Unassigned"), "new", f"{ACTIVE} AND assignee_id IS NULL", "unassigned"),
        View("snoozed", _("Snoozed"), "snooze", f"{KEPT} AND status = 'snoozed'", "snoozed"),
        View("open", _("All open"), "open", ACTIVE, "open"),
        View("resolved", _("Resolved"), "resolved", f"{KEPT} AND status = 'resolved'", "resolved"),
        View("spam", _("Spam"), "trash", "kind = 'customer' AND is_spam", "spam"),
    ]


def channel_view(channel: Channel) -> View:
    """What was last said on a channel and is not done."""
    key, condition = f"channel:{channel.pk}", f"{ACTIVE} AND last_channel_id = %(of)s"
    return View(key, channel.name, "", condition, key, channel=channel.kind, of=channel.pk)


def label_view(label: Label) -> View:
    """What carries a label and is not done."""
    key, condition = f"label:{label.pk}", f"{ACTIVE} AND id IN ({LABELLED})"
    return View(key, label.name, "tag", condition, key, of=label.pk)


def team_view(team: Team) -> View:
    """What is a team's and is not done."""
    key, condition = f"team:{team.pk}", f"{ACTIVE} AND team_id = %(of)s"
    return View(key, team.name, "people", condition, key, of=team.pk)


def brand_view(brand: Brand) -> View:
    """What belongs to a brand and is not done."""
    key, condition = f"brand:{brand.pk}", f"{ACTIVE} AND brand_id = %(of)s"
    return View(key, brand.name, "globe", condition, key, of=brand.pk)


OF: dict[str, tuple[type[TenantModel], Callable[[Any], View]]] = {
    "channel": (Channel, channel_view),
    "label": (Label, label_view),
    "team": (Team, team_view),
    "brand": (Brand, brand_view),
}


def find_view(key: str, member: Member) -> View:
    """The view of that name. Raises UnknownView."""
    for view in fixed_views(member):
        if view.key == key:
            return view
    kind, _colon, number = key.partition(":")
    if kind in OF and number.isdecimal() and len(number) < 19:
        model, view_of = OF[kind]
        if row := model._default_manager.filter(pk=int(number)).first():
            return view_of(row)
    raise UnknownView(key)


def sidebar(member: Member) -> Reading[Sidebar]:
    """Every view with its kept count, however many conversations there are."""

    def make(found: Found) -> Sidebar:
        kept = defaultdict(int, ((row["bucket"], row["total"]) for row in found.rows("counts")))
        kept["mentions"] = found.rows("unread_mentions")[0]["total"]
        kept["drafts"] = found.rows("drafts_begun")[0]["total"]

        def counted(views: Iterable[View]) -> list[Counted]:
            return [Counted(view, kept[view.bucket] if view.bucket else None) for view in views]

        fixed, brands = fixed_views(member), found.of(Brand, "brands")
        return Sidebar(
            own=counted(fixed[:5]),
            all=counted(fixed[5:]),
            teams=counted(map(team_view, own_first(found.of(Team, "teams"), member))),
            channels=counted(map(channel_view, found.of(Channel, "channels"))),
            labels=counted(map(label_view, found.of(Label, "labels"))),
            brands=counted(map(brand_view, brands)) if len(brands) > 1 else [],
            saved=found.of(SavedView, "saved"),
        )

    parts = {
        "counts": COUNTS,
        "unread_mentions": UNREAD_MENTIONS,
        "drafts_begun": BEGUN,
        "channels": CHANNELS,
        "labels": LABELS,
        "teams": TEAMS,
        "brands": BRANDS,
        "saved": SAVED,
    }
    return Reading(parts, make, facts={"member": member.pk})


def own_first(teams: Iterable[Team], member: Member) -> list[Team]:
    """Teams as `TEAMS` finds them, those that the member is in before the others."""
    return sorted(teams, key=lambda team: member.pk not in team.member_ids)  # type: ignore[attr-defined]


def page(
    view: View, member: Member, *, sort: Sort = NEWEST, before: Place | None = None, size: int = PAGE
) -> Reading[Page]:
    """One page of a view, in an order: that of the place `before` it, if there is one. Of mentions, the
    conversations that they are in: one that comes again further down is not repeated within a page."""
    size, sort = min(max(size, 1), MOST), before.sort if before else sort
    if view.filter:
        return _walk(view.filter, member, before=before if sort == NEWEST else None, size=size)

    def make(found: Found) -> Page:
        rows, more = cut(found.rows("rows"), size)
        older = Place.of(sort, rows[-1]) if more else None
        return Page([row_of(row) for row in {row["id"]: row for row in rows}.values()], older, sort)

    rows = ROWS.replace("LISTED", sort.page(_listed(view), before)).replace("ORDERED", sort.order)
    facts: dict[str, Any] = {"member": member.pk, "of": view.of, "rows": size + 1}
    return Reading({"rows": rows}, make, facts=facts | (before.facts if before else {}))


def ids(view: View, member: Member, *, most: int) -> Reading[list[int]]:
    """Ids of the conversations that are in a view now; the first `most` that were made, if there are more. Of a
    saved view, of those among as many of the newest as one request looks at."""
    facts: dict[str, Any] = {"member": member.pk, "of": view.of, "most": most}
    among = _listed(view)
    if view.filter:
        among = walks.matching(walks.window(view.filter, None, LISTED), view.filter)
        facts |= {**view.filter.facts, "rows": most, "window": walks.WINDOW * walks.WINDOWS}
    elif view.key in PERSONAL:  # asides stand there too, and are acted on one by one
        among = f"SELECT * FROM ({among}) own WHERE kind = 'customer'"
    listed = f"SELECT DISTINCT conversation.id FROM ({among}) conversation ORDER BY id LIMIT %(most)s"
    return Reading({"ids": listed}, lambda found: [row["id"] for row in found.rows("ids")], facts=facts)


def numbered(numbers: Sequence[int]) -> Reading[dict[int, int]]:
    """Ids of the conversations with customers that have these numbers, by number."""

    def make(found: Found) -> dict[int, int]:
        return {row["number"]: row["id"] for row in found.rows("numbered")}

    return Reading({"numbered": NUMBERED}, make, facts={"numbers": list(numbers)})


def _listed(view: View) -> str:
    return PERSONAL.get(view.key) or f"{LISTED} AND {view.condition}"


def _walk(filter: Compiled, member: Member, *, before: Place | None, size: int) -> Reading[Page]:
    """A page of what a filter finds among the conversations below a place, newest first, of which it looks at a
    bounded number: what is found there, and where to go on."""
    window = walks.window(filter, before, LISTED)

    def make(found: Found) -> Page:
        rows, more = cut(found.rows("rows"), size)
        edge = found.rows("edge")
        below = rows[-1:] if more else edge
        older = Place.of(NEWEST, below[0]) if below else None
        return Page([row_of(row) for row in rows], older, NEWEST, seeks=bool(edge) and not more)

    rows = ROWS.replace("LISTED", walks.matching(window, filter)).replace("ORDERED", NEWEST.order)
    facts: dict[str, Any] = {"member": member.pk, "rows": size + 1, "window": walks.looked_at(size, PAGE)}
    facts |= {**filter.facts, **(before.facts if before else {})}
    return Reading({"rows": rows, "edge": walks.edge(window)}, make, facts=facts)


def row_of(found: dict[str, Any]) -> Row:
    return Row(
        contact=None if found["contact__id"] is None else found["contact__name"] or str(UNNAMED),
        account=found["account__name"],
        assignee=found["assignee__name"],
        last_at=datetime.fromisoformat(found["last_at"]),
        waiting_since=moment(found["waiting_since"]),
        snoozed_until=moment(found["snoozed_until"]),
        due_at=moment(found["due_at"]),
        is_unread=bool(found["is_unread"]),
        **{name: found[name] for name in AS_THEY_COME},
    )
