"""The conversations that messages join: locked and woken, or made for them."""

from collections.abc import Sequence
from typing import Any

from contacts.services.suggestions import suggest
from conversations.models import Conversation, Entry
from conversations.services import entries, matter
from conversations.services.arrivals import Arrival
from conversations.services.entries import Writing

DONE_WITH = {Conversation.Status.RESOLVED, Conversation.Status.SNOOZED}


def join(arrivals: Sequence[Arrival]) -> None:
    """Give each message its conversation: the one to join, locked, or a new one."""
    opening = [arrival for arrival in arrivals if arrival.opens]
    accounts = entries.primary_accounts(arrival.who.contact.pk for arrival in opening)
    opened = matter.create_all(
        [_begun_by(arrival, accounts.get(arrival.who.contact.pk)) for arrival in opening]
    )
    for arrival, conversation in zip(opening, opened, strict=True):
        arrival.conversation = conversation
    joined = {
        arrival.decision.conversation.pk: arrival for arrival in arrivals if arrival.decision.conversation
    }
    rows = matter.lock_all({*joined, *filter(None, map(_parent_of, arrivals))})
    for pk, arrival in joined.items():
        about = _parent_of(arrival)
        arrival.conversation, arrival.parent = rows[pk], rows[about] if about else None
        _wonder(arrival)


def _parent_of(arrival: Arrival) -> int | None:
    return arrival.decision.conversation.parent_id if arrival.decision.conversation else None


def _begun_by(arrival: Arrival, account_id: int | None) -> Conversation:
    message, at = arrival.message, arrival.at
    spoken = not (message.automatic or message.outbound)
    return Conversation(
        brand_id=arrival.channel.brand_id,
        subject=message.subject[:300],
        contact=arrival.who.contact,
        account_id=account_id,
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


def _wonder(arrival: Arrival) -> None:
    """A stranger who carries the token that only the requester was given is probably the requester."""
    requester, sender = arrival.conversation.contact_id, arrival.who.contact
    if arrival.decision.rule == "token" and arrival.who.created and requester not in {None, sender.pk}:
        other = arrival.conversation.contact
        assert other is not None
        evidence = [f"wrote to the signed address that only {other.name} was given"]
        suggest(contact=sender, other=other, score=80, evidence=evidence)


def changes(arrival: Arrival) -> dict[str, Any]:
    """What a message changes in the conversation that it joins: somebody waits, and it is open again."""
    conversation, at = arrival.conversation, arrival.at
    if arrival.opens or arrival.message.automatic or arrival.message.outbound:
        return {}
    changed: dict[str, Any] = {
        "waiting_since": conversation.waiting_since or at,
        "last_inbound_at": max(at, conversation.last_inbound_at or at),
    }
    if conversation.status != Conversation.Status.OPEN:
        changed |= {"status": Conversation.Status.OPEN, "snoozed_until": None, "resolved_at": None}
    return changed


def reopening(arrival: Arrival, changed: dict[str, Any]) -> list[Writing]:
    """The event that says that a message has woken its conversation."""
    was = arrival.conversation.status
    if was not in DONE_WITH or "status" not in changed:
        return []
    event = Entry(
        conversation=arrival.conversation,
        kind=Entry.Kind.EVENT,
        event="reopened",
        contact=arrival.who.contact,
        at=arrival.at,
        data={"was": was},
    )
    return [Writing(event)]
