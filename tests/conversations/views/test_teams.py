"""Giving conversations to teams, and the views of teams and brands."""

import pytest

from conversations.models import Conversation, Entry
from conversations.queries.words import event_words
from conversations.services import counts, work
from tenancy.models import Brand, Team
from tenancy.services import teams
from tests.conversations.views.conftest import HTMX, ROOT
from tests.conversations.views.test_work import take_back, undo_in

INBOX = f"{ROOT}inbox/"


@pytest.fixture
def conversation(write):
    return write("m1").conversation


@pytest.fixture
def billing(in_scope, member) -> Team:
    return teams.make(name="Billing", members=[member], by=None)


@pytest.fixture
def other(in_scope, admin) -> Team:
    return teams.make(name="Abuse", members=[admin], by=None)


def as_it_is(conversation: Conversation) -> tuple[str, str]:
    conversation.refresh_from_db()
    return str(conversation.team), str(conversation.assignee)


def post(client, conversation, **form) -> str:
    address = f"{INBOX}{conversation.number}/assignment/"
    return str(client.post(address, form, headers=HTMX).text)


def test_who_is_in_the_team_keeps_it_and_who_is_not_does_not(client, conversation, billing, other, member):
    work.take(conversation=conversation, member=member)
    post(client, conversation, team=billing.pk)
    assert as_it_is(conversation) == ("Billing", "Aki Agent")
    said = post(client, conversation, team=other.pk)
    assert as_it_is(conversation) == ("Abuse", "None")
    take_back(client, undo_in(said))
    assert as_it_is(conversation) == ("Billing", "Aki Agent")
    post(client, conversation, team="")
    assert as_it_is(conversation) == ("None", "Aki Agent")
    events = Entry.objects.filter(kind="event").order_by("pk")
    assert [event_words(entry).replace("<b>", "").replace("</b>", "") for entry in events] == [
        "Aki Agent took this",
        "Aki Agent gave this to the team Billing",
        "Aki Agent gave this to the team Abuse and took Aki Agent off it",
        "Aki Agent gave this to the team Billing",
        "Aki Agent took this",
        "Aki Agent took this from the team Billing",
    ]
    assert counts.differences() == {}


def test_a_team_that_is_put_away_or_never_was_is_refused(client, conversation, billing):
    teams.archive(team=billing, by=None)
    for pk in (billing.pk, 10**17, 10**30, 0):
        assert "There is no such team any more." in post(client, conversation, team=pk)
    assert as_it_is(conversation) == ("None", "None")


def test_the_sidebar_lists_teams_own_first_and_brands_where_there_are_several(
    client, conversation, billing, other
):
    work.assign_team(conversation=conversation, team=billing, member=None)
    sidebar = client.get(INBOX).context["sidebar"]
    assert [(str(item.view.label), item.count) for item in sidebar.teams] == [("Billing", 1), ("Abuse", 0)]
    assert sidebar.brands == []
    Brand.objects.create(name="Second")
    sidebar = client.get(INBOX).context["sidebar"]
    assert [(str(item.view.label), item.count) for item in sidebar.brands] == [("Acme", 1), ("Second", 0)]


def test_a_teams_and_a_brands_view_hold_what_is_theirs(client, write, billing):
    one, two = (write(key, subject=f"Matter {key}").conversation for key in ("m1", "m2"))
    second = Brand.objects.create(name="Second")
    work.assign_team(conversation=one, team=billing, member=None)
    Conversation.objects.filter(pk=two.pk).update(brand=second)
    page = client.get(f"{INBOX}?view=team:{billing.pk}").text
    assert ("Matter m1" in page, "Matter m2" in page) == (True, False)
    page = client.get(f"{INBOX}?view=brand:{second.pk}").text
    assert ("Matter m1" in page, "Matter m2" in page) == (False, True)


def test_a_conversations_team_is_shown_and_offered(client, conversation, billing, other):
    work.assign_team(conversation=conversation, team=billing, member=None)
    page = client.get(f"{INBOX}{conversation.number}/").text
    assert '<span class="chip">Billing</span>' in page
    assert f'name="team" value="{other.pk}"' in page
