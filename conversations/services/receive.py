"""Messages from outside become entries: who, which matter, once, with the reasons, in one transaction.

Many at a time: each step is taken for all messages that have nothing to do with each other, in as many queries as
it takes for one. Messages that do (of one sender, in one thread, of one conversation) follow each other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from contacts.addresses import fitting
from contacts.models import Identity
from contacts.services.identities import place
from contacts.services.resolve import Resolution, resolve_all
from conversations.models import Channel, Entry, Participant, ThreadKey
from conversations.services import entries, joining, members, parents
from conversations.services.arrivals import Arrival, NotOurs, Received
from conversations.services.copies import identities_at
from conversations.services.entries import Body, Writing
from conversations.services.threads import KEYS, Decision, decide_all, own_keys
from conversations.services.waves import waves
from conversations.types import InboundMessage, fitting_message
from tenancy.bulk import update_rows

SEEN_EVERY = timedelta(minutes=1)
COPIES = 20  # participants that one mail may add


def receive(*, channel: Channel, message: InboundMessage, received_at: datetime) -> Received:
    """Put a message into the timeline.

    A message that is there already is returned as a duplicate. Raises NotOurs for a member's own mail that is
    no forward; IntegrityError when the same message is being received elsewhere at this moment (try again).
    """
    (result,) = receive_all([Arrival(channel, message, received_at)])
    if isinstance(result, NotOurs):
        raise result
    return result


@transaction.atomic
def receive_all(arrivals: Sequence[Arrival]) -> list[Received | NotOurs]:
    """Put messages into the timeline, as `receive` does one; says of each what became of it."""
    for arrival in arrivals:
        arrival.message = fitting_message(arrival.message)
    _find_senders(arrivals)
    for wave in waves(arrivals, Arrival.touches):
        _receive_wave(wave)
    return [arrival.result for arrival in arrivals]


def _find_senders(arrivals: Sequence[Arrival]) -> None:
    """Whose each message is, a member's forward being the quoted requester's by claim only, and whom it copies."""
    authors = members.by_address(arrival.message.sender for arrival in arrivals)
    named = [address for arrival in arrivals for address in (*arrival.message.to, *arrival.message.cc)]
    ours = members.ours(named)
    for arrival in arrivals:
        message = arrival.message
        is_member = members.is_vouched(message.sender) and message.sender.value in authors
        arrival.sender = (message.on_behalf_of if is_member else None) or message.sender
        if is_member and message.on_behalf_of is None:
            name = authors[message.sender.value].name
            arrival.result = NotOurs(f"written by {name}, a member, who is never a customer")
        if not message.automatic:
            addresses = {place(one): one for one in (*message.to, *message.cc) if one.value}
            strangers = [one for one in addresses.values() if one.value not in ours]
            arrival.copied = [one for one in strangers[:COPIES] if one.value != message.sender.value]


def _receive_wave(wave: Sequence[Arrival]) -> None:
    """Receive messages that have nothing to do with each other, as far as they say themselves."""
    fresh = [arrival for arrival in _not_yet_here(wave) if not hasattr(arrival, "result")]
    for arrival, who in zip(fresh, resolve_all([one.sender for one in fresh]), strict=True):
        arrival.who = who
        arrival.copied = arrival.copied if who.verified else ()
    while fresh:
        for arrival, decision in zip(fresh, decide_all([one.question for one in fresh]), strict=True):
            arrival.decision = decision
        now, *later = waves(fresh, Arrival.meets)
        _write(now)
        # What has been written may change where the others belong.
        fresh = [arrival for group in later for arrival in group]


def _not_yet_here(wave: Sequence[Arrival]) -> list[Arrival]:
    """The messages that are not in the timeline; of the others, what became of them."""
    named = [arrival for arrival in wave if arrival.message.external_id]
    known = Entry.objects.filter(
        channel__in={arrival.channel.pk for arrival in named},
        external_id__in={arrival.message.external_id for arrival in named},
    ).select_related("conversation", "contact")
    here = {(row.channel_id, row.external_thread, row.external_id): row for row in known} if named else {}
    fresh = []
    for arrival in wave:
        message = arrival.message
        entry = here.get((arrival.channel.pk, message.external_thread, message.external_id))
        if entry is None:
            fresh.append(arrival)
        else:
            arrival.result = Received(entry, entry.conversation, entry.contact, entry.rule, is_duplicate=True)
    return fresh


def _write(arrivals: Sequence[Arrival]) -> None:
    """Write messages of which all is known, each of another person and to another conversation."""
    joining.join(arrivals)
    for arrival in arrivals:
        if arrival.parent is not None:
            # Whom a third party copies in has no part in the side conversation: it might be the customer.
            arrival.copied = ()
    copies = identities_at(address for arrival in arrivals for address in arrival.copied)
    writings: list[Writing] = []
    for arrival in arrivals:
        arrival.copies = [copies[place(fitting(address))] for address in arrival.copied]
        changed = joining.changes(arrival)
        writings += [*joining.reopening(arrival, changed), _writing(arrival, changed)]
        entry = writings[-1].entry
        arrival.result = Received(entry, arrival.conversation, arrival.who.contact, arrival.decision.rule)
    entries.write_all(writings)
    entries.write_all([*_told_parents(arrivals)])
    _remember_threads(arrivals)
    _take_part(arrivals)
    _note_seen(arrivals)


def _writing(arrival: Arrival, changed: dict[str, Any]) -> Writing:
    message, who = arrival.message, arrival.who
    entry = Entry(
        conversation=arrival.conversation,
        kind=Entry.Kind.MESSAGE,
        direction=Entry.Direction.OUT if message.outbound else Entry.Direction.IN,
        channel=arrival.channel,
        contact=who.contact,
        identity=who.identity,
        at=arrival.at,
        external_thread=message.external_thread,
        external_id=message.external_id,
        rule=arrival.decision.rule,
        is_verified=who.verified,
        automatic=message.automatic,
        data=_facts(arrival.decision, message, who),
    )
    body = Body(text=message.text, quoted=message.quoted, html=message.html, files=message.files)
    return Writing(entry, body, [who.contact, *(identity.contact for identity in arrival.copies)], changed)


def _told_parents(arrivals: Sequence[Arrival]) -> Iterator[Writing]:
    """What conversations hear of answers to side conversations about them."""
    for arrival in arrivals:
        is_word = not (arrival.message.automatic or arrival.message.outbound)
        if arrival.parent is not None and is_word and isinstance(arrival.result, Received):
            yield parents.answered(arrival.parent, arrival.conversation, arrival.result.entry)


def _facts(decision: Decision, message: InboundMessage, who: Resolution) -> dict[str, Any]:
    """What people may ask about the entry; addresses and words only, never bodies."""
    facts: dict[str, Any] = {"why": {"key": decision.why} | decision.facts, "who": _identified(who)}
    if message.subject:
        facts["subject"] = message.subject[:300]
    for name, addresses in (("to", message.to), ("cc", message.cc)):
        if addresses:
            facts[name] = [address.verbatim or address.value for address in addresses[:50]]
    if message.on_behalf_of is not None:
        facts["forwarded_by"] = message.sender.value
    if message.reply_to is not None and message.reply_to.value != message.sender.value:
        facts["reply_to"] = message.reply_to.value
    if decision.others:
        facts["others"] = list(decision.others)
    if decision.linked_to is not None:
        facts["linked_to"] = decision.linked_to.number
    if message.facts:
        facts["mail"] = dict(message.facts)
    return facts


def _identified(who: Resolution) -> dict[str, str]:
    """How the sender was known, for people: `conversations.queries.why` has the words."""
    same_as = {"kind": who.same_as.kind, "value": who.same_as.value} if who.same_as else {}
    return {"key": who.reason} | same_as


def _remember_threads(arrivals: Sequence[Arrival]) -> None:
    """Keep the messages' ids for what answers them; those they name too, for the original may arrive later.

    Ids that an unverified sender merely names are not kept: a stranger could lay claim to a thread.
    """
    ThreadKey.objects.bulk_create(
        (
            ThreadKey(channel=arrival.channel, key=key, conversation=arrival.conversation)
            for arrival in arrivals
            for key in dict.fromkeys(filter(None, _keys_to_keep(arrival)))
        ),
        ignore_conflicts=True,
    )


def _keys_to_keep(arrival: Arrival) -> list[str]:
    named = arrival.message.thread_keys[:KEYS] if arrival.who.verified else ()
    return [*own_keys(arrival.message, arrival.channel), *named]


def _take_part(arrivals: Sequence[Arrival]) -> None:
    """Make participants of the senders and of whom they copied in."""
    by = Participant.AddedBy
    Participant.objects.bulk_create(
        (
            Participant(
                conversation=arrival.conversation,
                contact_id=identity.contact_id,
                identity=identity,
                role=_role_of(identity, arrival),
                added_by=by.MESSAGE if identity is arrival.who.identity else by.REQUESTER,
            )
            for arrival in arrivals
            for identity in (arrival.who.identity, *arrival.copies)
        ),
        ignore_conflicts=True,
    )


def _role_of(identity: Identity, arrival: Arrival) -> str:
    if arrival.parent is not None:
        return Participant.Role.THIRD_PARTY
    opens = arrival.opens and identity is arrival.who.identity
    return Participant.Role.REQUESTER if opens else Participant.Role.CC


def _note_seen(arrivals: Sequence[Arrival]) -> None:
    """Keep when contacts were last heard of, to the minute: a burst of messages does not rewrite their row."""
    heard = []
    for arrival in arrivals:
        contact = arrival.who.contact
        if not arrival.message.outbound and arrival.at - contact.last_seen_at > SEEN_EVERY:
            contact.last_seen_at = arrival.at
            heard.append(contact)
    update_rows(heard, ["last_seen_at"])
