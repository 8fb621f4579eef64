"""Reports of browsers, and what the thread's head says of them."""

from uuid import uuid4

import pytest

from conversations.models import Effort
from conversations.services.effort import spend
from tests.conversations.views.conftest import HTMX, ROOT


@pytest.fixture
def conversation(write):
    return write("m1").conversation


@pytest.fixture
def report(client, conversation):
    """`report(seconds="30")`: what the browser posts, with an id."""

    def posted(**fields: str):
        return client.post(f"{ROOT}inbox/{conversation.number}/effort/", {"report": uuid4().hex} | fields)

    return posted


def test_a_report_is_counted_for_the_member_who_makes_it(report, member):
    response = report(seconds="30", member="1")
    assert (response.status_code, response.content) == (204, b"")
    assert Effort.objects.values_list("member", "seconds").get() == (member.pk, 30)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "seconds"),
        ({"seconds": "0"}, "seconds"),
        ({"seconds": "-3"}, "seconds"),
        ({"seconds": "a while"}, "seconds"),
        ({"seconds": "NaN"}, "seconds"),
        ({"seconds": "30", "report": ""}, "report"),
        ({"seconds": "30", "report": "x" * 5000}, "report"),
    ],
)
def test_what_is_no_report_is_refused(report, fields, word):
    response = report(**fields)
    assert response.status_code == 422
    assert response.text.startswith(f"* {word}")
    assert not Effort.objects.exists()


def test_however_much_is_said_only_what_can_be_true_is_counted(report):
    assert report(seconds="9" * 30).status_code == 204
    assert Effort.objects.get().seconds == 300


def test_it_is_posted_to_a_conversation_that_is_there(client, in_scope):
    assert client.post(f"{ROOT}inbox/404/effort/", {"seconds": "30"}).status_code == 404


def test_reading_it_is_not_offered(client, conversation):
    assert client.get(f"{ROOT}inbox/{conversation.number}/effort/").status_code == 405


def test_the_head_says_how_long_and_by_whom(client, conversation, member, owner, clock):
    page = f"{ROOT}inbox/{conversation.number}/"
    assert f'data-effort="{page}effort/"' in client.get(page).text
    assert "Time we spent on it" not in client.get(page).text
    spend(conversation=conversation, member=member, seconds=240, report=uuid4())
    spend(conversation=conversation, member=owner, seconds=70, report=uuid4())
    for shown in (client.get(page).text, client.get(f"{page}entries/", headers=HTMX).text):
        words = shown.partition("data-effort=")[2].partition("</details>")[0]
        assert "</span> 5 min</summary>" in words
        assert "<dt>Aki Agent</dt><dd>4 min</dd><dt>Olga Owner</dt><dd>1 min</dd>" in words


def test_the_page_costs_the_same_with_effort_of_one_and_of_three(queries, conversation, owner, admin):
    page = f"{ROOT}inbox/{conversation.number}/"
    spend(conversation=conversation, member=owner, seconds=10, report=uuid4())
    one = queries(page)
    for seconds in (10, 20):
        spend(conversation=conversation, member=admin, seconds=seconds, report=uuid4())
    assert queries(page) == one
