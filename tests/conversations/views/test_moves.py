"""Moving and splitting from the browser: pages that work without script, and a way back from each."""

import pytest

from conversations.models import Conversation, Entry
from conversations.queries import threads
from conversations.services import moves
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.conversations.views.test_work import take_back, undo_in


@pytest.fixture
def first(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke")


@pytest.fixture
def second(write, first):
    return write("m2", text="And my other order?", thread_keys=("m1",), starts_thread=False).entry


@pytest.fixture
def other(write, first):
    return write("m0", subject="The invoice").conversation


def at(conversation: Conversation, entry: Entry, noun: str) -> str:
    return f"{ROOT}inbox/{conversation.number}/entries/{entry.pk}/{noun}/"


def place(entry: Entry) -> int:
    found = Entry.objects.get(pk=entry.pk).conversation
    assert found is not None
    return found.number


@pytest.mark.parametrize("noun", ["split", "other-matter"])
def test_what_is_split_off_says_where_it_went_and_how_to_take_it_back(client, first, second, noun):
    response = client.post(at(first.conversation, second, noun), headers=HTMX)
    assert f'<a href="{ROOT}inbox/2/">#2</a>' in response.text
    assert place(second) == 2
    thread = client.get(f"{ROOT}inbox/1/").text
    assert f'split <b>1 message</b> off into <a href="{ROOT}inbox/2/">#2</a>' in thread
    made = client.get(f"{ROOT}inbox/2/").text
    assert "moved here by Aki Agent" in made
    assert f'from <a href="{ROOT}inbox/1/">#1</a>' in made
    undo = undo_in(response.text)
    assert undo.startswith(f"{ROOT}moves/")
    take_back(client, undo)
    assert place(second) == 1


def test_the_menu_posts_without_script(client, first, second):
    page = client.get(f"{ROOT}inbox/1/").text
    assert (
        '<form hidden id="entry-acts" method="post"><input type="hidden" name="csrfmiddlewaretoken"' in page
    )
    assert f'form="entry-acts" formaction="{at(first.conversation, second, "split")}"' in page
    response = client.post(at(first.conversation, second, "split"))
    assert (response.status_code, response["Location"]) == (302, f"{ROOT}inbox/1/")


def test_only_what_joined_can_be_another_matter(client, first, second):
    page = client.get(f"{ROOT}inbox/1/").text
    assert at(first.conversation, second, "other-matter") in page
    assert at(first.conversation, first.entry, "other-matter") not in page


def test_what_cannot_be_split_says_why(client, first, second):
    response = client.post(at(first.conversation, first.entry, "split"), headers=HTMX)
    assert response.status_code == 422
    assert "Nothing would stay behind" in response.text


def test_the_page_that_asks_lists_the_contacts_own_conversations(client, first, second, other):
    page = client.get(at(first.conversation, second, "move")).text
    assert "And my other order?" in page
    assert f'name="to" value="{other.number}"' in page
    assert 'name="to" value="1"' not in page
    assert "This is with" not in page


def test_a_number_is_looked_up_and_shown_before_it_is_chosen(client, write, first, second):
    ben = write("b1", sender=person("ben@cust.example", name="Ben Cole"), subject="Bens").conversation
    path = at(first.conversation, second, "move")
    for headers in ({}, HTMX):
        shown = client.get(path, {"number": f"#{ben.number}"}, headers=headers).text
        assert f'name="to" value="{ben.number}" form="move-form" required checked' in shown
        assert "This is with Ben Cole." in shown
    for number in ("77", "1", "x", "9" * 30):
        assert "There is no other conversation" in client.get(path, {"number": number}).text


def test_a_moved_message_is_shown_where_it_is_now(client, first, second, other):
    path = at(first.conversation, second, "move")
    response = client.post(path, {"to": other.number})
    assert response["Location"] == f"{ROOT}inbox/{other.number}/#entry-{second.pk}"
    page = client.get(response["Location"]).text
    assert f'id="entry-{second.pk}"' in page
    assert f'Moved to <a href="{ROOT}inbox/{other.number}/">#{other.number}</a>' in page
    take_back(client, undo_in(page))
    assert place(second) == 1


def test_all_that_came_after_goes_too_if_asked(client, first, second, other):
    client.post(at(first.conversation, first.entry, "move"), {"to": other.number, "rest": "on"})
    assert place(second) == other.number
    assert "moved everything to" in client.get(f"{ROOT}inbox/1/").text


@pytest.mark.parametrize("to", ["", "77", "1", "x"])
def test_a_move_to_nowhere_asks_again(client, first, second, to):
    response = client.post(at(first.conversation, second, "move"), {"to": to})
    assert response.status_code == 422
    assert place(second) == 1


def test_undoing_what_has_gone_on_is_refused_with_words(client, write, first, second, member):
    moved = moves.split(entry=second, source=first.conversation, member=member)
    write("m3", thread_keys=("m2",), starts_thread=False)
    response = client.post(f"{ROOT}moves/{moved.record.pk}/undo/", headers=HTMX)
    assert response.status_code == 422
    assert "Somebody has written in #2 since" in response.text
    assert client.post(f"{ROOT}moves/{second.pk}/undo/").status_code == 404


def test_an_address_that_lasts_leads_to_where_the_entry_is(client, write, first, second, clock):
    client.post(at(first.conversation, second, "split"))
    response = client.get(f"{ROOT}entries/{second.pk}/")
    assert response["Location"] == f"{ROOT}inbox/2/?entry={second.pk}#entry-{second.pk}"
    for number in range(threads.PAGE + 5):
        clock.shift(60)
        write(f"n-{number}", thread_keys=("m2",), starts_thread=False)
    assert f'id="entry-{second.pk}"' not in client.get(f"{ROOT}inbox/2/").text
    for query, shown in ((second.pk, True), (first.entry.pk, False), ("x", False)):
        page = client.get(f"{ROOT}inbox/2/?entry={query}").text
        assert (f'id="entry-{second.pk}"' in page) == shown


def test_the_thread_says_why_a_message_is_here(client, first, second):
    page = client.get(f"{ROOT}inbox/1/").text
    assert "It begins this conversation: there was none to join." in page
    assert "It answers a message of this conversation." in page
    assert "A known address of theirs." in page


def test_a_thread_costs_the_same_for_one_moved_entry_and_for_three(client, write, first, queries, member):
    for number in range(2, 5):
        write(f"m{number}", thread_keys=("m1",), starts_thread=False)
    costs = []
    for entry in list(Entry.objects.filter(kind="message").order_by("-pk")[:3]):
        moves.move(wanted=[entry], source=first.conversation, to=_elsewhere(write), member=member)
        costs.append(queries(f"{ROOT}inbox/{_elsewhere(write).number}/entries/"))
    assert len(set(costs)) == 1


def _elsewhere(write):
    return write("x1", sender=person("ben@cust.example"), subject="Bens").conversation
