"""Celery tasks of conversations: primitives in, one call, nothing else."""

from celery import shared_task

from conversations.services import reindexing, tidy
from tenancy.search import Kind


@shared_task(name="conversations.tidy")
def tidy_all() -> None:
    """Fold count deltas and drop reactions and notices that have long been done, in every workspace."""
    tidy.tidy_all()


@shared_task(name="conversations.reindex_all")
def reindex_all() -> None:
    """Begin where rows from before search wait to come into its index."""
    for workspace_id in reindexing.unfinished():
        reindex.delay(workspace_id)


@shared_task(name="conversations.reindex")
def reindex(workspace_id: int, kind: str = "", below: int = 0) -> None:
    """Put some of a workspace's missing rows into the index, and go on at the end of the queue."""
    if further := reindexing.go_on(workspace_id, Kind(kind) if kind else None, below):
        reindex.delay(workspace_id, *further)
