"""Who is here: kept in Redis alone, for as long as a browser gives signs of life. Without Redis nobody is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_ingest.models import ChatSession
from channels_ingest.services.chat import mailing
from channels_ingest.services.chat.frames import Page
from channels_ingest.services.chat.visitors import conversation_of, key_of, tell, visitor_in
from contacts.models import Identity
from conversations.models import Channel, Conversation
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

log = structlog.get_logger(__name__)

HERE = 35  # seconds; sockets give a sign of life every 20, polls every 4 or 15
ATTENDED = 45  # the inbox asks every 30
TYPING = 8  # seconds after which somebody who says nothing more types no more


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the visitor of a chat is here, looking at what; else when they last were."""

    is_here: bool
    is_typing: bool
    page: str
    title: str
    seen_at: datetime | None
    name: str


def presence_of(conversation: Conversation) -> Presence | None:
    """The visitor with whom a conversation was last carried on by chat; None when it never was."""
    visitor = visitor_in(conversation)
    if visitor is None:
        return None
    key = key_of(visitor.scope, visitor.value)
    found = _get(_here(key), _types(key))
    here = found.get(_here(key))
    session = None if here else _last_session(visitor)
    return Presence(
        is_here=here is not None,
        is_typing=here is not None and _types(key) in found,
        page=here["url"] if here else session.page if session else "",
        title=here["title"] if here else "",
        seen_at=datetime.fromisoformat(here["at"]) if here else session.seen_at if session else None,
        name=str(visitor.contact),
    )


def hint(channel: Channel, identity: Identity) -> str:
    """What an agent should know before they answer a visitor."""
    if _get(_here(key_of(identity.scope, identity.value))):
        return _("is here")
    way = mailing.way_to(identity, brand_id=channel.brand_id)
    if way is None:
        return _("has left; your answer waits")
    return _("has left; your answer goes by e-mail to %(address)s") % {"address": way.identity.value}


def note_here(session: ChatSession, page: Page) -> None:
    """A visitor's browser gave a sign of life. In the workspace's scope."""
    facts = {"url": page.url, "title": page.title, "at": timezone.now().isoformat()}
    changed = False
    for visitor in session.visitors:
        key = key_of(session.channel_id, visitor)
        before = _get(_here(key)).get(_here(key))
        changed = changed or before is None or before["url"] != page.url
        _set(_here(key), facts, HERE)
    if changed:
        _announce(session)


def note_typing(session: ChatSession, is_typing: bool) -> None:
    """A visitor begins or ceases to type."""
    for visitor in session.visitors:
        _set(_types(key_of(session.channel_id, visitor)), True if is_typing else None, TYPING)
    _announce(session)


def agent_types(*, conversation: Conversation, member: Member, is_typing: bool) -> None:
    """Let the visitor of a conversation see that a member writes to them, or does so no more."""
    visitor = visitor_in(conversation)
    if visitor is not None:
        name = _answers(key_of(visitor.scope, visitor.value))
        _set(name, {"name": member.name, "is": is_typing}, TYPING)
        tell(visitor)


def agent_attends(conversation: Conversation) -> None:
    """A member has a conversation on screen, and will for a while: its visitor sees that somebody is here."""
    visitor = visitor_in(conversation)
    if visitor is None:
        return
    name = _attended(key_of(visitor.scope, visitor.value))
    is_news = not _get(name)
    _set(name, True, ATTENDED)
    if is_news:
        tell(visitor)


def is_attended(session: ChatSession) -> bool:
    """Whether somebody has the visitor's conversation on screen."""
    return bool(_get(*(_attended(key_of(session.channel_id, visitor)) for visitor in session.visitors)))


def answering(session: ChatSession) -> dict[str, Any] | None:
    """The name of whoever writes to a visitor and whether they still do, where that is known."""
    names = [_answers(key_of(session.channel_id, visitor)) for visitor in session.visitors]
    return next(iter(_get(*names).values()), None)


def _announce(session: ChatSession) -> None:
    """Have agents look again who is here."""
    conversation = conversation_of(session) if session.pk else None
    if conversation is not None:
        push(current_workspace_id(), f"presence:{conversation}")


def _last_session(visitor: Identity) -> ChatSession | None:
    mine = ChatSession.objects.filter(channel=int(visitor.scope), visitor=visitor.value)
    return mine.order_by("-seen_at").first()


def _here(key: str) -> str:
    return f"chat:here:{key}"


def _types(key: str) -> str:
    return f"chat:types:{key}"


def _attended(key: str) -> str:
    return f"chat:attended:{key}"


def _answers(key: str) -> str:
    return f"chat:answers:{key}"


def _get(*names: str) -> dict[str, Any]:
    try:
        return dict(cache.get_many(names))
    except Exception as error:  # noqa: BLE001 - Redis down must not stop a chat
        log.warning("cache not reached", error=str(error))
        return {}


def _set(name: str, value: object, seconds: int) -> None:
    """Keep a value for some seconds; None forgets it."""
    try:
        if value is None:
            cache.delete(name)
        else:
            cache.set(name, value, timeout=seconds)
    except Exception as error:  # noqa: BLE001 - as above
        log.warning("cache not reached", error=str(error))
