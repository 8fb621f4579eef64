"""What every page's shell shows: the workspace, the member and where else the user works."""

from typing import Any

from django.http import HttpRequest

from tenancy.models import Workspace


def shell(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, `member` and `other_workspaces` (lazily) for pages inside a workspace."""
    workspace = getattr(request, "workspace", None)
    if workspace is None:
        return {}
    return {
        "workspace": workspace,
        "member": request.member,  # type: ignore[attr-defined]
        "other_workspaces": Workspace.objects.filter(seats__user=request.user.pk)
        .exclude(pk=workspace.pk)
        .exclude(status=Workspace.Status.DELETING)
        .order_by("name"),
    }
