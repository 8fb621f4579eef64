"""A message from outside becomes an entry: who, which matter, once, with its reasons, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from contacts.addresses import fitting
from contacts.models import Contact, Identity
from contacts.services.resolve import Resolution, add_address, resolve
from contacts.services.suggestions import suggest
from contacts.types import Address, Proof
from conversations.models import Channel, Conversation, Entry, Participant, ThreadKey
from conversations.services import entries, matter, members
from conversations.services.entries import Body
from conversations.services.threads import KEYS, Decision, decide, own_keys
from conversations.types import InboundMessage, fitting_message

SEEN_EVERY = timedelta(minutes=1)
COPIES = 20  # participants that one mail may add


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `rule` is token, thread, continuity or new."""

    entry: Entry
    conversation: Conversation | None
    contact: Contact | None
    rule: str
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message on its way in, with all that has been found out about it."""

    message: InboundMessage
    channel: Channel
    who: Resolution
    at: datetime
    decision: Decision


class NotOurs(Exception):
    """A message that is no customer's: the text says why, for the ledger."""


def receive(*, channel: Channel, message: InboundMessage, received_at: datetime) -> Received:
    """Put a message into the timeline.

    A message that is there already is returned as a duplicate. Raises NotOurs for a member's own mail that is
    no forward; IntegrityError when the same message is being received elsewhere at this moment (try again).
    """
    message = fitting_message(message)
    known = _already_here(channel, message)
    if known is not None:
        return Received(known, known.conversation, known.contact, known.rule, is_duplicate=True)
    with transaction.atomic():
        sender = _sender_of(message)
        who = resolve(address=sender)
        at = clamp(message.at, channel=channel, received_at=received_at)
        decision = decide(message=message, channel=channel, who=who, at=at)
        arrival = _Arrival(message, channel, who, at, decision)
        conversation = _join(arrival)
        _wonder(conversation, arrival)
        copied = _copied(arrival)
        entry = _write(conversation, arrival, copied)
        _remember_thread(conversation, arrival)
        _take_part(conversation, arrival, copied)
        _note_seen(arrival)
        return Received(entry, conversation, who.contact, decision.rule)


def _note_seen(arrival: _Arrival) -> None:
    """Keep when the contact was last heard of, to the minute: a burst of messages does not rewrite their row."""
    contact = arrival.who.contact
    if not arrival.message.outbound and arrival.at - contact.last_seen_at > SEEN_EVERY:
        contact.last_seen_at = arrival.at
        contact.save(update_fields=["last_seen_at"])


def clamp(at: datetime | None, *, channel: Channel, received_at: datetime) -> datetime:
    """The provider's time, between the channel's start and arrival; arrival where it says none."""
    return received_at if at is None else min(max(at, channel.started_at), received_at)


def _already_here(channel: Channel, message: InboundMessage) -> Entry | None:
    if not message.external_id:
        return None
    return (
        Entry.objects.filter(
            channel=channel, external_thread=message.external_thread, external_id=message.external_id
        )
        .select_related("conversation", "contact")
        .first()
    )


def _sender_of(message: InboundMessage) -> Address:
    """Whose message it is: a member's forward is the quoted requester's, by claim only."""
    member = members.by_address(message.sender)
    if member is None:
        return message.sender
    if message.on_behalf_of is None:
        raise NotOurs(f"written by {member.name}, a member, who is never a customer")
    return message.on_behalf_of


def _join(arrival: _Arrival) -> Conversation:
    """Lock and wake the conversation that the message joins, or open a new one."""
    message, who, at = arrival.message, arrival.who, arrival.at
    if arrival.decision.conversation is None:
        return _open(arrival)
    conversation = matter.lock(arrival.decision.conversation)
    if message.automatic or message.outbound:
        return conversation
    before = conversation.status
    changes: dict[str, Any] = {
        "waiting_since": conversation.waiting_since or at,
        "last_inbound_at": max(at, conversation.last_inbound_at or at),
    }
    if before != Conversation.Status.OPEN:
        changes |= {"status": Conversation.Status.OPEN, "snoozed_until": None, "resolved_at": None}
    matter.change(conversation, **changes)
    if before in {Conversation.Status.RESOLVED, Conversation.Status.SNOOZED}:
        entries.event(conversation, "reopened", contact=who.contact, at=at, data={"was": before})
    return conversation


