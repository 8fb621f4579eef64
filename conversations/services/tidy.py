"""Housekeeping that changes nothing anybody can see."""

from datetime import timedelta

from django.utils import timezone

from conversations.models import Attachment, Bulk, KeptDraft, Reaction
from conversations.services import counts, notices
from tenancy.lanes import State
from tenancy.models import Workspace
from tenancy.scope import scope

KEPT = timedelta(days=7)
UPLOADS_KEPT = timedelta(days=1)


def tidy_all() -> None:
    """Tidy every workspace, each in a scope of its own."""
    for workspace_id in Workspace.objects.values_list("pk", flat=True):
        with scope(workspace_id):
            tidy()


def tidy() -> None:
    """Fold the open workspace's count deltas, drop reactions done and acts on many conversations begun more than a
    week ago, old notices, and uploads that no entry has taken within a day."""
    counts.squash()
    notices.prune()
    drop_uploads()
    Bulk.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    Reaction.objects.filter(state=State.DONE, due_at__lt=timezone.now() - KEPT).delete()


def drop_uploads() -> None:
    """Drop the open workspace's files that were uploaded a day ago for an entry that nobody wrote or has begun."""
    before = timezone.now() - UPLOADS_KEPT
    begun = KeptDraft.objects.values_list("attachments", flat=True)
    kept = {pk for ids in begun.exclude(attachments=[]) for pk in ids}
    old = Attachment.objects.filter(entry=None, created_at__lt=before).exclude(pk__in=kept)
    for attachment in old.select_for_update():
        attachment.delete()
        attachment.file.delete(save=False)
