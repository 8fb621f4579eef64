"""What a visitor sees: the messages of one chat to and from themselves, and nothing else, ever."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from channels_ingest.models import ChatSession
from channels_ingest.services.chat.visitors import identities_of
from channels_ingest.services.lending import lent_url
from conversations.models import Attachment, Channel, Delivery, Entry
from conversations.queries.threads import Shown, show
from conversations.services.deliveries import apply_receipt

NEWEST = 50
MOST = 200

Status = Delivery.Status
# An answer can be seen once it was handed over. Whoever sees one whose handing over broke off settles that.
REACHABLE = (Status.SENT, Status.UNCERTAIN, Status.DELIVERED, Status.READ)
UNFETCHED = (Status.SENT, Status.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages as the widget gets them, oldest first, and whether there are older ones."""

    messages: Sequence[dict[str, Any]]
    older: bool = False


class Reader:
    """Reads a session's messages."""

    def __init__(self, *, session: ChatSession, channel: Channel) -> None:
        self._channel = channel
        self.identities = identities_of(session)

    def since(self, after: int | None) -> Messages:
        """What came after a message, and whatever was never fetched; the newest when that is too much.

        An answer can be handed over when a later one has been fetched, so the number alone would miss it.
        """
        if after is None:
            return self._newest(self._visible(), NEWEST)
        waiting = Exists(self._deliveries().filter(entry=OuterRef("pk"), status__in=UNFETCHED))
        rows = self._visible().filter(Q(pk__gt=after) | waiting)
        found = list(rows.order_by("-pk")[: MOST + 1])
        if len(found) > MOST:
            return self._newest(self._visible(), NEWEST)
        return Messages(self._told(found))

    def before(self, number: int) -> Messages:
        """The messages before one."""
        return self._newest(self._visible().filter(pk__lt=number), NEWEST)

    def these(self, ids: Iterable[int]) -> Messages:
        """Those of the messages that the visitor may see."""
        return Messages(self._told(self._visible().filter(pk__in=list(ids)).order_by("-pk")))

    def _visible(self) -> QuerySet[Entry]:
        reached = Exists(self._deliveries().filter(entry=OuterRef("pk"), status__in=REACHABLE))
        return Entry.objects.filter(
            Q(direction=Entry.Direction.IN) | reached,
            identity__in=self.identities,
            channel=self._channel,
            kind=Entry.Kind.MESSAGE,
            deleted_at=None,
        ).select_related("member")

    def _deliveries(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(channel=self._channel)

    def _newest(self, rows: QuerySet[Entry], most: int) -> Messages:
        found = list(rows.order_by("-pk")[: most + 1])
        return Messages(self._told(found[:most]), older=len(found) > most)

    def _told(self, newest_first: Iterable[Entry]) -> list[dict[str, Any]]:
        entries = list(newest_first)[::-1]
        return [self._message(shown) for shown in show(entries)] if entries else []

    def _message(self, shown: Shown) -> dict[str, Any]:
        entry = shown.entry
        mine = entry.direction == Entry.Direction.IN
        brand = self._channel.brand
        by = (
            {"client_id": entry.external_id}
            if mine
            else {"from": str(entry.member or brand.sender_name or brand)}
        )
        return {
            "id": entry.pk,
            "mine": mine,
            **by,
            "text": shown.body.text if shown.body else "",
            "at": entry.at.isoformat(),
            "files": [_file(file) for file in shown.files if file.state == Attachment.State.STORED],
        }


def note_seen(*, session: ChatSession, delivered: int, read: int) -> None:
    """The visitor's browser has every message up to one, and the visitor has read up to another."""
    messages = Entry.objects.filter(
        identity__in=identities_of(session),
        channel=session.channel_id,
        kind=Entry.Kind.MESSAGE,
        direction=Entry.Direction.OUT,
        pk__lte=max(delivered, read),
    )
    newest = list(messages.order_by("-pk").values_list("pk", flat=True)[:MOST])
    news = Q(status__in=UNFETCHED) | Q(status=Status.DELIVERED, entry__lte=read)
    rows = Delivery.objects.filter(news, entry__in=newest, channel=session.channel_id)
    for row in rows.order_by("entry"):
        apply_receipt(delivery=row, status=Status.READ if row.entry_id <= read else Status.DELIVERED)


def _file(file: Attachment) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "type": file.content_type, "url": lent_url(file)}
