"""Celery tasks of channels: primitives in, one call, nothing else."""

from celery import shared_task

from channels_ingest.services import poll
from channels_ingest.services.chat import sessions


@shared_task(name="channels_ingest.poll_all")
def poll_all() -> None:
    """Have every mailbox read."""
    for mailbox in poll.mailboxes():
        poll_one.apply_async(mailbox, expires=30)


@shared_task(name="channels_ingest.poll_one")
def poll_one(workspace_id: int, channel_id: int) -> None:
    """Read what is new in one mailbox."""
    poll.poll(workspace_id, channel_id)


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
