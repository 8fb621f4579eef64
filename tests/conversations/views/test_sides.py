"""Side conversations on their pages."""

import json
from io import BytesIO

import pytest

from conversations.models import Attachment, Conversation, Delivery, Effort, Entry, EntryBody, Mention
from conversations.services import work
from conversations.services.reply import Draft
from conversations.services.sides import ask_colleagues, ask_outside
from conversations.types import IncomingFile

from .conftest import HTMX, ROOT, person

DHL = "claims@dhl.example"
NEW = f"{ROOT}inbox/1/sides/new/"
OUTSIDE = {"whom": "outside", "address": DHL, "subject": "Parcel 00340", "text": "Where is it?"}


def content_of(file):
    with file.file.open("rb") as opened:
        return opened.read()


@pytest.fixture
def parent(write, member):
    conversation = write("m1", subject="My parcel", text="It is lost.\nPlease help.").conversation
    return work.take(conversation=conversation, member=member)


@pytest.fixture
def ask(parent, mail, member):
    def asked(number=1):
        return ask_outside(
            parent=parent,
            channel=mail,
            address=f"desk{number}@dhl.example",
            subject=f"Parcel {number}",
            draft=Draft("Where is it?"),
            member=member,
        ).conversation

    return asked


@pytest.fixture
def ask_inside(parent, admin, member):
    def asked():
        return ask_colleagues(
            parent=parent, colleagues=[admin], subject="Refund?", text="May I?", member=member
        ).conversation

    return asked


def test_a_third_party_is_asked_by_a_form_alone(client, parent):
    assert "Ask aside" in client.get(NEW).text
    response = client.post(NEW, OUTSIDE)
    side = Conversation.objects.get(kind="side")
    assert (response.status_code, response["Location"]) == (302, f"{ROOT}inbox/{side.number}/")
    assert [row.identity.value for row in Delivery.objects.all()] == [DHL]


def test_with_script_it_opens_in_the_pane(client, parent):
    form = client.get(NEW, headers=HTMX)
    assert "<html" not in form.text
    response = client.post(NEW, OUTSIDE, headers=HTMX)
    assert response.status_code == 204
    where = json.loads(response["HX-Location"])
    assert where["target"] == "#thread"
    assert "Asked. The customer does not see it." in client.get(where["path"], headers=HTMX).text


def test_what_a_browser_sends_again_is_asked_once(client, parent, admin):
    inside = {"whom": "inside", "members": admin.pk, "subject": "Refund?", "text": "May I?", "writer": "a1b2"}
    first, again = (client.post(NEW, inside, headers=HTMX)["HX-Location"] for _ in range(2))
    assert first == again
    client.post(NEW, inside | {"text": "May I, today?"}, headers=HTMX)
    client.post(NEW, inside | {"writer": "c3d4"}, headers=HTMX)
    assert Conversation.objects.filter(kind="side").count() == 3


def test_colleagues_are_asked(client, parent, admin):
    client.post(NEW, {"whom": "inside", "members": [admin.pk], "subject": "Refund?", "text": "May I?"})
    assert [row.member for row in Mention.objects.all()] == [admin]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"address": ""}, "Say whom to write to."),
        ({"address": "dhl"}, "Enter a valid email address."),
        ({"address": "ana@cust.example"}, "takes part in #1"),
        ({"text": ""}, "Write something first."),
        ({"whom": "inside"}, "Choose a colleague to ask."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, parent, change, words):
    response = client.post(NEW, OUTSIDE | change, headers=HTMX)
    assert response.status_code == 422
    assert words in response.text
    assert "Parcel 00340" in response.text
    assert not Conversation.objects.filter(kind="side").exists()


def test_without_a_channel_that_can_send_it_says_so(client, parent, mail):
    mail.is_enabled = False
    mail.save()
    assert "No mail channel of this brand can send" in client.post(NEW, OUTSIDE).text


