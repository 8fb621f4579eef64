"""Sessions: which visitor a browser is.

A browser holds a secret that we signed, and we keep its digest, from the first message on: a secret that was only
handed out costs no row. Who signs in goes on in their session under the id that the site signs; who signs out, or
signs in as somebody else, gets a new one.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import VISITOR
from channels_ingest.models import ChatSession
from channels_ingest.services.chat import rates
from channels_ingest.services.chat.frames import Hello, Refused
from channels_ingest.services.chat.proof import Proven
from conversations.models import Channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services.locators import digest

SILENCE = timedelta(days=1)  # after which a visitor begins another chat
KEPT = timedelta(days=365)
SEEN_EVERY = timedelta(minutes=1)
# What a hello may change of a session; the rest of its row may be another tab's to write.
FACTS = (
    *("visitor", "formerly", "is_signed", "name", "email", "is_email_signed"),
    *("language", "page", "thread", "spoke_at"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, stored or not, and its secret."""

    session: ChatSession
    secret: str


def open_session(*, channel: Channel, hello: Hello, proven: Proven) -> Opened:
    """The session that a browser goes on with: its own, or a new one."""
    secret = hello.session
    session = _find(channel, secret)
    if session is None or (session.is_signed and session.visitor != proven.visitor):
        secret = _signer(channel).sign(secrets.token_urlsafe(24))
        session = _unsaved(channel, secret)
    before = {name: getattr(session, name) for name in FACTS}
    _recognise(session, proven)
    session.language = hello.language or session.language
    session.page = hello.page.url or session.page
    now = timezone.now()
    changed = [name for name in FACTS if getattr(session, name) != before[name]]
    if session.pk and (changed or now - session.seen_at > SEEN_EVERY):
        session.seen_at = now
        session.save(update_fields=[*changed, "seen_at"])
    return Opened(session, secret)


def keep(session: ChatSession, *, name: str = "", email: str = "", remote: str) -> ChatSession:
    """The session's row, locked, with what the visitor says of themselves; made now if it is not there yet.

    Raises Refused when another tab has signed in meanwhile, for then this one speaks for nobody.
    """
    row = _lock(session)
    if row is None:
        rates.spend("session", remote=remote)
        ChatSession.objects.bulk_create([session], ignore_conflicts=True)
        row = _lock(session)
        assert row is not None
    if row.visitor != session.visitor:
        if row.is_signed:
            raise Refused("no_session", _("You have signed in elsewhere: open this page anew."))
        _sign_in(row, session.visitor)
        row.name, row.email, row.is_email_signed = session.name, session.email, session.is_email_signed
    if name and not (row.is_signed and row.name):
        row.name = name
    if email and not row.is_email_signed:
        row.email = email
    row.seen_at = timezone.now()
    return row


def take_thread(row: ChatSession) -> None:
    """Let a locked session speak: in the chat that its visitor has going, in any browser, or in a new one."""
    now = timezone.now()
    spoken = ChatSession.objects.filter(
        channel=row.channel_id, visitor=row.visitor, spoke_at__gt=now - SILENCE
    ).exclude(thread="")
    going = spoken.order_by("-spoke_at").values_list("thread", flat=True).first()
    row.thread = going or secrets.token_urlsafe(18)
    row.spoke_at = now


def prune() -> int:
    """Forget, in every workspace, sessions that nobody has opened for a year. Returns how many."""
    before, count = timezone.now() - KEPT, 0
    for workspace_id in Workspace.objects.values_list("pk", flat=True):
        with scope(workspace_id):
            count += ChatSession.objects.filter(seen_at__lt=before).delete()[0]
    return count


def _find(channel: Channel, secret: str) -> ChatSession | None:
    """The stored session of a secret, or an unsaved one for a secret that we have handed out."""
    if not secret:
        return None
    stored = ChatSession.objects.filter(channel=channel, digest=digest(secret)).first()
    if stored is not None:
        return stored
    try:
        _signer(channel).unsign(secret)
    except BadSignature:
        return None
    return _unsaved(channel, secret)


def _unsaved(channel: Channel, secret: str) -> ChatSession:
    """A session as its first message will store it. The visitor follows from the secret, so that all tabs of a
    browser agree before there is a row."""
    visitor = VISITOR + sha256(f"visitor {secret}".encode()).hexdigest()[:32]
    return ChatSession(channel=channel, digest=digest(secret), visitor=visitor)


def _signer(channel: Channel) -> Signer:
    """Only secrets of ours make sessions: nobody can plant one that they know or that is easy to guess."""
    return Signer(salt=f"chat.session.{channel.workspace_id}.{channel.pk}", sep=".")


def _recognise(session: ChatSession, proven: Proven) -> None:
    """Take over what the site says of the visitor."""
    if proven.visitor and proven.visitor != session.visitor:
        _sign_in(session, proven.visitor)
    if proven.name and (proven.visitor or not session.name):
        session.name = proven.name
    if proven.email and (proven.visitor or not session.email):
        session.email, session.is_email_signed = proven.email, proven.is_email_signed


def _sign_in(session: ChatSession, visitor: str) -> None:
    """Go on under the id that the site signed.

    What was said before stays the anonymous visitor's, whom this browser still is as well. The chat that the
    signed visitor has going elsewhere is the one to go on with.
    """
    session.formerly = session.visitor if session.spoke_at else ""
    session.visitor, session.is_signed = visitor, True
    session.thread, session.spoke_at = "", None


def _lock(session: ChatSession) -> ChatSession | None:
    """NO KEY: nothing refers to the row."""
    rows = ChatSession.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(channel=session.channel_id, digest=session.digest).first()
