"""The settings page of teams."""

import pytest

from tenancy.models import Team
from tenancy.services import teams

ROOT = "/w/acme/settings/teams/"


@pytest.fixture
def client(browser, admin):
    return browser(admin)


def test_an_admin_makes_changes_and_archives(client, in_scope, member, admin):
    page = client.post(ROOT, {"name": "Billing", "members": [member.pk]}, follow=True)
    team = Team.objects.get()
    assert "The team Billing is made." in page.text
    assert f'action="{ROOT}{team.pk}/archival/?undoing=yes"' in page.text
    page = client.post(f"{ROOT}{team.pk}/", {"name": "Money", "members": [member.pk, admin.pk]}, follow=True)
    assert ">Money</a>" in page.text
    assert team.members.count() == 2
    client.post(f"{ROOT}{team.pk}/archival/")
    assert Team.objects.filter(archived_at=None).count() == 0
    client.post(f"{ROOT}{team.pk}/return/")
    assert Team.objects.filter(archived_at=None).count() == 1


def test_a_name_that_is_taken_is_said_and_nothing_is_lost(client, in_scope):
    teams.make(name="Billing", by=None)
    other = teams.make(name="Other", by=None)
    for path in (ROOT, f"{ROOT}{other.pk}/"):
        answer = client.post(path, {"name": "billing"})
        assert answer.status_code == 422
        assert "There is a team of this name." in answer.text
        assert 'value="billing"' in answer.text


def test_the_page_takes_as_many_queries_for_three_teams_as_for_one(
    client, in_scope, member, django_assert_num_queries
):
    teams.make(name="One", members=[member], by=None)
    client.get(ROOT)
    with django_assert_num_queries(QUERIES):
        client.get(ROOT)
    for name in ("Two", "Three"):
        teams.make(name=name, members=[member], by=None)
    with django_assert_num_queries(QUERIES):
        client.get(ROOT)


# What every page of a workspace takes (see the inbox), less its reading; teams, who is in them, members to choose.
QUERIES = 7 + 4


def test_it_is_for_admins(browser, member, in_scope):
    team = teams.make(name="Billing", by=None)
    for path in ("", f"{team.pk}/", f"{team.pk}/archival/"):
        assert browser(member).post(ROOT + path).status_code == 403
