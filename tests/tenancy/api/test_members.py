"""Members, read by programs."""

from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope
from tests.people import member_of
from tests.programs import Program


def test_members_are_read(program: Program, member: Member, other_workspace: Workspace):
    rows = program.rows("members/")
    assert [row["name"] for row in rows] == ["Aki Agent", "Ada Admin", "Olga Owner"]
    assert program.get(f"members/{member.pk}/").json() == rows[0]
    assert (rows[0]["email"], rows[0]["role"], rows[0]["is_active"]) == ("agent@acme.example", "agent", True)
    foreign = member_of(other_workspace, Role.OWNER)
    assert program.get(f"members/{foreign.pk}/").status_code == 404


def test_members_cost_the_same_however_many(program: Program, workspace: Workspace):
    program.get("members/")
    cost = program.cost("members/", page_size=1)
    with scope(workspace.pk):
        Member.objects.create(name="Bo", is_bot=True)
    assert program.cost("members/") == cost
    assert program.rows("members/")[0]["email"] is None
