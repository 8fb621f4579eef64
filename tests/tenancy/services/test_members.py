"""Members: who may change whom, and that somebody always owns the workspace."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from tenancy.models import AuditEntry, Member, Role, Seat
from tenancy.scope import scope
from tenancy.services import members
from tenancy.services.members import LastOwner
from tests.people import member_of, new_member, new_workspace


def last_audit() -> tuple[str, str, dict[str, str]]:
    entry = AuditEntry.objects.latest("pk")
    return entry.action, entry.target, entry.data


def test_a_role_change_is_audited_with_both_roles(in_scope, admin, member):
    members.set_role(member=member, role=Role.MANAGER, by=admin)
    assert last_audit() == ("member.role_changed", "Aki Agent", {"from": "agent", "to": "manager"})
    before = AuditEntry.objects.count()
    members.set_role(member=member, role=Role.MANAGER, by=admin)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("by", "of", "to"),
    [
        (Role.AGENT, Role.AGENT, Role.MANAGER),
        (Role.MANAGER, Role.AGENT, Role.AGENT),
        (Role.ADMIN, Role.AGENT, Role.OWNER),
        (Role.ADMIN, Role.OWNER, Role.AGENT),
    ],
)
def test_nobody_gives_or_takes_what_is_above_them(workspace, in_scope, by, of, to):
    actor = new_member(workspace, by, name="Actor", email="actor@acme.example")
    with pytest.raises(PermissionDenied):
        members.set_role(member=member_of(workspace, of), role=to, by=actor)


@pytest.mark.parametrize("act", ["archive", "set_role"])
def test_the_last_owner_stays(in_scope, owner, act):
    more = {"role": Role.ADMIN} if act == "set_role" else {}
    with pytest.raises(LastOwner):
        getattr(members, act)(member=owner, by=owner, **more)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_the_same_time_do_not_both_go():
    workspace = new_workspace("acme")
    owners = [
        member_of(workspace, Role.OWNER),
        new_member(workspace, Role.OWNER, name="Second", email="second@acme.example"),
    ]
    together, refused = threading.Barrier(2), []

    def leave(owner: Member) -> None:
        together.wait(10)
        try:
            with scope(workspace.pk):
                members.archive(member=owner, by=owner)
        except LastOwner:
            refused.append(owner)
        connection.close()

    threads = [threading.Thread(target=leave, args=[owner]) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with scope(workspace.pk):
        assert [len(refused), Member.objects.filter(role="owner", archived_at=None).count()] == [1, 1]


def test_archiving_takes_the_seat_and_coming_back_returns_it(in_scope, owner, member):
    members.archive(member=member, by=owner)
    assert not Seat.objects.filter(user=member.user, workspace=in_scope).exists()
    assert not Member.objects.get(pk=member.pk).may(Role.AGENT)
    members.bring_back(member=member, by=owner)
    assert Seat.objects.filter(user=member.user, workspace=in_scope).exists()
    assert Member.objects.get(pk=member.pk).may(Role.AGENT)


def test_who_is_a_member_already_keeps_their_role(in_scope, member):
    assert members.add_member(user=member.user, role=Role.ADMIN).role == Role.AGENT


def test_members_rename_themselves_and_admins_others(in_scope, admin, member):
    members.rename(member=member, name="Aki Ito", title="", by=member)
    members.rename(member=member, name="Aki Sato", title="", by=admin)
    assert last_audit() == ("member.renamed", "Aki Sato", {"from": "Aki Ito", "to": "Aki Sato"})
    with pytest.raises(PermissionDenied):
        members.rename(member=admin, name="X", title="", by=member)


def test_roles_include_those_before_them():
    assert [role for role in Role if Role.MANAGER.includes(role)] == [Role.AGENT, Role.MANAGER]
