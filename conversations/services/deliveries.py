"""What becomes of a sending: receipts with a rank, retries by people, and the unknown outcome."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversations.models import Channel, Delivery, DeliveryAlias, Entry, Reaction
from conversations.services import entries, matter
from conversations.services.optouts import opt_out, opted_out
from conversations.types import LONGEST_ID
from tenancy import lanes
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id
from tenancy.storable import bounded

Status = Delivery.Status
RANK = {
    Status.HELD: 0,
    Status.QUEUED: 1,
    Status.SENDING: 2,
    Status.UNCERTAIN: 3,
    Status.SENT: 4,
    Status.DELIVERED: 5,
    Status.READ: 6,
}
COMPLAINED = "complained"  # the code of news that the recipient called the message spam
OPTED_OUT = "opted_out"  # the code of that failure, whatever the provider calls it
NOT_FOUND = "The provider does not list it."


class CannotRetry(Exception):
    """The text says why this delivery must not, or need not, be sent again."""


def find(*, channel: Channel, aliases: Sequence[str], recipient: str = "") -> Delivery | None:
    """The delivery that a provider speaks of under any of `aliases`, best first.

    Several recipients share a mail's id: `recipient` tells them apart. A report that names none of them (a copy
    was forwarded, say) is about nobody in particular: better kept to be read than told of the wrong one.
    """
    for alias in aliases:
        rows = list(
            DeliveryAlias.objects.filter(value=bounded(alias, LONGEST_ID), channel__kind=channel.kind)
            .select_related("delivery__identity", "delivery__entry")
            .order_by("id")
        )
        named = [
            row for row in rows if recipient and row.delivery.identity.value.lower() == recipient.lower()
        ]
        if named or len({row.delivery_id for row in rows}) == 1:
            return (named or rows)[0].delivery
    return None


def name(delivery: Delivery, aliases: Iterable[str]) -> None:
    """Keep every id that the provider may speak of a delivery by."""
    values = dict.fromkeys(bounded(alias, LONGEST_ID) for alias in aliases)
    DeliveryAlias.objects.bulk_create(
        (
            DeliveryAlias(delivery=delivery, channel_id=delivery.channel_id, value=value)
            for value in values
            if value
        ),
        ignore_conflicts=True,
    )


@transaction.atomic
def apply_receipt(
    *, delivery: Delivery, status: str, at: datetime | None = None, code: str = "", detail: str = ""
) -> bool:
    """Move a delivery to what the provider says of it; False when that is no news.

    A status never goes back. A failure is final unless the message is known to have arrived; what then arrives
    all the same (a late bounce of a forward) changes nothing.
    """
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if status == Status.FAILED:
        if row.status in {Status.FAILED, Status.CANCELLED, Status.READ}:
            return False
    elif row.status in {Status.FAILED, Status.CANCELLED} or RANK[Status(status)] <= RANK[Status(row.status)]:
        return False
    settle(row, status=status, code=code, detail=detail, at=at)
    row.save()
    return True


@transaction.atomic
def note_complaint(*, delivery: Delivery) -> bool:
    """Say in the thread that the recipient called the message spam; False when that is no news."""
    if delivery.entry.conversation is None:
        return False
    conversation = matter.lock(delivery.entry.conversation)
    known = Entry.objects.filter(conversation=conversation, event=COMPLAINED, data__delivery=delivery.pk)
    if known.exists():
        return False
    said = {"delivery": delivery.pk, "to": delivery.identity.verbatim or delivery.identity.value}
    entries.event(conversation, COMPLAINED, contact_id=delivery.identity.contact_id, data=said)
    return True


def settle(
    row: Delivery, *, status: str, code: str = "", detail: str = "", at: datetime | None = None
) -> None:
    """Set what became of a *locked* delivery, for the caller to save, and tell the screens; of a failure whoever
    wrote it, too. Who turns out to have opted out at the provider has done so here."""
    row.status, row.code = status, code[:40]
    row.status_at = at or timezone.now()
    row.reason = detail[:2000]
    row.state = lanes.State.FAILED if status == Status.FAILED else lanes.State.DONE
    if code == OPTED_OUT:
        opt_out(channel=row.channel, identity=row.identity, reason=detail)
    if status == Status.FAILED:
        told = Reaction(entry_id=row.entry_id, step=Reaction.Step.FAILED)
        Reaction.objects.bulk_create([told], ignore_conflicts=True)
        lanes.ring("reactions")
    push(current_workspace_id(), f"conversation:{_conversation_of(row)}", [row.entry_id])


@transaction.atomic
def retry(*, delivery: Delivery, member: Member) -> Delivery:
    """Hand a failed delivery over again. Raises CannotRetry for one that may have arrived or is under way."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.status == Status.UNCERTAIN:
        raise CannotRetry("It may have arrived: say first that it did not.")
    if row.status != Status.FAILED:
        raise CannotRetry("Only a failed message can be sent again.")
    _queue_again(row)
    return row


@transaction.atomic
def settle_found(*, delivery: Delivery, aliases: Sequence[str]) -> bool:
    """The provider has an uncertain message: it was sent. False when its outcome has become known meanwhile, and
    when what was found is another message, which only says the same."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if _is_another(row, aliases):
        note_not_found(delivery=row)
        return False
    name(row, aliases)
    if row.status != Status.UNCERTAIN:
        return False
    settle(row, status=Status.SENT, detail="The provider says that it has it.")
    row.save()
    return True


def _is_another(row: Delivery, aliases: Sequence[str]) -> bool:
    """Whether a provider's ids are known to be those of another entry's message."""
    known = DeliveryAlias.objects.filter(
        channel=row.channel_id, value__in=[bounded(alias, LONGEST_ID) for alias in aliases]
    )
    return known.exclude(delivery__entry=row.entry_id).exists()


@transaction.atomic
def note_not_found(*, delivery: Delivery) -> None:
    """The provider does not know an uncertain message: no proof, but people who decide may want to know."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.status == Status.UNCERTAIN and NOT_FOUND not in row.reason:
        row.reason = f"{row.reason} {NOT_FOUND}".strip()
        row.save(update_fields=["reason"])
        push(current_workspace_id(), f"conversation:{_conversation_of(row)}", [row.entry_id])


@transaction.atomic
def settle_uncertain(*, delivery: Delivery, arrived: bool, member: Member) -> Delivery:
    """A person says whether an uncertain message arrived: then it is sent, or it is handed over again."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.status != Status.UNCERTAIN:
        raise CannotRetry("Its outcome is known.")
    if arrived:
        settle(row, status=Status.SENT, detail=f"arrived, says {member.name}")
        row.save()
    else:
        _queue_again(row)
    return row


def _queue_again(row: Delivery) -> None:
    if opted_out(row.channel, row.identity):
        raise CannotRetry("They have opted out of messages from this channel.")
    row.status, row.state, row.code, row.reason = Status.QUEUED, lanes.State.PENDING, "", ""
    row.attempts, row.held_since, row.due_at = 0, None, timezone.now()
    row.status_at = timezone.now()
    row.save()
    lanes.ring("send")
    push(current_workspace_id(), f"conversation:{_conversation_of(row)}", [row.entry_id])


def _conversation_of(row: Delivery) -> int | None:
    return row.entry.conversation_id
