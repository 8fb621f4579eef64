"""Where a message could belong, and where it is."""

from conversations.models import Conversation, Entry
from conversations.queries.threads import MOST, PAGE
from tenancy.keyset import Cursor

OTHERS = 10
AT_ONCE = 1_000  # entries that go at once
ABOVE = 3  # entries shown above the one that is asked for


def others_of(conversation: Conversation) -> list[Conversation]:
    """The contact's other conversations, the one active last first."""
    if conversation.contact_id is None:
        return []
    rows = Conversation.objects.filter(contact=conversation.contact, kind=Conversation.Kind.CUSTOMER)
    rows = rows.exclude(pk=conversation.pk).select_related("contact", "assignee", "last_channel")
    return list(rows.order_by("-last_at", "-id")[:OTHERS])


def by_number(typed: str) -> Conversation | None:
    """The conversation of a number as people type it (`12` or `#12`), if it can take in messages."""
    digits = typed.strip().removeprefix("#")
    if not digits.isdecimal() or len(digits) > 15:
        return None
    rows = Conversation.objects.filter(kind=Conversation.Kind.CUSTOMER)
    return rows.select_related("contact", "assignee", "last_channel").filter(number=int(digits)).first()


def from_here(entry: Entry) -> list[Entry]:
    """An entry and what was said after it in its conversation."""
    kinds = (Entry.Kind.MESSAGE, Entry.Kind.CALL, Entry.Kind.NOTE, Entry.Kind.SUGGESTION)
    rows = Entry.objects.filter(conversation=entry.conversation_id, kind__in=kinds)
    after = rows.filter(Cursor(entry.at, entry.pk - 1).above())
    return list(after.order_by("at", "pk")[:AT_ONCE])


def size_to_show(number: int, entry_id: str) -> int:
    """How many of a thread's entries have to be shown for one of them to be among them, as an address asks for it;
    a page, where it is none of them or further up than a page can reach."""
    if not entry_id.isdecimal() or len(entry_id) > 18:
        return PAGE
    rows = Entry.objects.filter(conversation__number=number)
    asked = rows.filter(pk=int(entry_id)).first()
    if asked is None:
        return PAGE
    newer = rows.filter(Cursor(asked.at, asked.pk).above()).values_list("pk", flat=True)[:MOST]
    return max(PAGE, len(newer) + ABOVE)
