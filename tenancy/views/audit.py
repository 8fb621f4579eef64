"""The audit log. For admins."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor, cut
from tenancy.models import AuditEntry, Role

PAGE = 50


@needs(Role.ADMIN)
@require_safe
def audit(request: WorkspaceRequest) -> HttpResponse:
    """What was done to the workspace, newest first."""
    rows = AuditEntry.objects.select_related("member").order_by("-at", "-pk")
    if before := Cursor.parse(request.GET.get("before")):
        rows = rows.filter(before.below())
    entries, has_more = cut(rows[: PAGE + 1], PAGE)
    below = Cursor(entries[-1].at, entries[-1].pk) if has_more else None
    return render(request, "tenancy/audit.html", {"entries": entries, "below": below, "is_first": not before})
