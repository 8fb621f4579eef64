"""Who asks, and where they work: looked up for every page and every socket, so by statements that are prepared."""

from tenancy import prepared
from tenancy.models import Member, User, Workspace
from tenancy.reading import row_of
from tenancy.scope import current_workspace_id

_WITH_WORKSPACES = """
    SELECT one.*, (
        SELECT coalesce(json_agg(place ORDER BY place.name), '[]') FROM tenancy_seat seat
        JOIN tenancy_workspace place ON place.id = seat.workspace_id WHERE seat.user_id = one.id
    ) AS places FROM tenancy_user one WHERE one.id = %(user)s
"""
_SEATED = """
    SELECT one.*, place.id AS place FROM tenancy_user one
    JOIN tenancy_seat seat ON seat.user_id = one.id JOIN tenancy_workspace place ON place.id = seat.workspace_id
    WHERE one.id = %(user)s AND one.is_active AND place.slug = %(slug)s AND place.status = %(status)s
"""
_MEMBER = """
    SELECT one.* FROM tenancy_member one
    WHERE workspace_id = %(workspace)s AND user_id = %(user)s AND archived_at IS NULL
        AND EXISTS (SELECT FROM tenancy_user WHERE id = one.user_id AND is_active)
"""


def user(pk: int) -> User | None:
    """A user with their workspaces, active or not."""
    found = prepared.first(User, _WITH_WORKSPACES, {"user": pk})
    if found is not None:
        found.workspaces = [row_of(Workspace, place) for place in found.places]  # type: ignore[attr-defined]
    return found


def seated(pk: int, slug: str) -> tuple[User, int] | None:
    """An active user with a seat in the workspace of that slug, which is open for work, and its id."""
    found = prepared.first(User, _SEATED, {"user": pk, "slug": slug, "status": Workspace.Status.ACTIVE})
    return (found, found.place) if found else None  # type: ignore[attr-defined]


def member(user_id: int) -> Member | None:
    """The active user's membership in the open scope, if it has not ended."""
    return prepared.first(Member, _MEMBER, {"workspace": current_workspace_id(), "user": user_id})
