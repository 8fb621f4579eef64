"""Reading mailboxes into the inbound ledger: every few seconds what is new, every night whatever was missed.

A mail is accepted in one transaction with the new position, so nothing is skipped and nothing read for ever. What
the server cannot hand out, or we not store, is kept as a failed event, for people to see, and asked for again at
night.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from channels_ingest.adapters.email import imap
from channels_ingest.adapters.email.imap import FetchedMail, Listing, Position
from channels_ingest.base import ChannelFacts
from channels_ingest.models import InboundEvent, MailboxPosition, SeenKey
from channels_ingest.services import pressure
from channels_ingest.services.accept import MAX_KEY, MailIntake, accept
from channels_ingest.services.facts import facts_of
from channels_ingest.services.pressure import Later
from channels_ingest.services.turns import Asked, active_having, alone, hold, rests, told
from conversations.models import Channel
from tenancy.lanes import State
from tenancy.scope import scope

log = structlog.get_logger(__name__)

NAMELESS = 200  # mails without a Message-ID that a reconciliation asks for again

_PROBLEMS = {
    "empty": "The server gave nothing for mail {uid} of {folder}.",
    "placeholder": "The server could not hand out mail {uid} of {folder}.",
    "refused": "The server refused to hand out mail {uid} of {folder}.",
    "unkept": "Mail {uid} of {folder} could not be stored. It will be tried again at night.",
    "too-big": "Mail {uid} of {folder} is too large: only its header was read.",
}


@dataclass
class Polled(Asked):
    """What a poll or a reconciliation brought."""

    stored: int = 0
    troubled: int = 0
    uids: list[int] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        """Whether it ended because it was long enough, and not because nothing was left."""
        return not self.error and self.stored + self.troubled >= imap.BATCH


class _Mailbox:
    """One channel's mailbox while it is being read."""

    def __init__(self, workspace_id: int, channel: Channel) -> None:
        self.workspace_id = workspace_id
        self.channel = channel
        self.facts: ChannelFacts = facts_of(channel)
        self.intake = MailIntake(channel, InboundEvent.Via.IMAP)
        self.folder = imap.folder_of(self.facts)
        self.polled = Polled()

    def position(self) -> MailboxPosition | None:
        return MailboxPosition.objects.filter(channel=self.channel, folder=self.folder).first()

    def keep(self, mails: Iterable[FetchedMail], *, moving: bool) -> None:
        """Store each mail, the position with it when `moving`; one that cannot be stored is kept as failed, and
        never blocks the next.

        Raises AdapterError, Later when there is too much already, and OperationalError or InterfaceError when the
        database is down.
        """
        for mail in mails:
            hold(self.channel.pk)
            try:
                self._keep(mail, moving=moving)
            except (OperationalError, InterfaceError, Later):
                raise
            except Exception:  # whatever is wrong with one mail
                log.exception("mail not stored", channel=self.channel.pk, uid=mail.uid)
                self._keep(replace(mail, raw=b"", problem="unkept"), moving=moving)
            else:
                self.polled.uids.append(mail.uid)

    def _keep(self, mail: FetchedMail, *, moving: bool) -> None:
        with scope(self.workspace_id):
            pressure.check(self.channel)
            self._store(mail)
            if moving:
                self._move(mail)
            elif not mail.problem:
                self._settle_trouble(mail)

    def _store(self, mail: FetchedMail) -> None:
        if mail.problem:
            self._store_trouble(mail)
            self.polled.troubled += 1
        else:
            self.intake.take(mail.raw)
            self.polled.stored += 1

    def _store_trouble(self, mail: FetchedMail) -> None:
        """Keep a failed event for a mail that the server did not hand out, once."""
        event_id = accept(
            channel=self.channel,
            via=InboundEvent.Via.IMAP,
            body=mail.raw,
            headers={},
            seen_key=_trouble_key(mail),
        )
        if event_id is not None:
            InboundEvent.objects.filter(pk=event_id).update(
                state=State.FAILED,
                reason=_PROBLEMS[mail.problem].format(uid=mail.uid, folder=self.folder),
                summary=f"{self.folder} {mail.uid}",
            )

    def _settle_trouble(self, mail: FetchedMail) -> None:
        """The mail came after all: its failed event has said what it had to say."""
        troubled = SeenKey.objects.filter(channel=self.channel, key=_trouble_key(mail)).values("event")
        InboundEvent.objects.filter(pk__in=troubled, state=State.FAILED).update(
            state=State.IGNORED, reason="It could be read later."
        )

    def _move(self, mail: FetchedMail) -> None:
        MailboxPosition.objects.update_or_create(
            channel=self.channel,
            folder=self.folder,
            defaults={
                "uidvalidity": mail.uidvalidity,
                "last_uid": mail.uid,
                "polled_at": timezone.now(),
            },
        )


