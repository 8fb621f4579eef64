"""What the panes of the inbox show: list, thread, composer and contact card, each as one context."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from contacts import queries as people
from contacts.forms import kept
from contacts.lines import lines_of
from contacts.models import Attribute
from contacts.queries import Whom
from conversations.models import Conversation, KeptDraft
from conversations.queries import bulk as bulks
from conversations.queries import compose, lists, sides, threads, timelines
from conversations.queries.drafts import Begun, begun_in
from conversations.queries.effort import spent_on
from conversations.queries.following import followers_of
from conversations.queries.labels import labels_of
from conversations.queries.lines import lines
from conversations.queries.lists import View
from conversations.queries.sorts import NEWEST, Place, Sort
from conversations.signatures import signature_of
from conversations.snoozes import choices, mornings
from tenancy.access import WorkspaceRequest
from tenancy.models import Member
from tenancy.reading import Reading, together

RECENT = 5

Pane = Reading[dict[str, Any]]


def find_conversation(number: int) -> Conversation:
    """The conversation of that number, with its people; raises Http404."""
    rows = Conversation.objects.select_related(
        "contact", "account", "assignee", "last_channel", "linked_to", "parent"
    )
    return get_object_or_404(rows, number=number)


def size_asked(request: WorkspaceRequest, default: int) -> int:
    """How many rows are on the reader's screen, as a live refresh says; a page of them at least."""
    asked = request.GET.get("size", "")
    return max(int(asked), default) if asked.isdecimal() and len(asked) < 6 else default


def show(*panes: Pane) -> dict[str, Any]:
    """What panes show, read in one query, as one context."""
    return {name: shown for pane in together(*panes).read() for name, shown in pane.items()}


def list_pane(
    view: View,
    member: Member,
    *,
    sort: Sort = NEWEST,
    before: Place | None = None,
    size: int = lists.PAGE,
    beside: int = 0,
) -> Pane:
    """A page of a view's rows, in an order. `beside` is how many are on the screen already."""

    def shown(page: lists.Page) -> dict[str, Any]:
        return {
            "view": view,
            "view_key": view.key,
            "page": page,
            "sort": page.sort,
            "size": page.size + beside,
        }

    return lists.page(view, member, sort=sort, before=before, size=size).into(shown)


def bulk_pane(member: Member) -> Pane:
    """What can be done with several rows of a list, and how far the member's last such act has come."""

    def shown(progress: bulks.Progress | None) -> dict[str, Any]:
        return {
            "progress": progress,
            "priorities": Conversation.Priority,
            "snoozes": choices(timezone.localtime()),
        }

    return bulks.shown(member).into(shown)


def sidebar_pane(member: Member) -> Pane:
    """The views, with their counts."""
    return lists.sidebar(member).into(lambda sidebar: {"sidebar": sidebar})


def conversation_pane(number: int, name: str = "conversation") -> Pane:
    """The conversation alone. Reading it raises Http404 where there is none of that number."""
    return threads.conversation(number).into(lambda found: {name: _or_404(found)})


def thread_pane(number: int, member: Member, *, read_at: datetime | None = None, **which: Any) -> Pane:
    """A page of the conversation's thread, as lines; `which` one is as `threads.entries_page` takes it.

    `read_at` is up to when the member had read as the thread was opened, so that what was new then stays marked.
    """

    def shown(page: threads.ThreadPage) -> dict[str, Any]:
        page = replace(page, seen_at=read_at) if read_at else page
        return {"thread": page, "lines": lines(page)}

    return threads.entries_page(number, member=member, **which).into(shown)


def sides_pane(number: int, member: Member) -> Pane:
    """The side conversations about a conversation."""
    return sides.sides_of(number, member).into(lambda found: {"sides": found})


