"""Handing replies over to providers: the lane "send".

Its row is committed as taken before anything leaves, so no crash can make a message leave twice: a worker that
dies on the way leaves an outcome that is not known, and only a person or the provider can say more.
"""

import structlog
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_ingest.base import AdapterError, SendResult, adapter_for
from channels_ingest.services import copies
from channels_ingest.services.chat import away
from channels_ingest.services.copies import Handed
from channels_ingest.services.outgoing import Handover, handover
from conversations import kinds
from conversations.models import Delivery
from conversations.services import deliveries, scheduled
from conversations.services.channels import SENDING, note_error, note_sent
from conversations.services.deliveries import settle
from conversations.services.optouts import opted_out
from tenancy.lanes import Fail, Ignore, Lane, Retry, State
from tenancy.live import push

log = structlog.get_logger(__name__)

Status = Delivery.Status
UNDER_WAY = {Status.HELD, Status.QUEUED, Status.SENDING, Status.UNCERTAIN}
# Backoff is an hour at most: with this many, a server that is down for a day loses nothing.
MAX_ATTEMPTS = 36
REST = 20  # seconds in which a server that could not be reached is not asked again
# Codes of failures that are the channel's, not the recipient's: told in its health.
TROUBLE = frozenset({"auth", "connect", "tls", "host", "config"})


def prepare(delivery: Delivery) -> Handover | Retry | Fail | Ignore:
    """Build what is to be handed over; the row commits as being sent before it is."""
    if scheduled.is_scheduled(delivery.entry) and not scheduled.leave(delivery.entry):
        delivery.code = scheduled.ANSWERED
        _tell(delivery)
        return Ignore("The customer has written since it was scheduled: somebody has to look at it again.")
    delivery.status, delivery.status_at, delivery.code = Status.SENDING, timezone.now(), ""
    _tell(delivery)
    if opted_out(delivery.channel, delivery.identity):  # a STOP that came while it was held, or waited
        delivery.status, delivery.code = Status.FAILED, deliveries.OPTED_OUT
        return Fail(_("They have opted out of messages from this channel."))
    if trouble := _trouble(delivery):
        delivery.status, delivery.code = Status.QUEUED, "resting"
        return Retry(trouble)
    try:
        task = copies.take_along(delivery, handover(delivery))
    except Fail as failed:
        delivery.status, delivery.code = Status.FAILED, "not_ready"
        return failed
    except Exception as error:
        log.exception("message not built", row=delivery.pk)
        is_last = delivery.attempts >= MAX_ATTEMPTS
        delivery.status = Status.FAILED if is_last else Status.QUEUED
        delivery.code = "not_ready"
        return Retry(f"It cannot be built: {type(error).__name__}: {error}")
    if isinstance(task, Retry):
        delivery.status = Status.QUEUED
    return task


def hand_over(task: Handover) -> Handed:
    """Give the message to the provider; what it raises is a result too."""
    try:
        result: object = adapter_for(task.channel.kind).send(task.message, task.channel)
    except Exception as error:  # noqa: BLE001 - `record` decides what an error means, for each recipient
        result = error
    return Handed(result, task.along)


def record(delivery: Delivery, handed: Handed) -> Retry | None:
    """Keep what came of it, for the delivery and for those that went along."""
    _note(delivery, handed.result)
    later = _settle(delivery, handed.result)
    for row in copies.taken_along(handed.along):
        if again := _settle(row, handed.result):
            copies.put_back(row, again)
        row.save()
    return later


def _note(delivery: Delivery, result: object) -> None:
    """Tell of the channel, once for all recipients, how it is doing."""
    if isinstance(result, SendResult):
        note_sent(delivery.channel)
    elif isinstance(result, AdapterError) and result.code in TROUBLE:
        note_error(delivery.channel, SENDING, result.detail)
        _rest(delivery, result.detail)


def _settle(delivery: Delivery, result: object) -> Retry | None:
    """Keep what came of one delivery. A receipt that was faster than we are is not taken back."""
    if isinstance(result, SendResult):
        deliveries.name(delivery, result.aliases)
    if delivery.status not in UNDER_WAY:
        delivery.state = State.FAILED if delivery.status == Status.FAILED else State.DONE
        return None
    match result:
        case SendResult() if result.refused and (refused := result.refused.get(delivery.identity.value)):
            settle(delivery, status=Status.FAILED, code="refused", detail=refused)
        case SendResult():
            settle(delivery, status=Status.SENT, detail=result.detail)
            if kinds.KINDS[delivery.channel.kind].live:
                away.wait_for(delivery)
        case AdapterError():
            return _failed(delivery, result)
        case _:
            log.error("sending crashed", row=delivery.pk, exc_info=result)
            detail = f"Sending broke off: {type(result).__name__}."
            settle(delivery, status=Status.UNCERTAIN, code="crash", detail=detail)
    return None


def _failed(delivery: Delivery, error: AdapterError) -> Retry | None:
    if error.uncertain:
        settle(delivery, status=Status.UNCERTAIN, code=error.code, detail=error.detail)
    elif error.retryable and delivery.attempts < MAX_ATTEMPTS:
        delivery.status, delivery.code, delivery.status_at = Status.QUEUED, error.code[:40], timezone.now()
        _tell(delivery)
        return Retry(error.detail, after=error.retry_after)
    else:
        settle(delivery, status=Status.FAILED, code=error.code, detail=error.detail)
    return None


def expire(delivery: Delivery) -> None:
    """The worker died between handing over and recording: nobody knows, so nothing is sent again.

    An answer that waits here for its reader has not left: it is handed over again.
    """
    detail = "The worker stopped while it was sending."
    if kinds.KINDS[delivery.channel.kind].live and delivery.attempts < MAX_ATTEMPTS:
        delivery.status, delivery.status_at, delivery.reason = Status.QUEUED, timezone.now(), detail
        delivery.state, delivery.due_at = State.PENDING, timezone.now()
    else:
        settle(delivery, status=Status.UNCERTAIN, code="crash", detail=detail)


def give_up(delivery: Delivery) -> None:
    """Workers died while they built the message, before anything left: it may be sent again."""
    settle(delivery, status=Status.FAILED, code="crash", detail=delivery.reason)


def _trouble(delivery: Delivery) -> str:
    """Why the channel's server is left alone for now; empty when it is not. A server that does not answer would
    otherwise keep a worker waiting for each of a channel's messages. The last attempt is always made."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return ""
    try:
        return str(cache.get(_resting(delivery)) or "")
    except Exception as error:  # noqa: BLE001 - Redis down must not keep messages back
        log.warning("cache not reached", error=str(error))
        return ""


def _rest(delivery: Delivery, detail: str) -> None:
    try:
        cache.set(_resting(delivery), detail, timeout=REST)
    except Exception as error:  # noqa: BLE001 - as above
        log.warning("cache not reached", error=str(error))


def _resting(delivery: Delivery) -> str:
    return f"send:rest:{delivery.channel_id}"


def _tell(delivery: Delivery) -> None:
    push(delivery.workspace_id, f"conversation:{delivery.entry.conversation_id}", [delivery.entry_id])


lane = Lane(
    "send",
    Delivery,
    work=prepare,
    act=hand_over,
    settle=record,
    expire=expire,
    give_up=give_up,
    max_attempts=MAX_ATTEMPTS,
    also=("status", "code", "status_at"),
)
