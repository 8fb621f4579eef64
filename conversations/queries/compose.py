"""What the composer offers: the ways to answer a contact, why others are closed, who is copied, and whom a note
can mention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from contacts.models import Contact, Identity
from contacts.queries import IDENTITIES, whom
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Channel, Conversation
from conversations.queries.parts import CHANNELS, COLLEAGUES, CONVERSATION, TEAMS, whom_of
from conversations.types import Capabilities
from tenancy.models import Brand, Member, Team
from tenancy.reading import Found, Reading, refers

# The last message that came from each address that ever wrote.
WROTE = """
    SELECT id AS identity_id, (
        SELECT id FROM conversations_entry
        WHERE workspace_id = row.workspace_id AND identity_id = row.id AND kind = 'message' AND direction = 'in'
        ORDER BY id DESC LIMIT 1
    ) AS newest
    FROM contacts_identity row WHERE workspace_id = %(workspace)s AND contact_id = (SELECT id FROM who)"""
SAME = """
    SELECT id FROM contacts_identity WHERE workspace_id = %(workspace)s AND value = ANY(ARRAY(
        SELECT value FROM contacts_identity
        WHERE workspace_id = %(workspace)s AND contact_id = (SELECT id FROM who)
    ))"""
STOPS = f"""
    SELECT channel_id, {refers("identity", "contacts_identity", "value")} FROM conversations_optout row
    WHERE workspace_id = %(workspace)s AND identity_id = ANY(ARRAY({SAME})) AND NOT is_lifted"""
WAYS = {"channels": CHANNELS, "identities": IDENTITIES, "wrote": WROTE, "stops": STOPS}
# Our last mail, and whom it copied: whoever was left out of it stays out, until they write or are named again.
LAST_MAIL = """
    SELECT at, data -> 'cc' AS cc FROM conversations_entry
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) AND kind = 'message'
        AND direction = 'out' AND deleted_at IS NULL AND data ? 'to' AND channel_id = ANY(ARRAY(
            SELECT id FROM conversations_channel WHERE workspace_id = %(workspace)s AND kind = ANY(%(mails)s)
        ))
    ORDER BY at DESC, id DESC LIMIT 1"""
COPIED = f"""
    SELECT identity_id, {refers("identity", "contacts_identity", "kind", "value", "verbatim")},
        {refers("contact", "contacts_contact", "name")}, NOT EXISTS (
            SELECT FROM last_mail WHERE at > row.created_at AND NOT coalesce(cc, '[]') ?| (
                SELECT ARRAY[value, verbatim] FROM contacts_identity
                WHERE workspace_id = row.workspace_id AND id = row.identity_id
            )
        ) AS is_on
    FROM conversations_participant row
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) AND role = 'cc'
        AND contact_id IS DISTINCT FROM (SELECT id FROM who)
    ORDER BY id"""

THIRD_PARTIES = """
    SELECT identity_id FROM conversations_participant
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) AND role = 'third_party'"""

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

    @property
    def is_live(self) -> bool:
        """Whether the other side reads at once, or is gone: nothing is sent later."""
        return kinds.KINDS[self.channel.kind].live

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
    """What reaches a contact and what does not, in one query: by channel `first`, by others of its brand, by
    the rest; on each, the address last written from comes first."""
    if contact is None:
        return Offer()
    who = whom(contact)
    return Reading(WAYS, lambda found: _offer(found, first), who.given, who.facts).read()


def offer_in(number: int) -> Reading[Offer]:
    """The same for a conversation's contact, its last channel first; a side conversation writes by mail to its
    third party alone, so of nobody else's ways, and of why others are closed, nothing is said there."""

    def make(found: Found) -> Offer:
        conversation = found.one(Conversation, "conversation")
        if conversation is None or conversation.contact_id is None:
            return Offer()
        offered = _offer(found, conversation.last_channel)
        return _aside(found, offered) if conversation.kind == Conversation.Kind.SIDE else offered

    who = whom_of(number)
    parts = {"conversation": CONVERSATION, "third_parties": THIRD_PARTIES, **WAYS}
    return Reading(parts, make, who.given, who.facts)


