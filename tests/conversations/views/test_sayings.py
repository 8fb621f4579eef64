"""Canned replies where one writes: offered, filled for the conversation, put in with and without a script."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import CannedReply, Conversation
from conversations.services import tools
from tests.conversations.views.conftest import HTMX, ROOT, person


@pytest.fixture
def conversation(write) -> Conversation:
    found: Conversation = write("m1", sender=person(name="Ana Lind"), subject="Lamp").conversation
    return found


@pytest.fixture
def canned(in_scope, member):
    """`canned(**fields)`: one of the agent's own."""

    def kept(by=member, **fields) -> CannedReply:
        given = {"name": "Hello", "shortcut": "hi", "text": "Hi {{contact.first_name}}, {{account.name}}!"}
        return tools.keep(tool=CannedReply(**given | fields), shared=False, by=by)

    return kept


def at(conversation: Conversation, rest: str = "") -> str:
    return f"{ROOT}inbox/{conversation.number}/canned-replies/{rest}"


def test_they_are_offered_as_options_that_say_what_they_are_found_by(
    client: Client, conversation, canned, admin
):
    mine = canned()
    canned(by=admin, name="Theirs", text="Secret")
    options = client.get(f"{at(conversation)}?in=note", headers=HTMX).text
    assert f'role="option" id="canned-note-{mine.pk}"' in options
    assert 'data-find="hi\nhello\nhi {{contact.first_name}}, {{account.name}}!"' in options
    assert ("Hi Ana, {{account.name}}!</small>" in options, "/hi</kbd>" in options) == (True, True)
    assert "Theirs" not in options


def test_one_is_filled_for_a_script_and_its_use_is_counted(client: Client, conversation, canned):
    mine = canned(html="<p>Hi <b>{{contact.name}}</b></p>")
    said = client.post(at(conversation, f"{mine.pk}/insertions/"), headers=HTMX).json()
    assert said == {
        "text": "Hi Ana, {{account.name}}!",
        "html": "<p>Hi <b>Ana Lind</b></p>",
        "missing": ["the customer's company"],
    }
    mine.refresh_from_db()
    assert mine.uses == 1


def test_without_a_script_one_is_chosen_on_a_page_and_waits_in_the_composer(
    client: Client, conversation, canned
):
    mine = canned()
    page = client.get(at(conversation)).text
    assert f'action="{at(conversation, f"{mine.pk}/insertions/")}"' in page
    for _ in range(2):
        response = client.post(at(conversation, f"{mine.pk}/insertions/"))
    shown = client.get(response["Location"]).text
    assert "Hi Ana, {{account.name}}!\n\nHi Ana, {{account.name}}!</textarea>" in shown
    assert "Not known here, to be filled in: the customer&#x27;s company" in shown.replace("&#39;", "&#x27;")


def test_what_cannot_be_used_is_not_there(client: Client, conversation, canned, admin):
    theirs, gone = canned(by=admin), canned()
    tools.archive(tool=gone, by=gone.owner)
    for one in (theirs, gone):
        assert client.post(at(conversation, f"{one.pk}/insertions/"), headers=HTMX).status_code == 404


def test_the_list_costs_the_same_however_long(client: Client, conversation, canned):
    costs = []
    for number in range(3):
        canned(name=f"C{number}", shortcut="")
        with CaptureQueriesContext(connection) as captured:
            assert f"C{number}" in client.get(at(conversation), headers=HTMX).text
        costs.append(len(captured))
    assert costs[1] == costs[2]
