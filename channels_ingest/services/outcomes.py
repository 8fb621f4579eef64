"""Asking providers what became of messages whose sending broke off.

Only an answer that it is there settles anything: that a provider lists nothing is no proof, so a person decides.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.core.cache import cache
from django.utils import timezone

from channels_ingest.base import Adapter, AdapterError, NotSent, SendResult, adapter_for
from channels_ingest.services.outgoing import Handover, handover
from channels_ingest.services.turns import active_having, askable
from conversations.models import Delivery
from conversations.services import deliveries
from tenancy.lanes import Fail
from tenancy.scope import scope

log = structlog.get_logger(__name__)

# How long after it broke off each question is asked.
ASK_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 60, 360))
FOR = timedelta(days=1)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Question:
    delivery: Delivery
    handover: Handover


def due() -> list[tuple[int, int]]:
    """(workspace id, delivery id) of the uncertain messages that are to be asked about now."""
    found = []
    for workspace_id in active_having(Delivery, "status = 'uncertain'"):
        with scope(workspace_id):
            found += [(workspace_id, delivery.pk) for delivery in _due()[:AT_ONCE]]
    return found


def _due() -> list[Delivery]:
    now = timezone.now()
    rows = Delivery.objects.filter(
        status=Delivery.Status.UNCERTAIN,
        status_at__range=(now - FOR, now - ASK_AFTER[0]),
        channel__kind__in=askable(Adapter.outcome),
    )
    waiting = list(rows.order_by("status_at", "pk"))
    asked = cache.get_many([_key(delivery) for delivery in waiting])
    return [delivery for delivery in waiting if _is_due(delivery, asked.get(_key(delivery), 0))]


def _is_due(delivery: Delivery, asked: int) -> bool:
    return asked < len(ASK_AFTER) and timezone.now() - delivery.status_at >= ASK_AFTER[asked]


def ask(workspace_id: int, delivery_id: int) -> str | None:
    """Ask about one message and keep the answer; called outside any scope.

    Returns the status that it has then; None when there is nothing to ask.
    """
    with scope(workspace_id):
        question = _question(delivery_id)
    if question is None:
        return None
    task = question.handover
    answer: SendResult | AdapterError | None
    try:
        answer = adapter_for(task.channel.kind).outcome(task.message, task.channel)
    except AdapterError as error:
        answer = error
    with scope(workspace_id):
        return _keep(question.delivery, answer)


def _question(delivery_id: int) -> _Question | None:
    """What to ask, counted as asked before it is, so that what crashes is not asked for ever."""
    delivery = Delivery.objects.filter(pk=delivery_id, status=Delivery.Status.UNCERTAIN).first()
    if delivery is None:
        return None
    asked = cache.get(_key(delivery), 0)
    cache.set(_key(delivery), asked + 1, timeout=2 * int(FOR.total_seconds()))
    try:
        return _Question(delivery, handover(delivery))
    except Fail as reason:
        log.info("outcome not asked for", delivery=delivery_id, reason=str(reason))
        return None


def _keep(delivery: Delivery, answer: SendResult | AdapterError | None) -> str:
    match answer:
        case SendResult():
            deliveries.settle_found(delivery=delivery, aliases=answer.aliases)
        case NotSent():
            failed = Delivery.Status.FAILED
            deliveries.apply_receipt(delivery=delivery, status=failed, code=answer.code, detail=answer.detail)
        case None:
            deliveries.note_not_found(delivery=delivery)
        case _:
            log.warning("outcome not known", delivery=delivery.pk, error=answer.detail)
    return Delivery.objects.values_list("status", flat=True).get(pk=delivery.pk)


def _key(delivery: Delivery) -> str:
    """Counts the questions about one breaking off: a message that breaks off once more is a new one."""
    return f"outcome:{delivery.workspace_id}:{delivery.pk}:{delivery.status_at.timestamp()}"
