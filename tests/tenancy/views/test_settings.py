"""The workspace's own settings: people, audit log, tokens, profile."""

import pytest
from django.core import mail
from django.test import Client

from tenancy.models import ApiToken, AuditEntry, Invitation, Member, Role, User
from tenancy.scope import scope
from tenancy.services import audit, tokens
from tests.people import browser_of, new_member

SETTINGS = "/w/acme/settings"


@pytest.fixture
def as_admin(admin) -> Client:
    return browser_of(admin)


def actions(workspace_id: int) -> list[str]:
    with scope(workspace_id):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("page", ["members", "audit"])
def test_people_and_audit_are_for_admins(client, as_admin, page):
    assert client.get(f"{SETTINGS}/{page}/").status_code == 403
    assert as_admin.get(f"{SETTINGS}/{page}/").status_code == 200


def test_what_a_password_must_have_is_a_list(client):
    assert '_helptext"><ul><li>' in client.get(f"{SETTINGS}/profile/").text


@pytest.mark.parametrize("page", ["profile", "tokens"])
def test_profile_and_tokens_are_for_everybody(client, page):
    assert client.get(f"{SETTINGS}/{page}/").status_code == 200


def test_an_invitation_goes_out_by_mail_and_is_shown_once(as_admin, workspace):
    said = {"email": "Nia@New.Example", "role": "manager"}
    page = as_admin.post(f"{SETTINGS}/members/invitations/", said)
    link = page.context["link"]
    assert link in page.content.decode()
    (message,) = mail.outbox
    assert (message.to, message.subject, link in message.body) == (
        ["nia@new.example"],
        "Ada Admin invites you to Acme",
        True,
    )
    assert link not in as_admin.get(f"{SETTINGS}/members/").content.decode()
    assert actions(workspace.pk)[-1] == "member.invited"


def test_an_invitation_whose_mail_fails_still_shows_its_link(as_admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = as_admin.post(f"{SETTINGS}/members/invitations/", {"email": "nia@new.example", "role": "agent"})
    assert page.status_code == 200
    assert "could not be sent" in page.content.decode()
    assert page.context["link"] in page.content.decode()


def test_inviting_again_ends_the_older_invitation(as_admin, workspace):
    for _ in range(2):
        as_admin.post(f"{SETTINGS}/members/invitations/", {"email": "nia@new.example", "role": "agent"})
    with scope(workspace.pk):
        assert Invitation.objects.filter(revoked_at=None).count() == 1
        assert Invitation.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"email": "agent@acme.example", "role": "agent"},
        {"email": "nia@new.example", "role": "owner"},
        {"email": "nia", "role": "agent"},
    ],
)
def test_members_owners_and_garbage_cannot_be_invited_by_an_admin(as_admin, workspace, said):
    assert as_admin.post(f"{SETTINGS}/members/invitations/", said).status_code == 422
    with scope(workspace.pk):
        assert not Invitation.objects.exists()


def test_an_invitation_is_revoked(as_admin, workspace):
    as_admin.post(f"{SETTINGS}/members/invitations/", {"email": "nia@new.example", "role": "agent"})
    with scope(workspace.pk):
        pk = Invitation.objects.get().pk
    assert as_admin.post(f"{SETTINGS}/members/invitations/{pk}/revocation/").status_code == 302
    assert as_admin.post(f"{SETTINGS}/members/invitations/{pk}/revocation/").status_code == 404
    assert actions(workspace.pk)[-1] == "invitation.revoked"


def test_a_role_is_changed_and_the_change_can_be_undone(as_admin, member):
    page = as_admin.post(f"{SETTINGS}/members/{member.pk}/role/", {"role": "manager"}, follow=True)
    assert "Aki Agent is manager now." in page.content.decode()
    assert (
        f'action="{SETTINGS}/members/{member.pk}/role/?role=agent&amp;undoing=yes"' in page.content.decode()
    )
    with scope(member.workspace_id):
        assert Member.objects.get(pk=member.pk).role == Role.MANAGER


def test_an_admin_changes_no_owner(as_admin, owner):
    for act, said in [("role", {"role": "agent"}), ("archival", {})]:
        assert as_admin.post(f"{SETTINGS}/members/{owner.pk}/{act}/", said).status_code == 403


def test_the_last_owner_stays(owner, workspace):
    browser = browser_of(owner)
    for act, said in [("role", {"role": "agent"}), ("archival", {})]:
        page = browser.post(f"{SETTINGS}/members/{owner.pk}/{act}/", said, follow=True)
        assert "keeps at least one owner" in page.content.decode()
    new_member(workspace, Role.OWNER, name="Second", email="second@acme.example")
    browser.post(f"{SETTINGS}/members/{owner.pk}/archival/")
    assert browser.get(f"{SETTINGS}/members/").status_code == 404


def test_who_is_archived_is_out_at_once_and_can_come_back(as_admin, client, member):
    assert client.get(f"{SETTINGS}/profile/").status_code == 200
    page = as_admin.post(f"{SETTINGS}/members/{member.pk}/archival/", follow=True)
    assert f'action="{SETTINGS}/members/{member.pk}/return/"' in page.content.decode()
    assert client.get(f"{SETTINGS}/profile/").status_code == 404
    as_admin.post(f"{SETTINGS}/members/{member.pk}/return/")
    assert client.get(f"{SETTINGS}/profile/").status_code == 200


