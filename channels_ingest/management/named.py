"""Workspaces and channels by the names that people type into commands."""

from django.core.management.base import CommandError
from django.db.models import Q

from conversations.models import Channel
from tenancy.models import Workspace


def workspace_named(slug: str, *, returncode: int = 1) -> Workspace:
    """The workspace of that slug. Raises CommandError."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise CommandError(f"there is no workspace {slug}", returncode=returncode)
    return workspace


def channel_named(text: str, *, returncode: int = 1) -> Channel:
    """The channel in scope of that id, name or address. Raises CommandError unless there is exactly one."""
    by_words = Q(name__iexact=text) | Q(address__iexact=text)
    channels = Channel.objects.filter(Q(pk=int(text)) if text.isdecimal() else by_words)
    found = list(channels.filter(archived_at=None)[:2])
    if len(found) != 1:
        problem = "there is no channel" if not found else "there is more than one channel"
        raise CommandError(f"{problem} {text}", returncode=returncode)
    return found[0]
