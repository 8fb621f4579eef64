"""Answers a visitor's frames, whichever way they came: the same on a socket and by POST.

Each frame is answered in a transaction of its own, and what is answered has been committed.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import Error as DatabaseFault
from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import visitor_address
from channels_ingest.base import RawCall, adapter_for
from channels_ingest.models import ChatSession, InboundEvent
from channels_ingest.services import pressure
from channels_ingest.services.accept import accept_call
from channels_ingest.services.chat import frames, mailing, presence, rates, reading, sessions
from channels_ingest.services.chat.door import Line, channel_of
from channels_ingest.services.chat.frames import Frame, Refused
from channels_ingest.services.chat.messages import Reader, note_seen
from channels_ingest.services.chat.proof import prove
from channels_ingest.services.facts import facts_of
from contacts.models import Identity
from contacts.services.resolve import resolve
from conversations.models import Channel
from tenancy.scope import scope
from tenancy.seal import Unsealable

log = structlog.get_logger(__name__)

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Call:
    """A frame's line, its channel, and its session."""

    line: Line
    channel: Channel
    session: ChatSession

    @property
    def reader(self) -> Reader:
        return Reader(session=self.session, channel=self.channel)


def answer(line: Line, said: object, size: int = 0) -> list[Told]:
    """Answer one frame of `size` bytes, as JSON has read it. Raises Closed when the chat is no more.

    A hello opens the line's session and is answered by `ready`, once whoever calls listens to what comes for it.
    """
    return _told(line, lambda: _answer(line, said, size), reading.id_of(said))


def ready(line: Line) -> list[Told]:
    """What follows a hello: who the visitor is, and what they have missed. Raises Closed."""
    return _told(line, lambda: _ready(line))


def news(line: Line, ids: list[int]) -> list[Told]:
    """What a visitor's browser is told when it hears of messages, or of none: then of who is typing."""
    return _told(line, lambda: _news(line, ids))


def is_hello(said: object) -> bool:
    """Whether a frame opens a session."""
    return isinstance(said, dict) and said.get("type") == "hello"


def _told(line: Line, answers: Callable[[], Iterator[Told]], id: str = "") -> list[Told]:
    """What is answered in one transaction, or why nothing is: of the message `id`, if it was one."""
    try:
        with scope(line.workspace_id):
            return list(answers())
    except Refused as reason:
        refused = reason
    except (DatabaseFault, Unsealable) as error:
        log.error("chat not answered", error=str(error))
        refused = Refused("unavailable", _("Something is wrong here. Try again."), retry_after=5)
    return [refused.frame | ({"id": id} if id else {})]


def _answer(line: Line, said: object, size: int) -> Iterator[Told]:
    session = line.session.digest if line.session else ""
    rates.spend("frame", remote=line.remote, session=session)
    frame = reading.read(said, by_post=line.by_post)
    channel = channel_of(line)
    if isinstance(frame, frames.Hello):
        yield from _greet(line, channel, frame)
        return
    if line.session is None:
        raise Refused("no_session", _("Say hello first."))
    yield from _take(frame, _Call(line, channel, line.session), size)


def _greet(line: Line, channel: Channel, hello: frames.Hello) -> Iterator[Told]:
    proven = prove(hello.user, facts_of(channel).secrets.get("identity_secret", ""))
    opened = sessions.open_session(channel=channel, hello=hello, proven=proven)
    rates.spend("hello", remote=line.remote, session=opened.session.digest)
    line.session, line.secret = opened.session, opened.secret
    line.page, line.after = hello.page, hello.after
    if proven.complaint:
        yield Refused("unsigned", proven.complaint).frame


def _ready(line: Line) -> Iterator[Told]:
    if line.session is None:
        return
    call = _Call(line, channel_of(line), line.session)
    presence.note_here(line.session, line.page)
    reader = call.reader
    found = reader.since(line.after)
    yield {
        "type": "ready",
        "session": line.secret,
        "visitor": {
            "name": line.session.name,
            "email": line.session.email,
            "is_signed": line.session.is_signed,
        },
        "messages": found.messages,
        "older": found.older,
        "answers": _way_of_answers(call, reader.identities),
        "is_here": presence.is_attended(line.session),
    }
    yield from _typing(line.session)


