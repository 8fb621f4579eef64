"""The way in: first run, signing in, invitations, and where `/` leads."""

import re

import pytest
from django.core import mail
from django.test import Client

from tenancy.models import AuditEntry, Invitation, Member, Role, Seat, User, Workspace
from tenancy.scope import scope
from tenancy.services import invitations, members
from tests.people import browser_of, new_member, new_workspace

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9-battery"
SETUP = {
    "name": "Acme Ltd",
    "slug": "acme",
    "person": "Ann Archer",
    "email": "Ann@Acme.Example",
    "password": PASSWORD,
    "time_zone": "Europe/Berlin",
}


def test_the_first_visitor_makes_the_workspace_and_is_signed_in():
    browser = Client()
    assert browser.get("/")["Location"] == "/setup/"
    assert browser.get("/setup/").status_code == 200
    assert browser.post("/setup/", SETUP)["Location"] == "/"
    assert browser.get("/")["Location"] == "/w/acme/inbox/"
    owner = User.objects.get()
    assert (owner.email, owner.time_zone, owner.check_password(PASSWORD)) == (
        "ann@acme.example",
        "Europe/Berlin",
        True,
    )


def test_there_is_one_first_run(workspace):
    assert Client().get("/setup/").status_code == 404
    assert Client().post("/setup/", SETUP).status_code == 404
    assert Workspace.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("slug", "Not a slug"), ("password", "12345678"), ("email", "ann"), ("time_zone", "Mars/Olympus")],
)
def test_a_first_run_says_what_is_wrong(field, value):
    response = Client().post("/setup/", SETUP | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert not User.objects.exists()


def sign_in(browser: Client, email: str, password: str = PASSWORD):
    return browser.post("/accounts/login/", {"login": email, "password": password})


def give_password(member: Member) -> None:
    assert member.user
    member.user.set_password(PASSWORD)
    member.user.save()


@pytest.fixture
def ann(workspace):
    member = new_member(workspace, Role.AGENT, name="Ann Archer", email="ann@acme.example")
    give_password(member)
    return member


def test_a_member_signs_in_and_the_audit_log_knows(ann, workspace):
    browser = Client()
    assert (
        browser.get("/w/acme/settings/profile/")["Location"]
        == "/accounts/login/?next=/w/acme/settings/profile/"
    )
    assert browser.get("/accounts/login/").status_code == 200
    assert sign_in(browser, "ANN@acme.example")["Location"] == "/"
    assert browser.get("/")["Location"] == "/w/acme/inbox/"
    with scope(workspace.pk):
        entry = AuditEntry.objects.latest("pk")
        assert (entry.action, entry.member, entry.address) == ("member.signed_in", ann, "127.0.0.1")


def test_a_wrong_password_is_refused(ann):
    response = sign_in(Client(), "ann@acme.example", "wrong")
    assert response.status_code == 200
    assert "not correct" in response.content.decode()


def test_a_demo_user_signs_in_on_this_machine_alone(ann, settings):
    User.objects.filter(pk=ann.user_id).update(is_demo=True)
    settings.DEMO, settings.IS_LOOPBACK = True, False
    assert sign_in(Client(), "ann@acme.example")["Location"] == "/accounts/login/"
    settings.IS_LOOPBACK = True
    assert sign_in(Client(), "ann@acme.example")["Location"] == "/"


def test_signing_out_takes_a_post(client):
    assert client.get("/accounts/logout/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/")["Location"] == "/accounts/login/"


def test_a_forgotten_password_is_set_by_mail(ann):
    browser = Client()
    assert browser.get("/accounts/password/reset/").status_code == 200
    browser.post("/accounts/password/reset/", {"email": "ann@acme.example"})
    assert browser.get("/accounts/password/reset/sent/").status_code == 200
    (message,) = mail.outbox
    assert message.to == ["ann@acme.example"]
    (link,) = re.findall(r"http://[^/]+(/accounts/\S+)", str(message.body))
    form = browser.get(link, follow=True)
    new = {"password1": "another-horse-8", "password2": "another-horse-8"}
    done = browser.post(form.request["PATH_INFO"], new, follow=True)
    assert done.status_code == 200
    assert sign_in(Client(), "ann@acme.example", "another-horse-8")["Location"] == "/"
    assert "no longer good" in Client().get(link, follow=True).content.decode()


def test_nobody_can_have_us_write_to_a_stranger(workspace):
    said = Client().post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    assert (said.status_code, mail.outbox) == (302, [])


def invited(by: Member, email: str = "new@acme.example", role: Role = Role.MANAGER) -> str:
    with scope(by.workspace_id):
        return invitations.invite(email=email, role=role, by=by)[1].partition("8000")[2]


def test_somebody_new_joins_by_their_invitation(admin):
    link, browser = invited(admin), Client()
    assert "Join Acme" in browser.get(link).content.decode()
    said = {"name": "Nia New", "password": PASSWORD, "time_zone": "UTC"}
    assert browser.post(link, said | {"password": "short"}).status_code == 422
    assert browser.post(link, said)["Location"] == "/"
    assert browser.get("/")["Location"] == "/w/acme/inbox/"
    with scope(admin.workspace_id):
        member = Member.objects.get(user__email="new@acme.example")
        assert (member.role, member.name) == (Role.MANAGER, "Nia New")
    assert Client().get(link).status_code == 404


def test_who_is_signed_in_gets_one_more_seat(admin, other_workspace):
    stranger = new_member(other_workspace, Role.AGENT, name="Sam", email="sam@globex.example")
    link, browser = invited(admin, "sam@globex.example"), browser_of(stranger)
    assert "Sign in to join" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 200
    assert Seat.objects.filter(user=stranger.user).count() == 1
    assert browser.post(link)["Location"] == "/w/acme/inbox/"
    assert Seat.objects.filter(user=stranger.user).count() == 2


@pytest.mark.parametrize("end", ["revoke", "expire", "suspend"])
def test_an_invitation_that_ended_leads_nowhere(admin, workspace, end):
    link = invited(admin)
    with scope(workspace.pk):
        invitation = Invitation.objects.get()
        if end == "revoke":
            invitations.revoke(invitation=invitation, by=admin)
        elif end == "expire":
            Invitation.objects.update(expires_at=invitation.created_at)
        else:
            Workspace.objects.update(status=Workspace.Status.SUSPENDED)
    assert Client().get(link).status_code == 404
    assert Client().get("/invitations/made-up/").status_code == 404


def test_home_leads_to_the_workspace_last_worked_in(member):
    other = new_workspace("zenith")
    with scope(other.pk):
        members.add_member(user=member.user, role=Role.AGENT)
    browser = browser_of(member)
    assert browser.get("/")["Location"] == "/w/acme/inbox/"
    browser.get("/w/zenith/settings/profile/")
    assert browser.get("/")["Location"] == "/w/zenith/inbox/"


def test_who_is_in_no_workspace_is_told(member):
    with scope(member.workspace_id):
        members.archive(member=member, by=None)
    assert "You are in no workspace" in browser_of(member).get("/").content.decode()
