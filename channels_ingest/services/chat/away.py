"""When the visitor has left before an answer came: it follows them by mail, or people are told that it waits."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from channels_ingest.services.chat import mailing
from channels_ingest.services.chat.mailing import Way
from channels_ingest.services.chat.messages import UNFETCHED
from channels_ingest.services.chat.visitors import tell
from conversations.models import (
    Conversation,
    Delivery,
    DeliveryAlias,
    Entry,
    Participant,
    Reaction,
    ThreadKey,
)
from conversations.services import entries, matter
from conversations.tokens import make_message_id
from tenancy import lanes
from tenancy.scope import current_workspace_id

PATIENCE = timedelta(seconds=60)  # for a visitor to fetch an answer, and for an agent to say no more


def wait_for(delivery: Delivery) -> None:
    """An answer lies ready: tell the visitor's browsers, and look again later whether any has fetched it."""
    tell(delivery.identity, [delivery.entry_id])
    Reaction.objects.get_or_create(
        entry_id=delivery.entry_id,
        step=Reaction.Step.AWAY,
        defaults={"due_at": timezone.now() + PATIENCE},
    )


def follow(entry: Entry) -> None:
    """What becomes of an answer a minute after it was handed over, unless it has been fetched.

    Of several the last speaks for all, so that one mail says everything. Runs in the reactions' lane, maybe twice.
    """
    assert entry.conversation is not None
    assert entry.channel is not None
    conversation = matter.lock(entry.conversation)
    waiting = Delivery.objects.filter(
        entry__conversation=conversation,
        entry__identity=entry.identity_id,
        channel=entry.channel,
        status__in=UNFETCHED,
    ).select_related("identity__contact")
    last = waiting.order_by("-entry").first()
    if last is None or last.entry_id != entry.pk or _was_mailed(entry):
        return
    way = mailing.way_to(last.identity, brand_id=entry.channel.brand_id)
    if way is not None:
        _mail(conversation, entry, way)
    elif not _is_known(conversation, entry):
        entries.event(conversation, "chat_left", contact=last.identity.contact)


def _was_mailed(entry: Entry) -> bool:
    return Delivery.objects.filter(entry=entry).exclude(channel=entry.channel_id).exists()


def _mail(conversation: Conversation, entry: Entry, way: Way) -> None:
    """Have the mail sent, under a Message-ID that its answer finds the conversation by."""
    domain = way.channel.address.rpartition("@")[2] or "localhost"
    message_id = make_message_id(current_workspace_id(), entry.pk, domain)
    delivery = Delivery.objects.create(
        entry=entry,
        channel=way.channel,
        identity=way.identity,
        order_key=f"{conversation.pk}:{way.identity.pk}",
    )
    DeliveryAlias.objects.create(delivery=delivery, channel=way.channel, value=message_id)
    ThreadKey.objects.create(channel=way.channel, key=message_id, conversation=conversation, is_ours=True)
    Participant.objects.get_or_create(
        conversation=conversation,
        identity=way.identity,
        defaults={"contact_id": way.identity.contact_id, "added_by": Participant.AddedBy.REQUESTER},
    )
    entries.event(
        conversation,
        "chat_followed_by_mail",
        contact=entry.contact,
        data={"to": way.identity.verbatim or way.identity.value},
    )
    lanes.ring("send")


def _is_known(conversation: Conversation, entry: Entry) -> bool:
    """Whether people have been told, since the visitor last wrote or fetched anything, that they have left."""
    fetched = Delivery.objects.filter(
        entry=OuterRef("pk"),
        channel=entry.channel,
        status__in=[Delivery.Status.DELIVERED, Delivery.Status.READ],
    )
    messages = Entry.objects.filter(
        identity=entry.identity_id, channel=entry.channel, kind=Entry.Kind.MESSAGE
    )
    signs = messages.exclude(~Exists(fetched), direction=Entry.Direction.OUT)
    last_sign = signs.order_by("-pk").values_list("pk", flat=True).first() or 0
    told = Entry.objects.filter(conversation=conversation, event="chat_left", pk__gt=last_sign)
    return told.exists()
