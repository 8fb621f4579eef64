"""Telling a visitor's browsers that there is something for them.

As in tenancy.live only names and ids travel: who hears of it reads again what they may see.
"""

from collections.abc import Iterable
from hashlib import sha256

from channels_ingest.models import ChatSession
from contacts.models import Identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Conversation, Entry
from tenancy.live import push
from tenancy.scope import current_workspace_id

TOPIC = "visitor"
LIVE = tuple(kind.name for kind in kinds.KINDS.values() if kind.live)


def topics_of(session: ChatSession) -> list[str]:
    """What the browsers of a session listen to."""
    return [f"{TOPIC}:{key_of(session.channel_id, visitor)}" for visitor in session.visitors]


def tell(identity: Identity, entry_ids: Iterable[int] = ()) -> None:
    """After commit, tell a visitor's browsers of these messages; of none when we began or ceased to type."""
    push(current_workspace_id(), f"{TOPIC}:{key_of(identity.scope, identity.value)}", entry_ids)


def key_of(channel_id: int | str, visitor: str) -> str:
    """A visitor of a channel, in characters that do in names of groups and of cache entries."""
    return sha256(f"{channel_id} {visitor}".encode()).hexdigest()[:32]


def identities_of(session: ChatSession) -> list[Identity]:
    """The identities that a session's visitor has; none before their first message is processed."""
    found = Identity.objects.filter(
        kind=AddressKind.CHAT, scope=str(session.channel_id), value__in=session.visitors, holds=True
    )
    return list(found.order_by("id"))


def visitor_in(conversation: Conversation) -> Identity | None:
    """The visitor with whom a conversation was last carried on by chat."""
    last = (
        Entry.objects.filter(
            conversation=conversation,
            kind=Entry.Kind.MESSAGE,
            channel__kind__in=LIVE,
            identity__kind=AddressKind.CHAT,
            identity__scope__gt="",  # the site: an imported visitor may have none
        )
        .order_by("-at", "-id")
        .select_related("identity__contact")
        .first()
    )
    return last.identity if last else None


def conversation_of(session: ChatSession) -> int | None:
    """The id of the conversation in which a visitor last had a message."""
    messages = Entry.objects.filter(identity__in=identities_of(session), kind=Entry.Kind.MESSAGE)
    return messages.order_by("-id").values_list("conversation", flat=True).first()