def _wonder(conversation: Conversation, arrival: _Arrival) -> None:
    """A stranger who carries the token that only the requester was given is probably the requester."""
    requester, sender = conversation.contact, arrival.who.contact
    if arrival.decision.rule == "token" and arrival.who.created and requester and requester != sender:
        evidence = [f"wrote to the signed address that only {requester.name} was given"]
        suggest(contact=sender, other=requester, score=80, evidence=evidence)


def _open(arrival: _Arrival) -> Conversation:
    message, at = arrival.message, arrival.at
    spoken = not (message.automatic or message.outbound)
    return matter.create(
        brand_id=arrival.channel.brand_id,
        subject=message.subject[:300],
        contact=arrival.who.contact,
        account=entries.primary_account(arrival.who.contact),
        is_spam=message.spam,
        linked_to=arrival.decision.linked_to,
        created_at=at,
        last_at=at,
        last_inbound_at=at if spoken else None,
        last_channel=arrival.channel,
        trail=[arrival.channel.kind],
        preview=entries.preview(message.text),
        preview_is_ours=message.outbound,
        waiting_since=at if spoken else None,
    )


def _write(conversation: Conversation, arrival: _Arrival, copied: Sequence[Identity]) -> Entry:
    message, who = arrival.message, arrival.who
    entry = Entry(
        conversation=conversation,
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
    return entries.write(entry, body=body, on=[who.contact, *(identity.contact for identity in copied)])


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


def _remember_thread(conversation: Conversation, arrival: _Arrival) -> None:
    """Keep the message's ids for what answers it; those it names too, for the original may arrive later.

    Ids that an unverified sender merely names are not kept: a stranger could lay claim to a thread.
    """
    message = arrival.message
    keys = own_keys(message, arrival.channel)
    if arrival.who.verified:
        keys += message.thread_keys[:KEYS]
    ThreadKey.objects.bulk_create(
        (
            ThreadKey(channel=arrival.channel, key=key, conversation=conversation)
            for key in dict.fromkeys(filter(None, keys))
        ),
        ignore_conflicts=True,
    )


def _take_part(conversation: Conversation, arrival: _Arrival, copied: Sequence[Identity]) -> None:
    """Make participants of the sender and of whom they copied in."""
    opened = arrival.decision.conversation is None
    role = Participant.Role.REQUESTER if opened else Participant.Role.CC
    people = [(arrival.who.identity, role, Participant.AddedBy.MESSAGE)]
    people += [(identity, Participant.Role.CC, Participant.AddedBy.REQUESTER) for identity in copied]
    Participant.objects.bulk_create(
        (
            Participant(
                conversation=conversation,
                contact_id=identity.contact_id,
                identity=identity,
                role=role,
                added_by=by,
            )
            for identity, role, by in people
        ),
        ignore_conflicts=True,
    )


def _copied(arrival: _Arrival) -> list[Identity]:
    """The identities of those in To and Cc who are neither us nor members, if somebody vouches for the header."""
    message = arrival.message
    if message.automatic or not arrival.who.verified:
        return []
    copied = {
        (address.kind, address.value): address for address in [*message.to, *message.cc] if address.value
    }
    strangers = members.without_ours(copied.values())
    return [identity_at(address) for address in strangers[:COPIES] if address.value != message.sender.value]


def identity_at(address: Address) -> Identity:
    """The identity that holds an address, with its contact; made, with a contact of its own, when nobody does."""
    address = fitting(address)
    held = (
        Identity.objects.filter(kind=address.kind, scope=address.scope, value=address.value, holds=True)
        .select_related("contact")
        .first()
    )
    if held is not None:
        return held
    contact = Contact.objects.create(name=(address.name or address.verbatim or address.value)[:200])
    return add_address(contact=contact, address=address, reason="copied in", proof=Proof.CLAIMED)
