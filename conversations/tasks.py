"""Celery tasks of conversations: primitives in, one call, nothing else."""

from celery import shared_task

from conversations.services import tidy


@shared_task(name="conversations.tidy")
def tidy_all() -> None:
    """Fold count deltas and drop reactions that have long been done, in every workspace."""
    tidy.tidy_all()
