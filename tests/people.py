"""People and workspaces to test with."""

from django.test import Client

from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope
from tenancy.services.members import add_member
from tenancy.services.users import create_user
from tenancy.services.workspaces import create_workspace


def new_workspace(slug: str) -> Workspace:
    """A workspace owned by `owner@<slug>.example`, with `admin@…` and `agent@…` in it."""
    owner = create_user(email=f"owner@{slug}.example", password=None, name="Olga Owner")
    workspace = create_workspace(slug=slug, name=slug.title(), owner=owner)
    new_member(workspace, Role.ADMIN, name="Ada Admin")
    new_member(workspace, Role.AGENT, name="Aki Agent")
    return workspace


def new_member(workspace: Workspace, role: Role, *, name: str, email: str = "") -> Member:
    """One more member, by default `<role>@<slug>.example`."""
    user = create_user(email=email or f"{role}@{workspace.slug}.example", password=None, name=name)
    with scope(workspace.pk):
        return add_member(user=user, role=role)


def member_of(workspace: Workspace, role: Role) -> Member:
    """The workspace's first member of that role."""
    with scope(workspace.pk):
        return Member.objects.select_related("user").filter(role=role).earliest("pk")


def browser_of(member: Member) -> Client:
    """A browser in which the member has signed in."""
    client = Client()
    assert member.user
    client.force_login(member.user)
    return client