def head_pane(number: int) -> Pane:
    """The conversation's head: what it is, whose, and the pickers that change it."""

    def shown(found: tuple[Any, ...]) -> dict[str, Any]:
        conversation, colleagues, teams, labels, spent, attributes, followers = found
        conversation = _or_404(conversation)
        return {
            "conversation": conversation,
            "attributes": kept(attributes, conversation.attributes),
            "colleagues": colleagues,
            "teams": teams,
            "priorities": Conversation.Priority,
            "snoozes": choices(timezone.localtime()),
            "labels": labels,
            "labels_on": [label for label, is_on in labels if is_on],
            "spent": spent,
            "followers": followers,
        }

    return together(
        threads.conversation(number),
        compose.colleagues(),
        compose.teams(),
        labels_of(number),
        spent_on(number),
        people.attributes_of(Attribute.Of.CONVERSATION),
        followers_of(number),
    ).into(shown)


def composer_pane(number: int, member: Member, **typed: Any) -> Pane:
    """The composer, with what the member has begun. `typed` is what it holds besides: text, cc, bcc, way, mode,
    errors."""

    def shown(found: tuple[Any, ...]) -> dict[str, Any]:
        conversation, offer, copied, begun, brands = found
        ways, kept = offer.ways, begun["reply"].draft if "reply" in begun else KeptDraft()
        asked = typed.get("way") or kept.way
        return {
            "conversation": _or_404(conversation),
            "ways": ways,
            "closed": offer.closed,
            "chosen": next((way for way in ways if way.key == asked), ways[0] if ways else None),
            "copies": _copies(copied, typed.get("cc", kept.cc if kept.pk else None)),
            "bcc": kept.bcc,
            "begun": begun,
            "writer": token_hex(8),
            "signatures": [(brand.pk, signature_of(brand, member)) for brand in brands],
            "mornings": mornings(timezone.localtime()),
            "mode": _mode(ways, begun),
        } | typed

    return together(
        threads.conversation(number),
        compose.offer_in(number),
        compose.copied(number),
        begun_in(number, member),
        compose.signed_brands(),
    ).into(shown)


@dataclass(frozen=True, slots=True)
class Copies:
    """Who may get a copy: those who take part, each on or not, and further addresses as typed."""

    people: Sequence[compose.Copied]
    further: str

    @property
    def count(self) -> int:
        return sum(one.is_on for one in self.people) + len(self.further.split(",") if self.further else ())


def _copies(people: Sequence[compose.Copied], named: str | None) -> Copies:
    """`named` are the addresses that somebody has chosen; None before anybody has."""
    if named is None:
        return Copies(people, "")
    wanted = [part.strip() for part in named.split(",") if part.strip()]
    known = {one.address for one in people}
    return Copies(
        [replace(one, is_on=one.address in wanted) for one in people],
        ", ".join(address for address in wanted if address not in known),
    )


def _mode(ways: Sequence[compose.Way], begun: dict[str, Begun]) -> str:
    """What shows first: what has been begun, else the reply, where there is a way for one."""
    return "reply" if ways and ("reply" in begun or "note" not in begun) else "note"


def card_pane(who: Whom, *, beside: int | None = None) -> Pane:
    """The contact card: who it is, what there is `beside` the conversation of that number, and what was last."""

    def shown(found: tuple[Any, ...]) -> dict[str, Any]:
        contact, card, attributes, notes, others, recent = found
        return {
            "contact": contact,
            "card": card,
            "known": lines_of(contact, attributes) if contact else [],
            "notes": notes,
            "others": [conversation for conversation in others if conversation.number != beside],
            "recent": recent.moments,
        }

    return together(
        people.contact(who),
        people.card(who),
        people.attributes_of(Attribute.Of.CONTACT),
        people.notes_of(who),
        timelines.others_with(who),
        timelines.contact_page(who, size=RECENT),
    ).into(shown)


def _or_404(conversation: Conversation | None) -> Conversation:
    if conversation is None:
        raise Http404
    return conversation


def first_view(conversation: Conversation, member: Member) -> str:
    """The view to show beside a conversation that was opened by its address alone."""
    if conversation.is_spam:
        return "spam"
    if conversation.status in {Conversation.Status.RESOLVED, Conversation.Status.SNOOZED}:
        return conversation.status
    return "mine" if conversation.assignee_id == member.pk else "open"