def test_the_audit_log_is_paged_by_key(as_admin, admin, workspace, django_assert_max_num_queries):
    with scope(workspace.pk):
        for number in range(120):
            audit.record(member=admin, action="test.noted", target=f"<{number}>")
    seen: list[int] = []
    page = None
    while page is None or page.context["below"]:
        with django_assert_max_num_queries(14):
            page = as_admin.get(f"{SETTINGS}/audit/", {"before": str(page.context["below"]) if page else ""})
        seen += [entry.pk for entry in page.context["entries"]]
    assert len(seen) == len(set(seen)) == len(actions(workspace.pk))
    assert seen == sorted(seen, reverse=True)
    assert "&lt;0&gt;" in page.content.decode()


def test_a_token_is_shown_once(client, member):
    page = client.post(f"{SETTINGS}/tokens/", {"name": "export", "scopes": ["read"]})
    text = page.context["text"]
    assert text.startswith("omni_")
    assert text in page.content.decode()
    assert text not in client.get(f"{SETTINGS}/tokens/").content.decode()
    found = tokens.resolve(text)
    assert found is not None
    assert found.workspace_id == member.workspace_id


def test_an_agent_sees_and_ends_own_tokens_an_admin_all(client, as_admin, admin, member):
    with scope(member.workspace_id):
        mine, _ = tokens.create(member=member, name="mine")
        theirs, _ = tokens.create(member=admin, name="theirs")
    assert list(client.get(f"{SETTINGS}/tokens/").context["tokens"]) == [mine]
    assert list(as_admin.get(f"{SETTINGS}/tokens/").context["tokens"]) == [theirs, mine]
    assert client.post(f"{SETTINGS}/tokens/{theirs.pk}/revocation/").status_code == 404
    assert as_admin.post(f"{SETTINGS}/tokens/{mine.pk}/revocation/").status_code == 302
    with scope(member.workspace_id):
        assert ApiToken.objects.get(pk=mine.pk).revoked_at is not None


def test_a_profile_keeps_name_title_and_time_zone(client, member):
    said = {"name": "Aki Ito", "title": "Second line", "time_zone": "Asia/Tokyo"}
    assert client.post(f"{SETTINGS}/profile/", said).status_code == 302
    with scope(member.workspace_id):
        kept = Member.objects.filter(pk=member.pk).values_list("name", "title", "user__time_zone")
        assert list(kept) == [("Aki Ito", "Second line", "Asia/Tokyo")]
    assert client.post(f"{SETTINGS}/profile/", said | {"time_zone": "Mars"}).status_code == 422


def test_pages_speak_the_members_language(as_admin, admin, workspace, time_machine):
    time_machine.move_to("2026-11-23 19:05Z", tick=False)
    with scope(workspace.pk):
        audit.record(member=admin, action="test.noted")
    said = {"name": "Ada", "time_zone": "UTC", "language": "en-us"}
    assert as_admin.post(f"{SETTINGS}/profile/", said).status_code == 302
    page = as_admin.get(f"{SETTINGS}/audit/", headers={"Accept-Language": "en-GB"}).text
    assert '<html lang="en-us"' in page
    assert ">7:05 PM</time>" in page
    assert as_admin.post(f"{SETTINGS}/profile/", said | {"language": "xx"}).status_code == 422


def test_pages_show_times_in_the_members_zone(as_admin, admin, workspace, time_machine):
    User.objects.filter(pk=admin.user_id).update(time_zone="Asia/Tokyo")
    time_machine.move_to("2026-11-23 10:05Z", tick=False)
    with scope(workspace.pk):
        audit.record(member=admin, action="test.noted")
    assert ">19:05</time>" in as_admin.get(f"{SETTINGS}/audit/").content.decode()


def test_a_new_password_signs_other_browsers_out(client, member):
    member.user.set_password("old-horse-7-battery")
    member.user.save()
    here, elsewhere = browser_of(member), browser_of(member)
    new = {"new_password1": "new-horse-8-battery", "new_password2": "new-horse-8-battery"}
    page = f"{SETTINGS}/profile/password/"
    assert here.post(page, new | {"old_password": "wrong"}).status_code == 422
    assert here.post(page, new | {"old_password": "old-horse-7-battery"}).status_code == 302
    assert here.get(f"{SETTINGS}/profile/").status_code == 200
    assert elsewhere.get(f"{SETTINGS}/profile/").status_code == 302
    assert actions(member.workspace_id)[-1] == "member.password_changed"


def test_a_member_says_how_they_want_to_work(client, member):
    said = {
        "told": ["customer:centre", "customer:email", "mentioned:email"],
        "quiet_from": "22:00",
        "quiet_to": "06:30",
        "sound": "on",
        "after_resolving": "list",
    }
    assert client.post("/w/acme/settings/profile/preferences/", said).status_code == 302
    with scope(member.workspace_id):
        wishes = Member.objects.get(pk=member.pk).wishes
    assert {what: set(ways) for what, ways in wishes.told.items() if ways} == {
        "customer": {"centre"},
        "mentioned": {"email"},
    }
    assert (f"{wishes.quiet_from:%H:%M}", f"{wishes.quiet_to:%H:%M}") == ("22:00", "06:30")
    assert (wishes.sound, wishes.shortcuts, wishes.follows, wishes.after_resolving) == (
        True,
        False,
        False,
        "list",
    )
    page = client.get("/w/acme/settings/profile/").text
    assert 'value="customer:centre" aria-label="The customer writes: Notices" checked' in page


def test_half_a_night_is_refused_and_what_was_said_is_kept(client, member):
    said = {"told": ["status:centre"], "quiet_from": "22:00", "after_resolving": "list"}
    response = client.post("/w/acme/settings/profile/preferences/", said)
    assert (response.status_code, "or neither" in response.text) == (422, True)
    assert (
        'value="status:centre" aria-label="The status or the assignee changes: Notices" checked'
        in response.text
    )
    with scope(member.workspace_id):
        assert Member.objects.get(pk=member.pk).preferences == {}
