"""What the composer offers: the ways to answer a contact, who is copied, and whom a note can mention."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.models import Contact, Identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Channel, Conversation, Participant
from tenancy.models import Member


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and the address that it reaches the contact at."""

    channel: Channel
    identity: Identity

    @property
    def key(self) -> str:
        return f"{self.channel.pk}:{self.identity.pk}"

    @property
    def mails(self) -> bool:
        """Whether copies and a subject go with it."""
        return kinds.KINDS[self.channel.kind].mails


def ways_to(contact: Contact | None, *, first: Channel | None = None) -> list[Way]:
    """Every way to reach a contact, in two queries: by channel `first`, by others of its brand, by the rest."""
    if contact is None:
        return []
    channels = sending_channels()
    identities = list(Identity.objects.filter(contact=contact, holds=True).order_by("-id"))
    ways = [
        Way(channel, identity)
        for channel in channels
        for identity in identities
        if identity.kind == kinds.KINDS[channel.kind].address
    ]
    if first is None:
        return ways
    return sorted(ways, key=lambda way: (way.channel.pk != first.pk, way.channel.brand_id != first.brand_id))


def sending_channels() -> list[Channel]:
    """The channels that a reply can leave by."""
    rows = Channel.objects.filter(archived_at=None, is_enabled=True).order_by("name", "id")
    return [channel for channel in rows if channel.kind in kinds.KINDS and kinds.can_send(channel.kind)]


def copied(conversation: Conversation) -> list[str]:
    """The mail addresses that get a copy of each reply."""
    people = Participant.objects.filter(
        conversation=conversation, role=Participant.Role.CC, identity__kind=AddressKind.EMAIL
    ).exclude(contact=conversation.contact_id)
    return list(people.order_by("id").values_list("identity__value", flat=True))


def colleagues() -> list[Member]:
    """The people of the workspace, by name: to assign to and to mention."""
    return list(Member.objects.filter(archived_at=None).order_by("name", "id"))


def mentioned(text: str, members: Sequence[Member]) -> list[Member]:
    """Those whose name stands in a text after an @, longest names first, so that Ana Maria is not Ana."""
    rest, found = text.casefold(), []
    for member in sorted(members, key=lambda person: -len(person.name)):
        mark = f"@{member.name.casefold()}"
        if mark in rest:
            found.append(member)
            rest = rest.replace(mark, " ")
    return found