def _aside(found: Found, offered: Offer) -> Offer:
    written_to = {row["identity_id"] for row in found.rows("third_parties")}
    return Offer([way for way in offered.ways if way.mails and way.identity.pk in written_to])


def _offer(found: Found, first: Channel | None) -> Offer:
    known = _addresses(found)
    stopped = {(row["channel_id"], row["identity__value"]) for row in found.rows("stops")}
    offered, missing = Offer(), dict[str, Channel]()
    for channel in _channels(found, first):
        reached = _reached(channel, known)
        if not reached:
            missing.setdefault(channel.kind, channel)
        for identity in reached:
            why = _why_not(channel, identity, (channel.pk, identity.value) in stopped)
            if why is None:
                offered.ways.append(Way(channel, identity))
            elif not (why.is_of_address and any(_same_address(why, said) for said in offered.closed)):
                offered.closed.append(why)
    offered.closed.extend(_never_met(missing, offered))
    return offered


def _channels(found: Found, first: Channel | None) -> list[Channel]:
    """The channels of the workspace, by `first`, its brand and their names."""
    rows = [row for row in found.of(Channel, "channels") if row.kind in kinds.KINDS]
    if first is not None:
        rows.sort(key=lambda row: (row.pk != first.pk, row.brand_id != first.brand_id))
    return rows


def _addresses(found: Found) -> list[Identity]:
    """A contact's addresses: those that they hold, the one last written from first; then mere claims."""
    wrote = {row["identity_id"]: row["newest"] for row in found.rows("wrote")}
    known = found.of(Identity, "identities")
    return sorted(known, key=lambda one: (one.holds, wrote[one.pk] or 0, one.pk), reverse=True)


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


@dataclass(frozen=True, slots=True)
class Copied:
    """Somebody who takes part by mail besides the contact; `is_on` while they get a copy of each reply."""

    identity_id: int
    address: str
    name: str
    is_on: bool


def copied(number: int) -> Reading[list[Copied]]:
    """Who takes part in a conversation by mail, and whether they get a copy of each reply."""

    def make(found: Found) -> list[Copied]:
        return [
            Copied(row["identity_id"], row["identity__value"], row["contact__name"] or "", row["is_on"])
            for row in found.rows("copied")
            if row["identity__kind"] == AddressKind.EMAIL
        ]

    who = whom_of(number)
    mails = [kind.name for kind in kinds.KINDS.values() if kind.mails]
    given = {**who.given, "last_mail": LAST_MAIL}
    return Reading({"copied": COPIED}, make, given, {**who.facts, "mails": mails})


BRANDS = """
    SELECT id, name, signature FROM tenancy_brand
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL AND signature <> '' ORDER BY id"""


def signed_brands() -> Reading[list[Brand]]:
    """The brands whose mail is signed."""
    return Reading({"signed_brands": BRANDS}, lambda found: found.of(Brand, "signed_brands"))


def colleagues() -> Reading[list[Member]]:
    """The people of the workspace, by name: to assign to and to mention."""
    return Reading({"colleagues": COLLEAGUES}, lambda found: found.of(Member, "colleagues"))


def teams() -> Reading[list[Team]]:
    """The teams of the workspace, by name, each with the ids of its members as `member_ids`."""
    return Reading({"teams": TEAMS}, lambda found: found.of(Team, "teams"))


def mentioned(text: str, members: Sequence[Member]) -> list[Member]:
    """Those whose name stands in a text after an @, longest names first, so that Ana Maria is not Ana."""
    rest, found = text.casefold(), []
    for member in sorted(members, key=lambda person: -len(person.name)):
        mark = f"@{member.name.casefold()}"
        if mark in rest:
            found.append(member)
            rest = rest.replace(mark, " ")
    return found
