"""Tables of the ground floor."""

from tenancy.models.audit import AuditEntry
from tenancy.models.idempotency import IdempotencyKey
from tenancy.models.installation import Locator, Seat, User, Workspace
from tenancy.models.member import ApiToken, Brand, Invitation, Member, Role
from tenancy.models.search import SearchRow
from tenancy.models.team import Team, TeamMember

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Brand",
    "IdempotencyKey",
    "Invitation",
    "Locator",
    "Member",
    "Role",
    "SearchRow",
    "Seat",
    "Team",
    "TeamMember",
    "User",
    "Workspace",
]
