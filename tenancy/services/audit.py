"""Writing the audit log."""

from typing import Any

from django.http import HttpRequest

from tenancy.models import AuditEntry, Member


def record(
    *,
    member: Member | None,
    action: str,
    target: str = "",
    data: dict[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """Keep that a member did something to the workspace. `action` is dotted, noun first: "channel.created"."""
    return AuditEntry.objects.create(
        member=member,
        action=action,
        target=target[:200],
        data=data or {},
        address=request.META.get("REMOTE_ADDR") or None if request else None,
    )
