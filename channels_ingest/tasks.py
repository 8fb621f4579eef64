"""Celery tasks of channels: primitives in, one call, nothing else."""

from celery import shared_task

from channels_ingest.services import outcomes, poll, reconcile
from channels_ingest.services.chat import sessions


@shared_task(name="channels_ingest.poll_all")
def poll_all() -> None:
    """Have every mailbox read."""
    for mailbox in poll.mailboxes():
        poll_one.apply_async(mailbox, expires=30)


@shared_task(name="channels_ingest.poll_one")
def poll_one(workspace_id: int, channel_id: int) -> None:
    """Read what is new in one mailbox; when there is more, go on after the others' turn: a mailbox that has to be
    read from its beginning would hold up new mail for hours."""
    polled = poll.poll(workspace_id, channel_id)
    if polled and polled.has_more:
        poll_one.apply_async((workspace_id, channel_id), expires=30)


@shared_task(name="channels_ingest.reconcile_all")
def reconcile_all() -> None:
    """Have every mailbox compared with the ledger."""
    for mailbox in poll.mailboxes():
        reconcile_one.apply_async(mailbox)


@shared_task(name="channels_ingest.reconcile_one")
def reconcile_one(workspace_id: int, channel_id: int) -> None:
    """Compare one mailbox with the ledger."""
    poll.reconcile(workspace_id, channel_id)


@shared_task(name="channels_ingest.prune")
def prune() -> None:
    """Forget chat sessions that nobody will come back to."""
    sessions.prune()


@shared_task(name="channels_ingest.catch_up_all")
def catch_up_all() -> None:
    """Have every provider that can be asked for missed calls asked for them."""
    for channel in reconcile.reconcilable():
        catch_up_one.apply_async(channel, expires=300)


@shared_task(name="channels_ingest.catch_up_one")
def catch_up_one(workspace_id: int, channel_id: int, *, patient: bool = True) -> None:
    """Fetch what one channel missed; not `patient` when a person asks, who need not wait out a failure."""
    reconcile.reconcile(workspace_id, channel_id, patient=patient)


@shared_task(name="channels_ingest.ask_outcomes")
def ask_outcomes() -> None:
    """Have providers asked what became of the messages whose sending broke off."""
    for delivery in outcomes.due():
        ask_outcome.apply_async(delivery, expires=50)


@shared_task(name="channels_ingest.ask_outcome")
def ask_outcome(workspace_id: int, delivery_id: int) -> None:
    """Ask what became of one message."""
    outcomes.ask(workspace_id, delivery_id)
