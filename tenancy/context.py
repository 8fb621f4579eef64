"""What every page's shell shows: the workspace, the member and where else the user works."""

from typing import Any

from django.http import HttpRequest

from tenancy.models import Workspace


def shell(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, `member` and `other_workspaces` for pages inside a workspace."""
    workspace = getattr(request, "workspace", None)
    if workspace is None:
        return {}
    others = [each for each in request.user.workspaces if each != workspace]  # type: ignore[union-attr]
    return {
        "workspace": workspace,
        "member": request.member,  # type: ignore[attr-defined]
        "other_workspaces": [each for each in others if each.status != Workspace.Status.DELETING],
    }
