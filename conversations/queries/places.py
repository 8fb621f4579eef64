"""Where a message could belong, and where it is."""

from conversations.models import Conversation, Entry
from conversations.queries.threads import ABOVE, MOST, PAGE, START
from tenancy.keyset import Cursor

OTHERS = 10
AT_ONCE = 1_000  # entries that go at once


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


def place_of(number: int, entry_id: str) -> tuple[int, Cursor | None]:
    """How many of a thread's newest entries have to be shown for the one that an address asks for to be among
    them; and, where they would be too many, after which entry to begin instead."""
    rows = Entry.objects.filter(conversation__number=number)
    is_id = entry_id.isdecimal() and len(entry_id) < 19
    asked = rows.filter(pk=int(entry_id)).first() if is_id else None
    if asked is None:
        return PAGE, None
    here = Cursor(asked.at, asked.pk)
    newer = len(rows.filter(here.above()).values_list("pk")[:MOST])
    if newer + ABOVE < MOST:
        return max(PAGE, newer + ABOVE + 1), None
    above = list(rows.filter(here.below()).order_by("-at", "-pk").values_list("at", "pk")[: ABOVE + 1])
    return PAGE, Cursor(*above[-1]) if len(above) > ABOVE else START
