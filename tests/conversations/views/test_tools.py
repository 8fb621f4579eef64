"""Settings pages of canned replies and macros."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import CannedReply, Label, Macro
from conversations.services import tools
from conversations.services.macros.keeping import keep_macro
from tests.conversations.views.conftest import ROOT, person
from tests.people import browser_of

CANNED, MACROS = f"{ROOT}settings/canned-replies/", f"{ROOT}settings/macros/"
HELLO = {"name": "Hello", "shortcut": "hi", "text": "Hi {{contact.first_name|there}},\r\n\r\nthanks"}


@pytest.fixture
def canned(in_scope, member):
    """`canned(**fields)`: one of the agent's own, or, `shared`, everybody's."""

    def kept(*, shared: bool = False, by=member, **fields) -> CannedReply:
        return tools.keep(tool=CannedReply(**{"name": "Bye", "text": "Bye"} | fields), shared=shared, by=by)

    return kept


def undo_in(text: str) -> str:
    return text.partition('id="toasts"')[2].partition('hx-post="')[2].partition('"')[0]


def test_an_agent_makes_one_of_their_own(client: Client, in_scope, member):
    response = client.post(f"{CANNED}new/", HELLO | {"share": "all"})
    assert (response.status_code, response["Location"]) == (302, CANNED)
    made = CannedReply.objects.get()
    assert (made.owner, made.text) == (member, "Hi {{contact.first_name|there}},\n\nthanks")
    assert "Hello is saved." in client.get(CANNED).text


def test_a_manager_shares_one(admin, in_scope):
    browser_of(admin).post(f"{CANNED}new/", HELLO | {"share": "all"})
    assert CannedReply.objects.get().is_shared


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"text": "{{contact.shoe}}"}, "There is no variable {{contact.shoe}}."),
        ({"shortcut": "a b"}, "Only letters, digits, - and _."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Client, in_scope, wrong, why):
    response = client.post(f"{CANNED}new/", HELLO | {"text": "Typed"} | wrong)
    assert response.status_code == 422
    assert why in response.text
    assert (wrong.get("text") or "Typed") in response.text
    assert CannedReply.objects.count() == 0


def test_a_preview_reads_as_it_would_in_a_conversation(client: Client, write):
    write("m1", sender=person(name="Ana Lind"))
    other = write("m2", sender=person("bo@cust.example")).conversation
    asked = {"text": "Hi {{contact.name}} {{shoe}}", "preview": "yes"}
    first = client.post(f"{CANNED}new/", asked | {"number": "1"})
    assert (first.status_code, "<p>Hi Ana Lind {{shoe}}</p>" in first.text) == (200, True)
    assert "There is no variable {{shoe}}." in first.text
    page = client.post(f"{CANNED}new/", asked | {"number": f"#{other.number}"}).text
    assert "Not known there: the customer&#39;s name" in page
    assert "There is no such conversation." in client.post(f"{CANNED}new/", asked | {"number": "99"}).text


def test_what_is_shared_is_seen_and_copied_by_agents_and_changed_by_managers(client: Client, admin, canned):
    ours = canned(shared=True, by=admin, text="Bye all")
    page = client.get(f"{CANNED}{ours.pk}/").text
    assert ("Bye all" in page, "Managers change what is shared" in page, ">Save<" in page) == (
        True,
        True,
        False,
    )
    assert client.post(f"{CANNED}{ours.pk}/", HELLO).status_code == 403
    assert client.post(f"{CANNED}{ours.pk}/archival/").status_code == 403
    copy = client.get(f"{CANNED}new/?copy={ours.pk}").text
    assert ("Bye all" in copy, ">Save<" in copy) == (True, True)
    assert browser_of(admin).post(f"{CANNED}{ours.pk}/", HELLO | {"share": "all"}).status_code == 302


def test_somebody_elses_own_is_not_there(client: Client, admin, canned):
    theirs = canned(by=admin)
    assert client.get(f"{CANNED}{theirs.pk}/").status_code == 404
    assert client.get(f"{CANNED}new/?copy={theirs.pk}").status_code == 404
    assert "Bye" not in client.get(CANNED).text


def test_html_goes_with_the_text_that_it_said(client: Client, canned):
    mine = canned(html="<p>B<b>y</b>e</p>")
    client.post(f"{CANNED}{mine.pk}/", {"name": "Bye", "text": "Bye"})
    mine.refresh_from_db()
    assert mine.html == "<p>B<b>y</b>e</p>"
    client.post(f"{CANNED}{mine.pk}/", {"name": "Bye", "text": "Good bye"})
    mine.refresh_from_db()
    assert (mine.text, mine.html) == ("Good bye", "")


def test_one_is_archived_and_taken_back(client: Client, canned):
    mine = canned()
    answer = client.post(f"{CANNED}{mine.pk}/archival/", follow=True)
    assert "Bye is archived." in answer.text
    assert "Bye" in client.get(f"{CANNED}?archived").text
    undo = urlsplit(undo_in(answer.text))
    back = client.post(undo.path, dict(parse_qsl(undo.query)), follow=True).text
    assert ("Bye is back." in back, undo_in(back)) == (True, "")


@pytest.mark.parametrize("page", [CANNED, MACROS])
def test_a_list_costs_the_same_however_long(client: Client, in_scope, member, page):
    costs = []
    for number in range(3):
        tools.keep(tool=CannedReply(name=f"C{number}", text="x"), shared=False, by=member)
        keep_macro(macro=Macro(name=f"M{number}"), actions=[{"do": "spam"}], shared=False, by=member)
        with CaptureQueriesContext(connection) as captured:
            assert f"{number}</a>" in client.get(page).text
        costs.append(len(captured))
    assert costs[1] == costs[2]


def edit(client: Client, path: str = f"{MACROS}new/", **said: str) -> str:
    response = client.post(path, {"name": "Close", "count": "0"} | said)
    assert response.status_code == 200
    return response.text


def order(page: str) -> list[str]:
    return [part.partition("</legend>")[0] for part in page.split('<legend class="sr-only">')[1:]]


def test_actions_are_added_moved_and_removed_without_script(client: Client, in_scope):
    two = {"count": "2", "0-do": "note", "0-text": "Kept words", "1-do": "spam"}
    assert order(edit(client, edit="add", add="priority", **two)) == [
        "Add a note",
        "Mark as spam",
        "Set the priority",
    ]
    moved = edit(client, edit="up:1", **two)
    assert (order(moved), "Kept words" in moved) == (["Mark as spam", "Add a note"], True)
    assert order(edit(client, edit="down:1", **two)) == ["Add a note", "Mark as spam"]
    assert order(edit(client, edit="remove:0", **two)) == ["Mark as spam"]
    assert order(edit(client, edit="remove:7", **two)) == ["Add a note", "Mark as spam"]
    assert Macro.objects.count() == 0


def test_the_focus_stays_with_what_was_moved_and_goes_to_what_was_added(client: Client, in_scope):
    two = {"count": "2", "0-do": "note", "1-do": "spam"}

    def focused(page: str) -> str:
        tag = page.partition('id="macro-form"')[2].partition(" autofocus")[0].rpartition("<")[2]
        return tag.partition('value="')[2].partition('"')[0] or tag.partition('name="')[2].partition('"')[0]

    assert focused(edit(client, edit="up:1", **two)) == "up:0"
    assert focused(edit(client, edit="remove:1", **two)) == "remove:0"
    assert focused(edit(client, edit="add", add="note", **two)) == "2-text"
    assert focused(edit(client, edit="add", add="spam", **two)) == "remove:2"


def test_a_macro_is_saved_and_shown_as_it_was_said(client: Client, in_scope, member, admin):
    label = Label.objects.create(name="returns")
    said = {
        "name": "Close",
        "count": "4",
        "0-do": "reply",
        "0-text": "Done",
        "0-send": "no",
        "0-canned": "",
        "1-do": "assign",
        "1-assignee": str(admin.pk),
        "2-do": "status",
        "2-status": "snoozed",
        "2-hours": "4",
        "3-do": "label",
        "3-label": str(label.pk),
    }
    assert client.post(f"{MACROS}new/", said)["Location"] == MACROS
    made = Macro.objects.get()
    assert (made.owner, made.actions) == (
        member,
        [
            {"do": "reply", "canned": None, "text": "Done", "send": False},
            {"do": "assign", "assignee": str(admin.pk)},
            {"do": "status", "status": "snoozed", "hours": 4},
            {"do": "label", "label": label.pk},
        ],
    )
    page = client.get(f"{MACROS}{made.pk}/").text
    assert order(page) == ["Reply", "Assign", "Set the status", "Add a label"]
    assert f'<option value="{label.pk}" selected>returns</option>' in page
    assert '<option value="no" selected>' in page


def test_what_is_wrong_with_a_macro_is_said(client: Client, in_scope):
    empty = client.post(f"{MACROS}new/", {"name": "X", "count": "0"})
    assert (empty.status_code, "A macro needs an action." in empty.text) == (422, True)
    said = {"name": "X", "count": "1", "0-do": "reply", "0-send": "yes", "0-text": ""}
    assert "Action 1: Write the text." in client.post(f"{MACROS}new/", said).text
    said = {"name": "", "count": "1", "0-do": "note", "0-text": "Kept words"}
    page = client.post(f"{MACROS}new/", said)
    assert (page.status_code, "Kept words" in page.text) == (422, True)


def test_the_editor_costs_the_same_however_many_actions_there_are(client: Client, in_scope):
    label = Label.objects.create(name="returns")
    client.get(f"{MACROS}new/")  # what only a first visit does
    costs = []
    for count in (1, 3):
        said = {"count": str(count), "edit": "up:0"}
        for place in range(count):
            said |= {f"{place}-do": "label", f"{place}-label": str(label.pk)}
        with CaptureQueriesContext(connection) as captured:
            edit(client, **said)
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_a_shared_macro_is_the_managers(client: Client, admin, in_scope):
    ours = keep_macro(macro=Macro(name="Ours"), actions=[{"do": "spam"}], shared=True, by=admin)
    page = client.get(f"{MACROS}{ours.pk}/").text
    assert ("Managers change what is shared" in page, ">Save<" in page) == (True, False)
    said = {"name": "Mine", "count": "1", "0-do": "spam"}
    assert client.post(f"{MACROS}{ours.pk}/", said).status_code == 403
    copied = client.get(f"{MACROS}new/?copy={ours.pk}").text
    assert (order(copied), ">Save<" in copied) == (["Mark as spam"], True)
    answer = browser_of(admin).post(f"{MACROS}{ours.pk}/archival/", follow=True).text
    assert "Ours is archived." in answer


def test_a_file_is_taken_in_whole_and_given_out(client: Client, in_scope, member):
    def take(content: bytes) -> str:
        file = SimpleUploadedFile("replies.csv", content, "text/csv")
        return client.post(f"{CANNED}sheet/import/", {"sheet": file}, follow=True).text

    assert "2 canned replies are kept." in take(b"name,text\nA,Ahoy\nB,Bye\n")
    assert "Line 2: There is no variable {{shoe}}." in take(b"name,text\nC,{{shoe}}\n")
    assert "The file is not in UTF-8." in take(b"name,text\nC,\xff\n")
    response = client.get(f"{CANNED}sheet/")
    assert response["Content-Disposition"] == 'attachment; filename="canned-replies.csv"'
    assert response.text.splitlines()[1:] == ["A,,Ahoy,,,,no", "B,,Bye,,,,no"]


def test_an_editor_says_the_text_by_its_html(client: Client, in_scope):
    rich = "<div>Hi {{contact.first_name|there}}</div><ul><li><b>One</b></li></ul><script>x</script>"
    page = client.post(f"{CANNED}new/", HELLO | {"html": rich, "preview": "yes"}).text
    assert ">Save<" in page
    client.post(f"{CANNED}new/", HELLO | {"html": rich})
    made = CannedReply.objects.get()
    assert (made.text, made.html) == (
        "Hi {{contact.first_name|there}}\n\n- One",
        "<div>Hi {{contact.first_name|there}}</div><ul><li><b>One</b></li></ul>",
    )
    client.post(f"{CANNED}{made.pk}/", HELLO | {"html": "<div>Plain</div>"})
    made.refresh_from_db()
    assert (made.text, made.html) == ("Plain", "")