def _news(line: Line, ids: list[int]) -> Iterator[Told]:
    if line.session is None:
        return
    if not ids:
        yield {"type": "team", "is_here": presence.is_attended(line.session)}
        yield from _typing(line.session)
        return
    found = _Call(line, channel_of(line), line.session).reader.these(ids)
    if found.messages:
        yield {"type": "messages", "messages": found.messages}


def _typing(session: ChatSession) -> Iterator[Told]:
    if someone := presence.answering(session):
        yield {"type": "typing", **someone}


def _way_of_answers(call: _Call, known: Sequence[Identity]) -> Told:
    """Where answers go when the visitor has left: to a mailbox that somebody vouches for, or nowhere."""
    session = call.session
    mailbox = next((box for box in map(mailing.mailbox_of, known) if box), None)
    address = mailbox.value if mailbox else session.email if session.is_email_signed else ""
    if address and mailing.channel_for(call.channel.brand_id):
        return {"by": "mail", "to": mailing.masked(address)}
    return {"by": "none"}


def _take(frame: Frame, call: _Call, size: int) -> Iterator[Told]:
    """Do what a frame says, and answer it."""
    match frame:
        case frames.Say():
            yield _say(frame, call, size)
        case frames.Introduce():
            _introduce(frame, call)
        case frames.Seen():
            note_seen(session=call.session, delivered=frame.delivered, read=frame.read)
        case frames.Typing():
            presence.note_typing(call.session, frame.is_typing)
        case frames.More():
            found = call.reader.before(frame.before)
            yield {"type": "messages", "messages": found.messages, "older": found.older}
        case frames.Ping():
            presence.note_here(call.session, call.line.page)
            yield {"type": "pong", "is_here": presence.is_attended(call.session)}


def _say(frame: frames.Say, call: _Call, size: int) -> Told:
    line = call.line
    rates.spend("say", remote=line.remote, session=call.session.digest)
    rates.spend("piece", remote=line.remote, session=call.session.digest, count=rates.pieces(size))
    row = sessions.keep(call.session, name=frame.name, email=frame.email, remote=line.remote)
    sessions.take_thread(row)
    row.save()
    line.session = row
    page = {"url": line.page.url, "title": line.page.title}
    _accept(call.channel, frame.said | _facts(row) | {"thread": row.thread, "page": page})
    return {"type": "stored", "id": frame.id}


def _introduce(frame: frames.Introduce, call: _Call) -> None:
    rates.spend("say", remote=call.line.remote, session=call.session.digest)
    row = sessions.keep(call.session, name=frame.name, email=frame.email, remote=call.line.remote)
    row.save()
    call.line.session = row
    if row.spoke_at:  # else their first message will say it
        resolve(address=visitor_address(_facts(row), row.channel_id))


def _facts(row: ChatSession) -> Told:
    """What the server knows of a session, as it is stored with each message."""
    names = ("visitor", "formerly", "name", "email", "is_signed", "is_email_signed", "language")
    return {name: getattr(row, name) for name in names}


def _accept(channel: Channel, said: Told) -> None:
    """Into the ledger; what is there already was accepted before, and is as safe. Raises Refused."""
    try:
        pressure.check(channel)
    except pressure.Later as later:
        raise Refused(
            "rate", _("That was a lot at once. Wait a moment."), retry_after=later.retry_after
        ) from later
    body = json.dumps(said).encode()
    accept_call(
        channel=channel,
        facts=facts_of(channel),
        inlet=adapter_for(channel.kind),
        via=InboundEvent.Via.CHAT,
        call=RawCall(method="POST", path="", headers={}, query={}, body=body, remote=""),
    )
