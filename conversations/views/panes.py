"""What the panes of the inbox show: list, thread, composer and contact card, each as one context."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from contacts.models import Contact
from contacts.queries import card
from conversations.models import Conversation, ConversationLabel, Label
from conversations.queries import compose, threads, timelines
from conversations.queries.effort import spent_on
from conversations.queries.lines import lines
from conversations.snoozes import choices
from tenancy.access import WorkspaceRequest
from tenancy.keyset import Cursor
from tenancy.models import Member

RECENT = 5


def find_conversation(number: int) -> Conversation:
    """The conversation of that number, with its people; raises Http404."""
    rows = Conversation.objects.select_related("contact", "account", "assignee", "last_channel", "linked_to")
    return get_object_or_404(rows, number=number)


def size_asked(request: WorkspaceRequest, default: int) -> int:
    """How many rows are on the reader's screen, as a live refresh says; a page of them at least."""
    asked = request.GET.get("size", "")
    return max(int(asked), default) if asked.isdecimal() and len(asked) < 6 else default


def thread_pane(
    conversation: Conversation, member: Member, *, before: Cursor | None = None, size: int = threads.PAGE
) -> dict[str, Any]:
    """A page of the conversation's thread, as lines."""
    page = threads.entries_page(conversation, before=before, size=size, member=member)
    return {
        "lines": lines(page),
        "older": page.older,
        "newest": page.newest,
        "size": len(page.shown),
    }


def head_pane(conversation: Conversation) -> dict[str, Any]:
    """The conversation's head: what it is, whose, and the pickers that change it."""
    on = set(ConversationLabel.objects.filter(conversation=conversation).values_list("label_id", flat=True))
    labels = list(Label.objects.filter(archived_at=None).order_by("name", "id"))
    return {
        "conversation": conversation,
        "colleagues": compose.colleagues(),
        "priorities": Conversation.Priority,
        "snoozes": choices(timezone.localtime()),
        "labels": [(label, label.pk in on) for label in labels],
        "labels_on": [label for label in labels if label.pk in on],
        "spent": spent_on(conversation),
    }


def composer_pane(conversation: Conversation, **draft: Any) -> dict[str, Any]:
    """The composer. `draft` is what it holds already: text, cc, way, mode, errors."""
    offer = compose.offer(conversation.contact, first=conversation.last_channel)
    ways = offer.ways
    copied = compose.copied(conversation)
    chosen = next((way for way in ways if way.key == draft.get("way")), ways[0] if ways else None)
    return {
        "conversation": conversation,
        "ways": ways,
        "closed": offer.closed,
        "chosen": chosen,
        "cc": ", ".join(copied),
        "cc_count": len(copied),
        "mode": "reply" if ways else "note",
    } | draft


def card_pane(contact: Contact | None, *, other_than: Conversation | None = None) -> dict[str, Any]:
    """The contact card beside a thread: who it is, what else is open, and what was last."""
    if contact is None:
        return {}
    found = timelines.open_conversations(contact=contact)
    return {
        "contact": contact,
        "card": card(contact),
        "others": [conversation for conversation in found if conversation != other_than],
        "recent": timelines.contact_page(contact, size=RECENT).moments,
    }


def first_view(conversation: Conversation, member: Member) -> str:
    """The view to show beside a conversation that was opened by its address alone."""
    if conversation.is_spam:
        return "spam"
    if conversation.status in {Conversation.Status.RESOLVED, Conversation.Status.SNOOZED}:
        return conversation.status
    return "mine" if conversation.assignee_id == member.pk else "open"
