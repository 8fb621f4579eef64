"""Housekeeping that changes nothing anybody can see."""

from datetime import timedelta

from django.utils import timezone

from conversations.models import Reaction
from conversations.services import counts
from tenancy.lanes import State
from tenancy.models import Workspace
from tenancy.scope import scope

KEPT = timedelta(days=7)


def tidy_all() -> None:
    """Tidy every workspace, each in a scope of its own."""
    for workspace_id in Workspace.objects.values_list("pk", flat=True):
        with scope(workspace_id):
            tidy()


def tidy() -> None:
    """Fold the open workspace's count deltas, and drop reactions done more than a week ago."""
    counts.squash()
    Reaction.objects.filter(state=State.DONE, due_at__lt=timezone.now() - KEPT).delete()
