"""The page of search, what it answers while somebody types, and the palette."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenancy.models import Workspace
from tests.programs import letter

PAGE = "/w/acme/search/"


def statements(client, question: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(PAGE, {"q": question}).status_code == 200
    return len(captured)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_question_is_answered_with_marks_and_links(client, workspace):
    got = letter(workspace, "Where is my <parcel>?", subject="Order 7")
    shown = text_of(client.get(PAGE, {"q": "parcel"}))
    assert "Where is my &lt;<mark>parcel</mark>&gt;?" in shown
    assert f'href="/w/acme/entries/{got.entry.pk}/"' in shown
    assert "1 result<" in shown


def test_operators_stand_in_the_box_as_tokens_and_can_be_taken_away(client, workspace):
    letter(workspace, "parcel")
    shown = text_of(client.get(PAGE, {"q": 'is:open from:"Ana B" parcel'}))
    assert '<input type="hidden" name="with" value="is:open">' in shown
    assert 'value="parcel" maxlength' in shown
    assert 'href="?q=from%3A%22Ana%20B%22%20parcel"' in shown
    answer = client.get(PAGE, {"with": ["is:open", "-label:x"], "q": "parcel"})
    assert answer["Location"] == "/w/acme/search/?q=is%3Aopen+-label%3Ax+parcel"


def test_while_typing_only_what_is_found_comes_and_the_address_follows(client, workspace):
    letter(workspace, "parcel")
    answer = client.get(PAGE, {"with": "is:open", "q": "parc"}, headers={"HX-Request": "true"})
    assert answer["HX-Replace-Url"] == "/w/acme/search/?q=is%3Aopen+parc"
    assert "<html" not in answer.content.decode()
    assert "<mark>parcel</mark>" in answer.content.decode()


def test_facets_lead_to_narrower_and_wider_questions(client, workspace):
    letter(workspace, "parcel")
    shown = text_of(client.get(PAGE, {"q": "parcel in:files since:7d"}))
    assert 'href="?q=parcel%20since%3A7d" aria-current="true"' in shown
    assert 'href="?q=parcel%20in%3Afiles%20since%3A30d"' in shown
    assert 'href="?q=parcel%20in%3Afiles%20since%3A7d%20channel%3Aemail"' in shown


def test_nothing_asked_nothing_found_and_what_could_not_be_meant_are_said(client, workspace):
    assert "What are you looking for?" in text_of(client.get(PAGE))
    shown = text_of(client.get(PAGE, {"q": "xyzzy before:soon"}))
    assert "Nothing for “xyzzy before:soon”" in shown
    assert "“soon” is no day" in shown


def test_a_workspace_whose_old_messages_are_not_searched_yet_says_so(client, workspace):
    words = "Older messages are still being made searchable"
    assert words in text_of(client.get(PAGE))
    Workspace.objects.update(searched_since=workspace.created_at)
    assert words not in text_of(client.get(PAGE))


@pytest.mark.parametrize("question", ["parcel", "parcel is:open", "in:contacts parcel"])
def test_a_page_costs_the_same_for_one_hit_and_for_three(client, workspace, question):
    letter(workspace, "the parcel", sender="parcel1@cust.example", subject="parcel")
    statements(client, question)  # the first one signs in
    once = statements(client, question)
    for number in (2, 3):
        letter(workspace, "the parcel", sender=f"parcel{number}@cust.example", subject="parcel")
    assert statements(client, question) == once


def test_the_palette_offers_a_few_of_each_kind_and_the_whole_search(client, workspace):
    for number in range(6):
        letter(workspace, "parcel", sender=f"parcel{number}@cust.example", subject=f"parcel {number}")
    shown = text_of(client.get(f"{PAGE}palette/", {"q": "parcel"}))
    assert (shown.count("found-conversation"), shown.count("found-contact")) == (4, 3)
    assert 'href="/w/acme/search/?q=parcel"' in shown
    assert "role=" not in text_of(client.get(f"{PAGE}palette/", {"q": " "}))


def test_the_palette_knows_the_settings_that_the_role_allows(client, browser, admin):
    assert "settings/members/" not in text_of(client.get(f"{PAGE}palette/", {"pages": "1"}))
    assert "settings/members/" in text_of(browser(admin).get(f"{PAGE}palette/", {"pages": "1"}))


@pytest.mark.parametrize("question", ["label:\0", "from:\0", "is:\0", "before:\0", "\0", "\ud800"])
def test_what_no_database_can_hold_is_found_nowhere(client, question):
    assert client.get(PAGE, {"q": question.encode("utf-8", "surrogatepass")}).status_code == 200
