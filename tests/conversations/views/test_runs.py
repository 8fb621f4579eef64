"""Running a macro in a conversation: chosen, looked at, run, taken back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, Delivery, Entry, Macro
from conversations.services.macros.keeping import keep_macro
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.people import browser_of

CLOSE = [
    {"do": "reply", "text": "Hi {{contact.first_name}}, done."},
    {"do": "status", "status": "resolved"},
]


@pytest.fixture
def conversation(write) -> Conversation:
    found: Conversation = write("m1", sender=person(name="Ana Lind"), subject="Lamp").conversation
    return found


@pytest.fixture
def macro(in_scope, member):
    """`macro(*actions)`: one of the agent's own."""
    return lambda *actions, name="Close": keep_macro(
        macro=Macro(name=name), actions=list(actions), shared=False, by=member
    )


def at(conversation: Conversation, rest: str = "") -> str:
    return f"{ROOT}inbox/{conversation.number}/macros/{rest}"


def undo_in(text: str) -> str:
    return text.partition('id="toasts"')[2].partition('hx-post="')[2].partition('"')[0]


def status(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.status


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_macros_are_offered_as_a_menu_and_as_a_page(client: Client, conversation, macro, admin, headers):
    made = macro(*CLOSE)
    offered = client.get(at(conversation), headers=headers).text
    assert f'href="{at(conversation, f"{made.pk}/")}"' in offered
    assert ("<html" in offered) == (headers == {})
    assert (
        at(conversation, f"{made.pk}/") not in browser_of(admin).get(at(conversation), headers=headers).text
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_it_would_do_is_said_before_it_is_done(client: Client, conversation, macro, headers):
    page = client.get(at(conversation, f"{macro(*CLOSE).pk}/"), headers=headers).text
    for words in ("Reply by Support to ana@cust.example", "Hi Ana, done.", "Resolve"):
        assert words in page
    assert ">Run" in page
    assert status(conversation) == "open"


def test_where_it_cannot_be_run_it_says_why_and_offers_nothing(client: Client, conversation, macro):
    made = macro({"do": "reply", "text": "For {{account.name}}"})
    page = client.get(at(conversation, f"{made.pk}/"), headers=HTMX).text
    assert "It cannot be run here" in page
    assert "The reply needs what is not known here: the customer&#39;s company." in page
    assert ">Run" not in page
    response = client.post(at(conversation, f"{made.pk}/runs/"), headers=HTMX)
    assert (response.status_code, Delivery.objects.count()) == (422, 0)


def test_a_run_and_its_undo(client: Client, conversation, macro):
    response = client.post(at(conversation, f"{macro(*CLOSE).pk}/runs/"), headers=HTMX)
    assert "Ran “Close”" in response.text
    assert status(conversation) == "resolved"
    answer = client.post(undo_in(response.text))
    assert answer["Location"] == f"{ROOT}inbox/{conversation.number}/"
    page = client.get(answer["Location"]).text
    assert ("Hi Ana, done.</textarea>" in page, status(conversation)) == (True, "open")
    assert "took the macro “<b>Close</b>” back" in page
    again = client.post(undo_in(response.text), headers=HTMX)
    assert (again.status_code, "taken back already" in again.text) == (422, True)


def test_an_undo_without_a_reply_stays_on_the_page(client: Client, conversation, macro):
    response = client.post(at(conversation, f"{macro({'do': 'spam'}).pk}/runs/"), headers=HTMX)
    answer = client.post(undo_in(response.text), headers=HTMX)
    assert (answer.status_code, "Taken back" in answer.text) == (200, True)
    conversation.refresh_from_db()
    assert not conversation.is_spam


def test_what_came_meanwhile_is_read_first(client: Client, conversation, macro, write):
    seen = Entry.objects.latest("pk").pk
    write("m2", text="One more", thread_keys=("m1",), starts_thread=False)
    path = at(conversation, f"{macro(*CLOSE).pk}/runs/")
    response = client.post(path, {"seen": seen}, headers=HTMX)
    assert (response.status_code, "Somebody has written meanwhile" in response.text) == (422, True)
    assert client.post(path, {"seen": Entry.objects.latest("pk").pk}, headers=HTMX).status_code == 200


def test_the_menu_costs_the_same_however_many_there_are(client: Client, conversation, macro):
    costs = []
    for number in range(3):
        macro(*CLOSE, name=f"M{number}")
        with CaptureQueriesContext(connection) as captured:
            assert f"M{number}" in client.get(at(conversation), headers=HTMX).text
        costs.append(len(captured))
    assert costs[1] == costs[2]


def test_a_text_for_the_composer_waits_there(client: Client, conversation, macro):
    made = macro({"do": "reply", "text": "Hi {{contact.first_name}}", "send": False}, {"do": "spam"})
    response = client.post(at(conversation, f"{made.pk}/runs/"), headers=HTMX)
    assert (response.status_code, Delivery.objects.count()) == (204, 0)
    page = client.get(response["HX-Redirect"]).text
    assert ("Hi Ana</textarea>" in page, "Ran “Close”" in page) == (True, True)