def test_only_what_is_ticked_goes_along(client, parent, write, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    slip, other = (IncomingFile(f"{name}.txt", "text/plain", name.encode()) for name in ("slip", "other"))
    second = write("m2", text="Not this.", thread_keys=("m1",), starts_thread=False, files=(slip, other))
    first = parent.entries.get(external_id="m1")
    upload = BytesIO(b"mine")
    upload.name = "mine.txt"
    sent = OUTSIDE | {
        "quotes": [first.pk],
        "enclosed": [second.entry.attachments.get(name="slip.txt").pk],
        "uploads": upload,
    }
    client.post(NEW, sent)
    entry = Entry.objects.get(direction="out")
    assert EntryBody.objects.get(entry=entry).text == (
        "Where is it?\n\nOn 2 March 2026, 09:00 the customer wrote:\n> It is lost.\n> Please help."
    )
    copies = Attachment.objects.filter(entry=entry).order_by("name")
    assert [(file.name, content_of(file)) for file in copies] == [
        ("mine.txt", b"mine"),
        ("slip.txt", b"slip"),
    ]
    assert second.entry.attachments.count() == 2


def test_what_belongs_elsewhere_cannot_go_along(client, parent, write):
    foreign = write("x1", sender=person("bob@else.example"), text="Secret").entry
    response = client.post(NEW, OUTSIDE | {"quotes": [foreign.pk]})
    assert response.status_code == 422
    assert not Conversation.objects.filter(kind="side").exists()


def test_notes_cannot_be_quoted(client, parent, member):
    note = client.post(f"{ROOT}inbox/1/notes/", {"text": "Between us"})
    assert note.status_code == 302
    entry = Entry.objects.get(kind="note")
    assert client.post(NEW, OUTSIDE | {"quotes": [entry.pk]}).status_code == 422


def test_the_matter_lists_them(client, ask, ask_inside, write):
    side = ask()
    ask_inside()
    first = side.entries.get(kind="message")
    sender = person("desk1@dhl.example")
    write("d1", sender=sender, thread_keys=(first.external_id,), text="Tomorrow.", starts_thread=False)
    page = client.get(f"{ROOT}inbox/1/").context["sides"]
    assert [(row.subject, row.whom, row.preview, row.is_unread) for row in page] == [
        ("Refund?", "Ada Admin", "May I?", False),
        ("Parcel 1", "desk1@dhl.example", "Tomorrow.", True),
    ]
    client.post(f"{ROOT}inbox/{side.number}/seen/")
    client.post(f"{ROOT}inbox/{side.number}/resolution/")
    fragment = client.get(f"{ROOT}inbox/1/entries/", headers=HTMX)
    assert [(row.subject, row.is_unread, row.is_done) for row in fragment.context["sides"]] == [
        ("Refund?", False, False),
        ("Parcel 1", False, True),
    ]
    assert 'id="sides"' in fragment.text


def test_the_colleague_finds_it_unread_and_under_the_other_name(browser, ask_inside, admin):
    ask_inside()
    theirs = browser(admin)
    (row,) = theirs.get(f"{ROOT}inbox/1/").context["sides"]
    assert (row.whom, row.is_unread) == ("Aki Agent", True)
    assert "Refund?" in theirs.get(f"{ROOT}inbox/?view=mentions").text


def test_a_side_conversation_is_marked_and_leads_back(client, parent, ask):
    page = client.get(f"{ROOT}inbox/{ask().number}/")
    assert "the customer never sees this" in page.text
    assert f'href="{ROOT}inbox/1/?view=' in page.text
    assert [way.identity.value for way in page.context["ways"]] == ["desk1@dhl.example"]
    assert page.context["contact"].name == "desk1@dhl.example"


def test_an_aside_of_colleagues_is_about_the_customer_and_writes_notes(client, parent, ask_inside):
    side = ask_inside()
    page = client.get(f"{ROOT}inbox/{side.number}/")
    assert (page.context["ways"], page.context["mode"]) == ([], "note")
    assert page.context["contact"] == parent.contact


def test_a_reply_goes_to_the_third_party(client, parent, ask, mail):
    side = ask()
    identity = side.participants.get().identity
    way = {"way": f"{mail.pk}:{identity.pk}", "text": "And?", "then": "pending"}
    assert client.post(f"{ROOT}inbox/{side.number}/reply/", way).status_code == 302
    customer = parent.contact.identities.get()
    wrong = client.post(
        f"{ROOT}inbox/{side.number}/reply/", way | {"way": f"{mail.pk}:{customer.pk}"}, headers=HTMX
    )
    assert wrong.status_code == 422
    assert {row.identity for row in Delivery.objects.all()} == {identity}


def test_none_is_asked_about_a_side_conversation(client, parent, ask):
    response = client.get(f"{ROOT}inbox/{ask().number}/sides/new/")
    assert response["Location"] == NEW


def test_time_spent_aside_is_spent_on_the_matter(client, parent, ask):
    report = {"seconds": 30, "report": "7c9f9b1e-8a3a-4d0e-9a52-0b3a3f7d6a11"}
    assert client.post(f"{ROOT}inbox/{ask().number}/effort/", report).status_code == 204
    assert {row.conversation for row in Effort.objects.all()} == {parent}


def test_three_cost_as_much_as_one(queries, parent, ask):
    ask(1)
    once = queries(f"{ROOT}inbox/1/")
    ask(2)
    ask(3)
    assert queries(f"{ROOT}inbox/1/") == once
