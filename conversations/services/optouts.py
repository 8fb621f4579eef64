"""Who wants no messages from a channel: told by a STOP, by the provider, and taken back by a START."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.models import Identity
from conversations import kinds
from conversations.models import Channel, Conversation, Entry, OptOut
from conversations.services import entries, matter

NEVER = datetime.min.replace(tzinfo=UTC)


def opted_out(channel: Channel, identity: Identity) -> bool:
    """Whether no message may go to this address on this channel.

    The address counts, whatever kind it is kept as: a STOP came from the number that a phone number on file is.
    """
    return _words(channel, identity).filter(is_lifted=False).exists()


def _words(channel: Channel, identity: Identity) -> QuerySet[OptOut]:
    """What was said of an address, whatever kind it is kept as."""
    same = Q(identity__kind__in=kinds.KINDS[channel.kind].reaches) | Q(identity=identity)
    return OptOut.objects.filter(
        same, channel=channel, identity__scope=identity.scope, identity__value=identity.value
    )


def opt_out(
    *, channel: Channel, identity: Identity, reason: str = "", at: datetime | None = None
) -> Entry | None:
    """Send nothing more to an address. Returns the event that says so in the thread; None when that is no news: it
    was so already, or something newer has been said."""
    return _say(channel, identity, is_lifted=False, reason=reason, at=at or timezone.now())


def opt_in(*, channel: Channel, identity: Identity, at: datetime | None = None) -> Entry | None:
    """Take an opt-out back. Returns the event that says so in the thread; None when that is no news, as above."""
    return _say(channel, identity, is_lifted=True, reason="", at=at or timezone.now())


@transaction.atomic
def _say(channel: Channel, identity: Identity, *, is_lifted: bool, reason: str, at: datetime) -> Entry | None:
    """Keep the last word, the later one by the provider's clock, in whatever order they come. It is the last about
    the address, so that a START takes back what was said of the same number on file."""
    OptOut.objects.get_or_create(
        channel=channel, identity=identity, defaults={"is_lifted": True, "said_at": NEVER}
    )
    words = list(_words(channel, identity).select_for_update(of=("self",)).order_by("pk"))
    last = max(words, key=lambda word: word.said_at)
    if at <= last.said_at:
        return None
    same = OptOut.objects.filter(pk__in=[word.pk for word in words])
    same.update(is_lifted=is_lifted, reason=reason[:200], said_at=at)
    if last.is_lifted == is_lifted:
        return None
    return _tell(channel, identity, "opted_in" if is_lifted else "opted_out", reason, at)


def _tell(channel: Channel, identity: Identity, event: str, reason: str, at: datetime) -> Entry:
    """Say it in the conversation of the last message with that address, if there has been one."""
    last = (
        Entry.objects.filter(identity=identity, channel=channel, kind=Entry.Kind.MESSAGE)
        .exclude(conversation=None)
        .order_by("-pk")
        .first()
    )
    conversation = matter.lock(Conversation(pk=last.conversation_id)) if last else None
    data = {"channel": channel.name} | ({"reason": reason[:200]} if reason else {})
    return entries.write(
        Entry(
            conversation=conversation,
            kind=Entry.Kind.EVENT,
            event=event,
            contact_id=identity.contact_id,
            identity=identity,
            channel=channel,
            at=at,
            data=data,
        ),
        on=[identity.contact],
    )
