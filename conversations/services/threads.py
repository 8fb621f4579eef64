"""Which matter? From a message, its channel and its sender to a conversation, with the rule that joined it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Identity
from contacts.services.resolve import Resolution
from conversations.kinds import KINDS
from conversations.models import Channel, Conversation, Entry, Participant, ThreadKey
from conversations.tokens import read_token
from conversations.types import Automatic, InboundMessage
from tenancy.scope import current_workspace_id

KEYS = 60  # of a mail's References; more says nothing more


@dataclass(frozen=True, slots=True)
class Decision:
    """`conversation` to join, or None for a new one, which `linked_to` then says what it came from.

    `rule` is token, thread, continuity or new; `why` and its `facts` explain it to people (the words are in
    `conversations.queries.why`); `others` are the numbers of further conversations that would have done.
    """

    conversation: Conversation | None
    rule: str
    why: str = ""
    linked_to: Conversation | None = None
    others: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def decide(*, message: InboundMessage, channel: Channel, who: Resolution, at: datetime) -> Decision:
    """Apply DESIGN.md's four rules in order. A key opens nothing to a sender who takes no part, and a token only
    where it cannot have leaked by mail."""
    refused: Conversation | None = None
    for found in (_by_thread(message, channel, who), _by_token(message)):
        if found is None or found.conversation is None:
            continue
        if takes_part(found.conversation, who) or (found.rule == "token" and _was_given(found, who)):
            return found
        refused = refused or found.conversation
    if refused is not None:
        return _beside(refused, who)
    return _by_continuity(message, channel, who, at) or Decision(None, "new", "first")


def own_keys(message: InboundMessage, channel: Channel) -> list[str]:
    """The message's own id where it can be answered: a mail's, and that of a root. On other channels ids are
    only unique in their chat."""
    answerable = message.starts_thread or KINDS[channel.kind].mails
    return [message.external_id] if answerable and message.external_id else []


def _beside(refused: Conversation, who: Resolution) -> Decision:
    """The conversation opened for the sender when they answered this one before, else a new one."""
    earlier = Conversation.objects.filter(contact=who.contact, linked_to=refused).order_by("-last_at", "-id")
    conversation = earlier.first()
    if conversation is not None and takes_part(conversation, who):
        return Decision(conversation, "thread", "again")
    return Decision(None, "new", "stranger", refused)


def takes_part(conversation: Conversation, who: Resolution) -> bool:
    """Whether the sender is a participant: by contact when vouched for, else by the very same address."""
    people = Participant.objects.filter(conversation=conversation)
    if who.verified:
        return people.filter(contact=who.contact).exists()
    return people.filter(identity=who.identity).exists()


def _was_given(found: Decision, who: Resolution) -> bool:
    """Whether only the requester can have given the sender this token: they hold no address of this kind, so it
    never stood in a mail that is quoted, copied and forwarded. It joins the matter; that both are one person is
    for people to say."""
    requester = found.conversation.contact_id if found.conversation else None
    return (
        who.verified
        and who.created
        and not Identity.objects.filter(contact=requester, kind=who.identity.kind, holds=True).exists()
    )


def _by_thread(message: InboundMessage, channel: Channel, who: Resolution) -> Decision | None:
    """The nearest of the channel's own thread keys. Without a verdict on the sender only our own,
    unguessable ids count."""
    named = [key for key in message.thread_keys[:KEYS] if key]
    wanted = list(dict.fromkeys([*named, *own_keys(message, channel)]))
    if not wanted:
        return None
    same_kind = ThreadKey.objects.filter(key__in=wanted, channel__kind=channel.kind).select_related(
        "conversation"
    )
    found = {(key.channel_id == channel.pk, key.key): key for key in same_kind}
    for here in (True, False):
        for key in wanted:
            hit = found.get((here, key))
            if hit is None or not (who.verified or hit.is_ours or not KINDS[channel.kind].mails):
                continue
            return Decision(hit.conversation, "thread", "thread")
    return None


def _by_token(message: InboundMessage) -> Decision | None:
    """A signed case token from the text, a link or the address that was written to."""
    for token in message.tokens:
        read = read_token(token)
        if read is None or read[0] != current_workspace_id():
            continue
        conversation = Conversation.objects.filter(pk=read[1]).first()
        if conversation is not None:
            return Decision(conversation, "token", "token")
    return None


def _by_continuity(
    message: InboundMessage, channel: Channel, who: Resolution, at: datetime
) -> Decision | None:
    """The same person and brand within the window: one matter, unless it has such a thread already.

    A mail that comes here answers nothing that we know, so it is as good as a fresh one.
    """
    if channel.continuity is None or not _may_continue(message, who):
        return None
    candidates = list(_candidates(channel, who, at, channel.continuity)[:5])
    if not candidates:
        return None
    moved_to = _where_people_moved_it(channel, who) if len(candidates) > 1 else None
    first, *rest = sorted(candidates, key=lambda candidate: candidate.pk != moved_to)
    is_fresh = message.starts_thread or KINDS[channel.kind].mails
    if is_fresh and ThreadKey.objects.filter(conversation=first, channel__kind=channel.kind).exists():
        return Decision(None, "new", "second", first)
    others = tuple(other.number for other in rest)
    facts = {"hours": round(channel.continuity.total_seconds() / 3600), "after": first.last_at.isoformat()}
    why = "moved" if first.pk == moved_to else "person"
    return Decision(first, "continuity", why, others=others, facts=facts)


def _where_people_moved_it(channel: Channel, who: Resolution) -> int | None:
    """The conversation that people moved the last message from this address to, or that has followed it since:
    their word counts for more than what was active last."""
    said = Entry.objects.filter(identity=who.identity, channel=channel, kind=Entry.Kind.MESSAGE)
    last = said.filter(direction=Entry.Direction.IN).order_by("-id").first()
    if last is None:
        return None
    why = last.data.get("why")
    follows = isinstance(why, dict) and why.get("key") == "moved"
    return last.conversation_id if last.rule == "manual" or follows else None


def _may_continue(message: InboundMessage, who: Resolution) -> bool:
    """Whether it is a person's own word, from an address of theirs alone, that somebody vouches for."""
    by_machine = message.automatic in {Automatic.BULK, Automatic.BOUNCE}
    return who.verified and not (by_machine or message.spam or who.identity.is_shared)


def _candidates(channel: Channel, who: Resolution, at: datetime, window: timedelta) -> QuerySet[Conversation]:
    """The sender's conversations of this brand around that time, newest first. One with nothing in it that
    anybody vouches for may be an impostor's."""
    vouched = Entry.objects.filter(
        conversation=OuterRef("pk"), kind__in=[Entry.Kind.MESSAGE, Entry.Kind.CALL], is_verified=True
    )
    return Conversation.objects.filter(
        Exists(vouched),
        contact=who.contact,
        brand=channel.brand_id,
        kind=Conversation.Kind.CUSTOMER,
        is_spam=False,
        created_at__lte=at + window,
        last_at__gte=at - window,
    ).order_by("-last_at", "-id")
