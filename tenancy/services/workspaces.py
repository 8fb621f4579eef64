"""Making a workspace, with all that it cannot be without."""

from django.db import connection, transaction

from tenancy.models import Brand, Role, User, Workspace
from tenancy.scope import scope
from tenancy.services import audit, members


@transaction.atomic
def create_workspace(*, slug: str, name: str, owner: User) -> Workspace:
    """Make a workspace with its owner, a first brand of the same name and the sequence of its numbers.

    Raises ValidationError for a slug that is taken or cannot stand in an address.
    """
    workspace = Workspace(slug=slug, name=name)
    workspace.full_clean()
    workspace.save()
    with scope(workspace.pk), connection.cursor() as cursor:
        # A database that was emptied and numbers its workspaces anew still has the sequences of the old ones.
        sequence = number_sequence(workspace.pk)
        cursor.execute(f"DROP SEQUENCE IF EXISTS {sequence}; CREATE SEQUENCE {sequence}")
        Brand.objects.create(name=name, sender_name=name)
        member = members.add_member(user=owner, role=Role.OWNER)
        audit.record(member=member, action="workspace.created", target=slug)
    return workspace


def number_sequence(workspace_id: int) -> str:
    """The sequence that the workspace's conversations take their numbers from: no lock, gaps allowed."""
    return f"conversation_number_{workspace_id:d}"
