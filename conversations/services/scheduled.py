"""Messages that leave at a time that somebody chose, unless the customer has written before.

Until then they are held deliveries like any other, with `send_at` in their entry's data; the send lane asks here
before one leaves. Nothing of the matter changes before that: whoever waits for an answer goes on waiting.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import kinds
from conversations.models import Conversation, Delivery, Entry, TimelineRef
from conversations.services import entries, matter
from tenancy import lanes
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

SEND_AT, THEN = "send_at", "then"
ANSWERED = "answered"  # the code of a delivery that is held because the customer wrote


class NotScheduled(Exception):
    """The message has left, or was taken back."""


def is_scheduled(entry: Entry) -> bool:
    """Whether it waits for its time."""
    return SEND_AT in entry.data


def is_answered(entry: Entry) -> bool:
    """Whether the customer has written since it was scheduled."""
    heard = Entry.objects.filter(
        conversation=entry.conversation_id, kind=Entry.Kind.MESSAGE, direction=Entry.Direction.IN
    )
    return heard.filter(pk__gt=entry.pk, automatic="", deleted_at=None).exists()


def leave(entry: Entry) -> bool:
    """Let a scheduled message go, if nobody has written since: it stands where it leaves, and the matter moves on.
    Runs in the send lane; its first recipient settles it for all."""
    if is_answered(entry):
        return False
    _go(entry)
    return True


@transaction.atomic
def send_now(*, entry: Entry, member: Member) -> Entry:
    """Let it go now, whoever has written: a person says so. Raises NotScheduled."""
    rows = list(Delivery.objects.select_for_update().filter(entry=entry).order_by("pk"))
    entry = Entry.objects.select_related("conversation", "channel").get(pk=entry.pk)
    if not is_scheduled(entry) or any(row.status != Delivery.Status.HELD for row in rows):
        raise NotScheduled(_("This message has been sent."))
    assert entry.channel is not None
    now, hold = timezone.now(), kinds.KINDS[entry.channel.kind].hold
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Delivery.Status.HELD if hold else Delivery.Status.QUEUED,
        state=lanes.State.PENDING,
        code="",
        reason="",
        due_at=now + hold,
        status_at=now,
    )
    _go(entry)
    lanes.ring("send")
    return entry


def _go(entry: Entry) -> None:
    """Make an ordinary message of it, said now."""
    assert entry.conversation is not None
    conversation = matter.lock(Conversation(pk=entry.conversation_id))
    entry.refresh_from_db(fields=["data"], from_queryset=Entry.objects.select_for_update(no_key=True))
    if SEND_AT not in entry.data:
        return  # another recipient's copy has gone first
    then = entry.data.get(THEN, Conversation.Status.PENDING)
    entry.at = timezone.now()
    entry.data = {name: value for name, value in entry.data.items() if name not in {SEND_AT, THEN}}
    entry.save(update_fields=["at", "data"])
    TimelineRef.objects.filter(entry=entry).update(at=entry.at)
    matter.change(conversation, **entries.derived(conversation))
    move_on(conversation, then, entry.member)
    push(current_workspace_id(), f"conversation:{conversation.pk}", [entry.pk])


def move_on(conversation: Conversation, status: str, member: Member | None) -> None:
    """What answering does to a *locked* matter: nobody waits for us any more."""
    from conversations.services import work

    matter.change(conversation, waiting_since=None)
    if status == Conversation.Status.RESOLVED:
        work.resolve(conversation=conversation, member=member)
    elif status != conversation.status:
        matter.change(conversation, status=status, snoozed_until=None, resolved_at=None)
