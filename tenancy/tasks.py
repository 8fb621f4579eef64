"""Celery tasks of the ground floor: primitives in, one call, nothing else."""

from celery import shared_task

from tenancy import lanes


@shared_task(name="tenancy.work", queue="lanes")
def work(lane: str, workspace_id: int) -> None:
    """Answer one doorbell."""
    lanes.answer(lane, workspace_id)


@shared_task(name="tenancy.sweep", queue="celery", expires=10)
def sweep() -> None:
    """Ring for rows that nobody took."""
    lanes.sweep()
