"""Who gets a message of ours, and the rows that the send lane hands over: one for each recipient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.utils import timezone

from contacts.models import Contact, Identity
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import Channel, Conversation, Delivery, DeliveryAlias, Entry, Participant, ThreadKey
from conversations.queries.compose import copied
from conversations.services.copies import identity_at
from conversations.tokens import make_message_id
from tenancy import lanes
from tenancy.scope import current_workspace_id


@dataclass(frozen=True, slots=True)
class Recipients:
    """To whom, with copies for all to see, and with copies that no other recipient is shown."""

    to: Identity
    cc: Sequence[Identity] = ()
    bcc: Sequence[Identity] = ()

    @property
    def all(self) -> list[Identity]:
        return [self.to, *self.cc, *self.bcc]

    @property
    def people(self) -> list[Contact]:
        return list({identity.contact_id: identity.contact for identity in self.all}.values())

    @property
    def shown(self) -> dict[str, list[str]]:
        """Their addresses, as the entry keeps them."""
        named = {"to": [self.to], "cc": self.cc, "bcc": self.bcc}
        return {name: [one.verbatim or one.value for one in them] for name, them in named.items() if them}


def recipients(
    conversation: Conversation,
    channel: Channel,
    to: Identity,
    *,
    cc: Sequence[str] | None,
    bcc: Sequence[str],
) -> Recipients:
    """Those who get a message: copies go by mail alone. `cc` None means who gets copies already; whoever is named
    takes part from now on, but not who is hidden. A side conversation has its third party alone."""
    if not kinds.KINDS[channel.kind].mails or conversation.kind == Conversation.Kind.SIDE:
        return Recipients(to)
    copies = _copied(conversation, to) if cc is None else _named(cc, [to])
    if cc is not None:
        _take_part(conversation, copies)
    return Recipients(to, copies, _named(bcc, [to, *copies]))


def _copied(conversation: Conversation, to: Identity) -> list[Identity]:
    ids = [one.identity_id for one in copied(conversation.number).read() if one.is_on]
    found = Identity.objects.select_related("contact").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found and pk != to.pk]


def _named(typed: Sequence[str], known: Sequence[Identity]) -> list[Identity]:
    values = {one.value for one in known}
    addresses = [
        Address(kind=AddressKind.EMAIL, value=value, verbatim=value, proof=Proof.CLAIMED)
        for value in dict.fromkeys(typed)
        if value not in values
    ]
    return [identity_at(address) for address in addresses]


def _take_part(conversation: Conversation, copies: Sequence[Identity]) -> None:
    Participant.objects.bulk_create(
        (
            Participant(
                conversation=conversation,
                contact=identity.contact,
                identity=identity,
                role=Participant.Role.CC,
                added_by=Participant.AddedBy.AGENT,
            )
            for identity in copies
        ),
        ignore_conflicts=True,
    )


def name_mail(entry: Entry, channel: Channel) -> None:
    """Give the mail its Message-ID now: an answer, or our own copy coming back, may be there before we look."""
    domain = channel.address.rpartition("@")[2] or "localhost"
    entry.external_id = make_message_id(current_workspace_id(), entry.pk, domain)
    entry.save(update_fields=["external_id"])
    ThreadKey.objects.create(
        channel=channel, key=entry.external_id, conversation=entry.conversation, is_ours=True
    )


def deliver(entry: Entry, channel: Channel, whom: Recipients, *, at: datetime | None = None) -> None:
    """One delivery for each recipient, held until `at`, or as long as the channel's kind lets a send be undone.

    Where one call reaches them all, the whole conversation is sent in one line: two deliveries of an entry
    must never be on their way at the same time. What leaves later, and a hidden copy where a call shows all that
    it reaches, stands in a line of its own.
    """
    together = kinds.capabilities(channel).together
    hold = kinds.KINDS[channel.kind].hold
    due = at or timezone.now() + hold
    line = f"{entry.conversation_id}:" + (f"later:{entry.pk}:" if at else "")
    rows = Delivery.objects.bulk_create(
        Delivery(
            entry=entry,
            channel=channel,
            identity=identity,
            status=Delivery.Status.HELD if at or hold else Delivery.Status.QUEUED,
            due_at=due,
            is_hidden=is_hidden,
            order_key=line + (str(identity.pk) if is_hidden or not together else ""),
        )
        for identity, is_hidden in chain(
            ((one, False) for one in (whom.to, *whom.cc)), ((one, True) for one in whom.bcc)
        )
    )
    if entry.external_id:
        DeliveryAlias.objects.bulk_create(
            DeliveryAlias(delivery=row, channel=channel, value=entry.external_id) for row in rows
        )
    lanes.ring("send")
