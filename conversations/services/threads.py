"""Which matter? From a message, its channel and its sender to a conversation, with the rule that joined it."""

from dataclasses import dataclass
from datetime import datetime

from contacts.services.resolve import Resolution
from conversations.kinds import KINDS
from conversations.models import Channel, Conversation, Participant, ThreadKey
from conversations.tokens import read_token
from conversations.types import InboundMessage
from tenancy.scope import current_workspace_id

KEYS = 60  # of a mail's References; more says nothing more


@dataclass(frozen=True, slots=True)
class Decision:
    """`conversation` to join, or None for a new one, which `linked_to` then says what it came from.

    `rule` is token, thread, continuity or new; `why` explains it to people; `others` are the numbers of further
    conversations that would have done.
    """

    conversation: Conversation | None
    rule: str
    why: str = ""
    linked_to: Conversation | None = None
    others: tuple[int, ...] = ()


def decide(*, message: InboundMessage, channel: Channel, who: Resolution, at: datetime) -> Decision:
    """Apply DESIGN.md's four rules in order. A key or token opens nothing to a sender who takes no part."""
    refused: Decision | None = None
    for found in (_by_thread(message, channel, who), _by_token(message)):
        if found is None or found.conversation is None:
            continue
        if takes_part(found.conversation, who):
            return found
        refused = refused or Decision(
            None, "new", "answers a conversation that the sender takes no part in", found.conversation
        )
    if refused:
        return refused
    return _by_continuity(message, channel, who, at) or Decision(None, "new", "nothing to join")


def takes_part(conversation: Conversation, who: Resolution) -> bool:
    """Whether the sender is a participant: by contact when vouched for, else by the very same address."""
    people = Participant.objects.filter(conversation=conversation)
    if who.verified:
        return people.filter(contact=who.contact).exists()
    return people.filter(identity=who.identity).exists()


def _by_thread(message: InboundMessage, channel: Channel, who: Resolution) -> Decision | None:
    """The nearest of the channel's own thread keys. Without a verdict on the sender only our own,
    unguessable ids count."""
    wanted = list(dict.fromkeys([*message.thread_keys[:KEYS], message.external_id, message.external_thread]))
    wanted = [key for key in wanted if key]
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
            return Decision(hit.conversation, "thread", "answers in its thread")
    return None


def _by_token(message: InboundMessage) -> Decision | None:
    """A signed case token from the text, a link or the address that was written to."""
    for token in message.tokens:
        read = read_token(token)
        if read is None or read[0] != current_workspace_id():
            continue
        conversation = Conversation.objects.filter(pk=read[1]).first()
        if conversation is not None:
            return Decision(conversation, "token", "carries its signed token")
    return None


def _by_continuity(
    message: InboundMessage, channel: Channel, who: Resolution, at: datetime
) -> Decision | None:
    """The same person and brand within the window: one matter, unless it has a thread here already."""
    if not who.verified or channel.continuity is None or who.identity.is_shared or message.spam:
        return None
    candidates = list(
        Conversation.objects.filter(
            contact=who.contact,
            brand=channel.brand_id,
            kind=Conversation.Kind.CUSTOMER,
            is_spam=False,
            last_at__gte=at - channel.continuity,
        ).order_by("-last_at", "-id")[:5]
    )
    if not candidates:
        return None
    first, *rest = candidates
    if message.starts_thread and ThreadKey.objects.filter(conversation=first, channel=channel).exists():
        return Decision(None, "new", "a fresh thread beside one on the same channel", first)
    others = tuple(other.number for other in rest)
    return Decision(first, "continuity", "same person, within the window", others=others)