def mailboxes() -> list[tuple[int, int]]:
    """(workspace id, channel id) of every mailbox to poll, in active workspaces."""
    found = []
    for workspace_id in active_having(
        Channel, "kind = 'email' AND archived_at IS NULL AND config ? 'imap_host'"
    ):
        with scope(workspace_id):
            found += [(workspace_id, pk) for pk in _pollable().values_list("pk", flat=True)]
    return found


def poll(workspace_id: int, channel_id: int, *, patient: bool = True) -> Polled | None:
    """Read what is new in a channel's mailbox; called outside any scope.

    None when somebody else reads it now, or it rests after a failure (unless not `patient`). Errors are told in
    the channel's health and never raised, save for those of our own database.
    """
    with alone(channel_id) as free:
        if not free or (patient and rests(channel_id)):
            return None
        mailbox = _open(workspace_id, channel_id)
        if mailbox is None:
            return None
        with scope(workspace_id):
            row = mailbox.position()
        at = Position(row.uidvalidity, row.last_uid) if row else None
        with told(workspace_id, mailbox.channel, mailbox.polled):
            mails = imap.fetch_new(mailbox.facts, at, limit=imap.BATCH)
            with suppress(Later):  # the rest is as safe in the mailbox
                mailbox.keep(mails, moving=True)
            with scope(workspace_id):
                moved = mailbox.position()
            if moved and mailbox.polled.uids:
                imap.settle(mailbox.facts, moved.uidvalidity, mailbox.polled.uids)
        return mailbox.polled


def reconcile(workspace_id: int, channel_id: int) -> Polled | None:
    """Compare a mailbox with the ledger and fetch what is missing there; called outside any scope."""
    with alone(channel_id) as free:
        mailbox = _open(workspace_id, channel_id) if free else None
        if mailbox is None:
            return None
        with told(workspace_id, mailbox.channel, mailbox.polled):
            listing = imap.list_mailbox(mailbox.facts)
            with scope(workspace_id):
                missing = _missing(mailbox, listing)
            with suppress(Later):  # the next night there is another
                mailbox.keep(imap.fetch_uids(mailbox.facts, listing.uidvalidity, missing), moving=False)
                with scope(workspace_id):
                    MailboxPosition.objects.filter(channel=mailbox.channel, folder=mailbox.folder).update(
                        reconciled_at=timezone.now()
                    )
        return mailbox.polled


def _pollable() -> QuerySet[Channel]:
    return Channel.objects.filter(
        kind="email", archived_at=None, is_enabled=True, config__has_key="imap_host"
    ).order_by("id")


def _open(workspace_id: int, channel_id: int) -> _Mailbox | None:
    with scope(workspace_id):
        channel = _pollable().filter(pk=channel_id).first()
        return _Mailbox(workspace_id, channel) if channel else None


def _missing(mailbox: _Mailbox, listing: Listing) -> list[int]:
    """UIDs behind the position whose mails the ledger does not know."""
    row = mailbox.position()
    if row is None or row.uidvalidity != listing.uidvalidity:
        return []
    behind = {uid: text for uid, text in listing.message_ids.items() if uid <= row.last_uid}
    nameless = [uid for uid, text in behind.items() if not text]
    unknown = {_as_in_key(text) for text in behind.values() if text}
    for key in SeenKey.objects.filter(channel=mailbox.channel).values_list("key", flat=True).iterator():
        unknown.discard(key.rpartition(" ")[0])
    named = [uid for uid, text in behind.items() if text and _as_in_key(text) in unknown]
    return sorted([*named, *nameless[-NAMELESS:]])


def _as_in_key(message_id: str) -> str:
    """A Message-ID as the seen key of its mail holds it: the last characters before the body's hash."""
    return message_id[-(MAX_KEY - len(" ") - 32) :]


def _trouble_key(mail: FetchedMail) -> str:
    return f"imap:{mail.uidvalidity}:{mail.uid}"
