"""What the composer offers: the ways to answer a contact, why others are closed, who is copied, and whom a note
can mention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from contacts.models import Contact, Identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Channel, Conversation, Entry, OptOut, Participant
from conversations.types import Capabilities
from tenancy.models import Member

Hint = Callable[[Channel, Identity], str]
_hints: dict[str, Hint] = {}
TYPED = frozenset(
    {AddressKind.EMAIL, AddressKind.PHONE, AddressKind.SMS}
)  # kinds that people can add by hand


def register_hint(kind: str, hint: Hint) -> None:
    """Let an upper floor say how things stand with whoever a kind of channel reaches ("is here", "has left")."""
    _hints[kind] = hint


@dataclass(frozen=True)
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

    @cached_property
    def limits(self) -> Capabilities:
        """What can go this way."""
        return kinds.capabilities(self.channel)

    @cached_property
    def hint(self) -> str:
        """How things stand with whoever is reached there; empty where nobody knows."""
        hint = _hints.get(self.channel.kind)
        return hint(self.channel, self.identity) if hint else ""

    @property
    def warning(self) -> str:
        """What is wrong with the channel: it may still work, so that people choose."""
        return self.channel.last_error


@dataclass(frozen=True, slots=True)
class Closed:
    """A channel that cannot reach the contact now, and why; `fix` says what the contact's page can do about it."""

    channel: Channel
    why: str
    identity: Identity | None = None
    fix: str = ""

    @property
    def key(self) -> str:
        """That of the way that it would be; of none where no address is known."""
        return f"{self.channel.pk}:{self.identity.pk}" if self.identity else ""

    @property
    def is_of_address(self) -> bool:
        """Whether it holds for the address on any channel."""
        return bool(self.fix)


@dataclass(frozen=True, slots=True)
class Offer:
    """The ways that are open, the likeliest first, and those that are not."""

    ways: list[Way] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)


def ways_to(contact: Contact | None, *, first: Channel | None = None) -> list[Way]:
    """Every way that is open to a contact, as `offer` finds them."""
    return offer(contact, first=first).ways


def offer(contact: Contact | None, *, first: Channel | None = None) -> Offer:
    """What reaches a contact and what does not, in three queries: by channel `first`, by others of its brand, by
    the rest; on each, the address last written from comes first."""
    if contact is None:
        return Offer()
    known = _addresses(contact)
    values = {identity.value for identity in known}
    stops = OptOut.objects.filter(identity__value__in=values, is_lifted=False)
    stopped = set(stops.values_list("channel_id", "identity__value"))
    found, missing = Offer(), dict[str, Channel]()
    for channel in _channels(first):
        reached = _reached(channel, known)
        if not reached:
            missing.setdefault(channel.kind, channel)
        for identity in reached:
            why = _why_not(channel, identity, (channel.pk, identity.value) in stopped)
            if why is None:
                found.ways.append(Way(channel, identity))
            elif not (why.is_of_address and any(_same_address(why, said) for said in found.closed)):
                found.closed.append(why)
    found.closed.extend(_never_met(missing, found))
    return found


def _channels(first: Channel | None) -> list[Channel]:
    """The channels of the workspace, by `first`, its brand and their names."""
    rows = [
        row
        for row in Channel.objects.filter(archived_at=None).order_by("name", "id")
        if row.kind in kinds.KINDS
    ]
    if first is not None:
        rows.sort(key=lambda row: (row.pk != first.pk, row.brand_id != first.brand_id))
    return rows


def _addresses(contact: Contact) -> list[Identity]:
    """A contact's addresses: those that they hold, the one last written from first; then mere claims."""
    written = Entry.objects.filter(
        identity=OuterRef("pk"), kind=Entry.Kind.MESSAGE, direction=Entry.Direction.IN
    )
    wrote = Subquery(written.order_by("-id").values("id")[:1])
    last_first = F("wrote").desc(nulls_last=True)
    return list(
        Identity.objects.filter(contact=contact).annotate(wrote=wrote).order_by("-holds", last_first, "-id")
    )


def _reached(channel: Channel, known: Sequence[Identity]) -> list[Identity]:
    """The addresses that a channel reaches; a number that is kept as several kinds counts once."""
    reached: dict[str, Identity] = {}
    for identity in known:
        if kinds.reaches(channel, identity):
            reached.setdefault(identity.value, identity)
    return list(reached.values())


def _why_not(channel: Channel, identity: Identity, is_stopped: bool) -> Closed | None:
    if not kinds.can_send(channel.kind):
        return Closed(channel, _("Nothing can be written on this channel."), identity)
    if not channel.is_enabled:
        return Closed(channel, _("This channel is switched off in the settings."), identity)
    if not identity.holds:
        why = _("Anybody could have typed this address.")
        return Closed(channel, why, identity, fix=_("Confirm it on the contact card first"))
    if is_stopped:
        why = _("They asked for no more messages here (STOP). They can write START to get them again.")
        return Closed(channel, why, identity)
    return None


def _same_address(why: Closed, said: Closed) -> bool:
    return (why.identity, why.why) == (said.identity, said.why)


def _never_met(missing: dict[str, Channel], found: Offer) -> Iterator[Closed]:
    """The kinds of channel on which no address is known at all, each once."""
    known = {way.channel.kind for way in found.ways} | {closed.channel.kind for closed in found.closed}
    for kind, channel in missing.items():
        if kind in known or not kinds.can_send(kind) or not channel.is_enabled:
            continue
        address = kinds.KINDS[kind].address
        if address == AddressKind.EMAIL:
            yield Closed(channel, _("No e-mail address is known."), fix=_("Add one"))
        elif address in TYPED:
            yield Closed(channel, _("No phone number is known."), fix=_("Add one"))
        else:
            yield Closed(channel, _("They have not written here yet, so there is nowhere to answer."))


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
