"""The timelines: everything with one person, or one company, over all channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import Account, Contact
from conversations.models import Conversation, TimelineRef
from tenancy.keyset import Cursor, cut

PAGE = 30
MOST = 300
OPEN = (Conversation.Status.OPEN, Conversation.Status.PENDING, Conversation.Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments, newest first, and the cursor below them where there are more."""

    moments: Sequence[TimelineRef]
    older: Cursor | None

    @property
    def days(self) -> list[tuple[date, list[TimelineRef]]]:
        """The moments by the reader's days."""
        found = groupby(self.moments, key=lambda moment: timezone.localtime(moment.at).date())
        return [(day, list(moments)) for day, moments in found]


def contact_page(contact: Contact, *, before: Cursor | None = None, size: int = PAGE) -> Timeline:
    """A page of a contact's timeline, in one query."""
    return _page(TimelineRef.objects.filter(contact=contact), before, size)


def account_page(account: Account, *, before: Cursor | None = None, size: int = PAGE) -> Timeline:
    """A page of an account's timeline, in one query."""
    return _page(TimelineRef.objects.filter(account=account), before, size)


def open_conversations(*, size: int = 10, **whose: Contact | Account) -> list[Conversation]:
    """The matters of a contact or account that are not done, the one active last first."""
    rows = Conversation.objects.filter(
        status__in=OPEN, is_spam=False, kind=Conversation.Kind.CUSTOMER, **whose
    )
    return list(rows.select_related("assignee", "contact", "last_channel").order_by("-last_at", "-id")[:size])


def _page(rows: QuerySet[TimelineRef], before: Cursor | None, size: int) -> Timeline:
    size = min(max(size, 1), MOST)
    if before:
        rows = rows.filter(before.below("at", "entry_id"))
    rows = rows.select_related(
        "entry__channel", "entry__contact", "entry__member", "entry__conversation"
    ).order_by("-at", "-entry_id")
    found, more = cut(rows[: size + 1], size)
    return Timeline(found, Cursor(found[-1].at, found[-1].entry_id) if more else None)
