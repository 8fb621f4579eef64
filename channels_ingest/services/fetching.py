"""Getting the files that messages only named: the lane "files".

Nothing waits for it: the message stands in its thread at once, and says of each file that it is coming or why it
cannot be had. A fetch changes nothing at the provider, so one that breaks off is simply made again.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_ingest.base import AdapterError, ChannelFacts, adapter_for
from channels_ingest.models import FileFetch
from channels_ingest.services.facts import facts_of
from channels_ingest.types import IncomingFile
from conversations.models import Attachment, Channel, Entry
from conversations.services import files
from tenancy import lanes
from tenancy.lanes import Fail, Lane, Retry, State

log = structlog.get_logger(__name__)

LANE = "files"
MAX_ATTEMPTS = 12  # with the lanes' backoff a little more than an hour
SOON = 5  # seconds

Coming, Lost = Attachment.State.COMING, Attachment.State.LOST


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched, with the database closed."""

    source: str
    channel: ChannelFacts


def expect(entry: Entry, channel: Channel) -> None:
    """Have the files of an entry fetched that its message only named; once, however often this is said."""
    coming = Attachment.objects.filter(entry=entry, state=Coming)
    FileFetch.objects.bulk_create(
        (FileFetch(channel=channel, attachment=attachment) for attachment in coming), ignore_conflicts=True
    )
    lanes.ring(LANE)


@transaction.atomic
def fetch_again(*, attachment: Attachment) -> bool:
    """Let a person try once more to get a file that could not be had; False when it is here, or coming."""
    lost = (
        Attachment.objects.select_related("entry__channel")
        .select_for_update(of=("self",))
        .filter(pk=attachment.pk, state=Lost)
        .first()
    )
    if lost is None or lost.entry is None or lost.entry.channel is None:
        return False
    files.await_again(lost)
    afresh = {"state": State.PENDING, "reason": "", "attempts": 0, "held_since": None}
    FileFetch.objects.update_or_create(
        attachment=lost, defaults=afresh | {"channel": lost.entry.channel, "due_at": timezone.now()}
    )
    lanes.ring(LANE)
    return True


def prepare(fetch: FileFetch) -> Wanted | Retry | Fail | None:
    """Say what is to be fetched; None when it is here already."""
    row = FileFetch.objects.select_related("channel", "attachment").get(pk=fetch.pk)
    if row.attachment.state != Coming:
        return None
    try:
        return Wanted(row.attachment.source, facts_of(row.channel))
    except Exception as error:
        log.exception("fetch not prepared", row=fetch.pk)
        return _failed(fetch, f"{type(error).__name__}: {error}", retryable=True)


def get(wanted: Wanted) -> IncomingFile:
    """Get the file from the provider; raises AdapterError."""
    return adapter_for(wanted.channel.kind).fetch(wanted.source, wanted.channel)


def record(fetch: FileFetch, result: object) -> Retry | Fail | None:
    """Keep what came, or why nothing did."""
    match result:
        case IncomingFile():
            return _keep(fetch, result)
        case AdapterError():
            return _failed(fetch, result.detail, retryable=result.retryable, after=result.retry_after)
        case _:
            log.error("fetching crashed", row=fetch.pk, exc_info=result)
            return _failed(fetch, f"Fetching broke off: {type(result).__name__}.", retryable=True)


def _unfit(file: IncomingFile) -> str:
    """Why a file cannot be kept; empty when it can."""
    limit = settings.OMNIDESK_ATTACHMENT_LIMIT
    if not file.content:
        return _("It is empty.")
    if len(file.content) > limit:
        return _("It is larger than %(limit)s.") % {"limit": filesizeformat(limit)}
    return ""


def _keep(fetch: FileFetch, file: IncomingFile) -> Retry | Fail | None:
    if unfit := _unfit(file):
        return _failed(fetch, unfit, retryable=False)
    attachment = _lock(fetch)
    if attachment is None:
        return _busy()
    if attachment.state == Coming:
        try:
            files.fill(attachment, file)
        except OSError as error:
            log.error("file not stored", row=fetch.pk, error=str(error))
            return _failed(fetch, _("It cannot be stored at the moment."), retryable=True)
    return None


def _failed(fetch: FileFetch, detail: str, *, retryable: bool, after: int | None = None) -> Retry | Fail:
    """Try again while that may help; then say what is wrong beside the message."""
    if retryable and fetch.attempts < MAX_ATTEMPTS:
        return Retry(detail, after=after)
    attachment = _lock(fetch)
    if attachment is None:
        return _busy()
    if attachment.state == Coming:
        files.lose(attachment, detail)
    return Fail(detail)


def _lock(fetch: FileFetch) -> Attachment | None:
    """The file's row; None while somebody else holds it, who is erasing it. Waiting for them could be for ever, as
    they wait for our row."""
    rows = Attachment.objects.select_for_update(skip_locked=True, of=("self",)).select_related("entry")
    return rows.filter(pk=fetch.attachment_id).first()


def _busy() -> Retry:
    return Retry("Somebody else changes this file.", after=SOON)


def expire(fetch: FileFetch) -> None:
    """The worker died while it fetched: fetch again, but not what kills every worker."""
    if fetch.attempts < MAX_ATTEMPTS:
        fetch.state, fetch.due_at = State.PENDING, timezone.now() + timedelta(seconds=SOON)
    else:
        give_up(fetch)


def give_up(fetch: FileFetch) -> None:
    """Workers died over it: say so beside the message."""
    if attachment := _lock(fetch):
        files.lose(attachment, _("Fetching it broke off several times."))


lane = Lane(
    LANE,
    FileFetch,
    work=prepare,
    act=get,
    settle=record,
    expire=expire,
    give_up=give_up,
    max_attempts=MAX_ATTEMPTS,
)
