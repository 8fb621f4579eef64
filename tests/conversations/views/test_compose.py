"""Writing from the browser: what was typed is never lost."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.services.people import add_identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody, KeptDraft, Mention
from conversations.services import drafts, moves
from conversations.services.optouts import opt_out
from conversations.types import Capabilities
from tests.conversations.views.conftest import HTMX, ROOT, person
from tests.senders import senders


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation


@pytest.fixture
def answer(client, conversation, mail):
    """`answer(text=…)`: post a reply to Ana by mail."""

    def posted(headers=HTMX, **fields):
        identity = conversation.contact.identities.get(kind="email")
        form = {"way": f"{mail.pk}:{identity.pk}", "text": "On it.", "cc": ""} | fields
        return client.post(f"{ROOT}inbox/{conversation.number}/reply/", form, headers=headers)

    return posted


def outgoing() -> list[Entry]:
    return list(Entry.objects.filter(direction="out").order_by("id"))


def test_a_reply_leaves_an_empty_composer_and_a_way_back(answer, conversation):
    response = answer()
    (entry,) = outgoing()
    assert EntryBody.objects.get(entry=entry).text == "On it."
    assert "Reply to Ana Lind is on its way" in response.text
    assert f'hx-post="/w/acme/entries/{entry.pk}/undo/"' in response.text
    assert f'name="seen" value="{entry.pk}"' in response.text
    assert "On it." not in response.text
    conversation.refresh_from_db()
    assert conversation.status == "pending"


@pytest.mark.parametrize(("then", "status"), [("", "pending"), ("open", "open"), ("resolved", "resolved")])
def test_sending_moves_the_conversation_as_told(answer, conversation, then, status):
    answer(then=then)
    conversation.refresh_from_db()
    assert conversation.status == status


def test_without_script_the_page_comes_back_whole(answer, conversation):
    response = answer(headers={})
    assert response.status_code == 302
    assert response["Location"] == f"/w/acme/inbox/{conversation.number}/"


def test_rich_text_is_kept_clean_with_its_words_and_shown_in_place(answer, client, conversation):
    answer(text="ignored", html="<div>On <b onclick=x()>it</b></div><ul><li>now</li></ul>")
    (entry,) = outgoing()
    body = EntryBody.objects.get(entry=entry)
    assert (body.text, body.html) == ("On it\n\n- now", "<div>On <b>it</b></div><ul><li>now</li></ul>")
    page = client.get(f"{ROOT}inbox/{conversation.number}/").text
    assert '<div class="entry-body" data-rich dir="auto"><div>On <b>it</b></div>' in page


def test_html_that_says_no_more_than_its_words_is_not_kept(answer):
    answer(text="ignored", html="<div>On it</div><div><br></div>now")
    body = EntryBody.objects.get(entry=outgoing()[0])
    assert (body.text, body.html) == ("On it\n\nnow", "")


def test_a_way_of_plain_text_gets_the_words_alone(answer, conversation, sms, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("sms", limits=Capabilities()))
    number = add_identity(contact=conversation.contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    answer(way=f"{sms.pk}:{number.pk}", text="ignored", html="<b>On</b> it")
    body = EntryBody.objects.get(entry=outgoing()[0])
    assert (body.text, body.html) == ("On it", "")


def test_copies_are_as_typed(answer):
    answer(cc="Ben@Cust.example; eva@cust.example")
    assert outgoing()[0].data["cc"] == ["Ben@Cust.example".lower(), "eva@cust.example"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "  "}, "Write something first."),
        ({"way": ""}, "Choose how to answer."),
        ({"way": "7:7"}, "This address can no longer be reached."),
        ({"cc": "nobody"}, "Enter a valid e"),
        ({"cc": ", ".join(f"c{number}@cust.example" for number in range(51))}, "At most 50 copies."),
    ],
)
def test_what_cannot_be_sent_says_why_and_keeps_the_composer(answer, fields, words):
    response = answer(**fields)
    assert response.status_code == 422
    assert words in response.text
    assert response["HX-Retarget"] == "#trouble-reply"
    assert "<textarea" not in response.text
    assert outgoing() == []


def test_a_way_that_was_closed_meanwhile_says_why_and_brings_those_that_are_open(
    answer, conversation, mail, sms
):
    number = add_identity(contact=conversation.contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    opt_out(channel=sms, identity=number)
    address = conversation.contact.identities.get(kind="email")
    response = answer(way=f"{sms.pk}:{number.pk}", cc="ben@cust.example")
    assert response.status_code == 422
    assert "They asked for no more messages here (STOP)." in response.text
    assert "Choose another way." in response.text
    picker = response.text.partition('id="reply-by"')[2]
    assert 'hx-swap-oob="true"' in picker
    assert f'value="{mail.pk}:{address.pk}" checked' in picker
    assert f'value="{sms.pk}:{number.pk}"' not in picker
    assert 'value="ben@cust.example"' in picker


def test_without_script_the_composer_comes_back_as_it_was(answer):
    response = answer(headers={}, text="My long answer", cc="nobody")
    assert response.status_code == 422
    assert "My long answer</textarea>" in response.text
    assert 'value="nobody"' in response.text


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"text": "Dear {{contact.first_name}}"}, "blank", "Something is to be filled in"),
        ({"text": "It is ATTACHED."}, "file", "Is a file missing?"),
        (
            {"cc": ", ".join(f"c{number}@cust.example" for number in range(10))},
            "many",
            "Do all of them need it?",
        ),
    ],
)
def test_what_gives_cause_for_worry_is_asked_about_once(answer, conversation, fields, kind, words):
    response = answer(**fields, then="resolved")
    assert response.status_code == 409
    assert words in response.text
    assert f'name="asked" value="{kind}"' in response.text
    assert 'name="then" value="resolved"' in response.text
    assert outgoing() == []
    assert answer(**fields, asked=kind).status_code == 200
    assert len(outgoing()) == 1


def test_words_within_words_and_a_file_that_is_there_give_no_cause(answer):
    file = SimpleUploadedFile("list.csv", b"1,2,3", "text/csv")
    assert answer(text="The list is attached.", uploads=file).status_code == 200
    assert answer(text="We reattach it ourselves.").status_code == 200


def test_a_reply_waits_when_the_customer_wrote_meanwhile(answer, write):
    seen = Entry.objects.latest("id").pk
    newer = write("m2", text="Wait, hold on!", thread_keys=("m1",), starts_thread=False).entry
    response = answer(seen=seen)
    assert response.status_code == 409
    assert "Held: somebody wrote while you were answering" in response.text
    assert "Wait, hold on!" in response.text
    assert f'name="seen" value="{newer.pk}"' in response.text
    assert outgoing() == []
    assert answer(seen=newer.pk).status_code == 200
    assert len(outgoing()) == 1


@pytest.fixture
def elsewhere(write, conversation, member) -> Conversation:
    """Where all of the conversation has gone."""
    to: Conversation = write("m8", sender=person(name="Ana Lind"), subject="The same").conversation
    said = list(Entry.objects.filter(conversation=conversation, kind="message"))
    moves.move(wanted=said, source=conversation, to=to, member=member)
    return to


def test_a_reply_waits_where_all_went_elsewhere(answer, client, conversation, elsewhere):
    response = answer(text="On it.", warned="7", then="resolved")
    assert response.status_code == 409
    assert f"This conversation went on as #{elsewhere.number}" in response.text
    assert response["HX-Retarget"] == "#trouble-reply"
    going_on = f"{ROOT}inbox/{conversation.number}/draft/going-on/"
    assert f'formaction="{going_on}" hx-post="{going_on}"' in response.text
    assert 'name="here"' in response.text
    for name, value in (("warned", "7"), ("then", "resolved")):
        assert f'<input type="hidden" name="{name}" value="{value}" form="reply">' in response.text
    assert outgoing() == []
    assert answer(text="On it.", here="yes").status_code == 200
    assert [entry.conversation_id for entry in outgoing()] == [conversation.pk]
    assert answer(text="And that").status_code == 200


def test_what_was_to_be_answered_goes_where_the_conversation_went(client, conversation, elsewhere, member):
    drafts.keep(conversation=conversation, member=member, mode="reply", written=drafts.Written("On"))
    drafts.keep(conversation=elsewhere, member=member, mode="reply", written=drafts.Written("Begun"))
    path = f"{ROOT}inbox/{conversation.number}/draft/going-on/"
    response = client.post(path, {"mode": "reply", "text": "On it."}, headers=HTMX)
    assert json.loads(response["HX-Location"])["path"] == f"{ROOT}inbox/{elsewhere.number}/"
    (kept,) = KeptDraft.objects.all()
    assert (kept.conversation_id, kept.text) == (elsewhere.pk, "Begun\n\nOn it.")
    page = client.post(path, {"mode": "reply", "text": ""}, follow=True)
    assert page.redirect_chain == [(f"{ROOT}inbox/{elsewhere.number}/", 302)]
    assert "On it.</textarea>" in page.text


def test_what_was_moved_on_twice_or_back_is_found(answer, conversation, elsewhere, write, member):
    last = write("m9", sender=person(name="Ana Lind"), subject="The last").conversation
    said = list(Entry.objects.filter(conversation=elsewhere, kind="message"))
    again = moves.move(wanted=said, source=elsewhere, to=last, member=member)
    assert f"went on as #{last.number}" in answer().text
    moves.undo(record=again.record, member=member)
    assert f"went on as #{elsewhere.number}" in answer().text
    record = Entry.objects.get(conversation=conversation, event="moved_out")
    moves.undo(record=record, member=member)
    assert answer().status_code == 200


def test_of_two_seen_marks_the_button_counts(answer, write):
    seen = Entry.objects.latest("id").pk
    newer = write("m2", thread_keys=("m1",), starts_thread=False).entry
    assert answer(seen=[seen, newer.pk]).status_code == 200


def test_files_go_along(answer):
    answer(uploads=[SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")])
    (entry,) = outgoing()
    assert sorted(Attachment.objects.filter(entry=entry).values_list("name", flat=True)) == ["a.txt", "b.txt"]


def test_a_file_that_is_too_large_is_told_and_nothing_is_kept(answer, settings):
    settings.OMNIDESK_ATTACHMENT_LIMIT = 4
    response = answer(uploads=[SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"three")])
    assert response.status_code == 422
    assert "b.txt is larger than" in response.text
    assert (outgoing(), Attachment.objects.count()) == ([], 0)


def test_undo_brings_the_text_back(client, answer, conversation):
    answer(text="Too soon")
    (entry,) = outgoing()
    path = f"{ROOT}inbox/{conversation.number}/"
    at = {"HX-Current-URL": f"http://testserver{path}?view=unassigned"}
    response = client.post(f"{ROOT}entries/{entry.pk}/undo/", headers=HTMX | at)
    assert json.loads(response["HX-Location"]) == {
        "path": f"{path}?view=unassigned",
        "target": "#thread",
        "swap": "outerHTML",
    }
    panes = client.get(f"{path}?view=unassigned", headers=HTMX).text
    assert "Too soon</textarea>" in panes
    assert "Not sent. Your text is back in the composer." in panes
    assert Delivery.objects.get().status == "cancelled"
    assert "Too soon</textarea>" in client.get(f"{ROOT}inbox/{conversation.number}/").text
    answer(text="Now")
    assert "Too soon</textarea>" not in client.get(f"{ROOT}inbox/{conversation.number}/").text


@pytest.mark.parametrize("page", ["contacts/1/", "inbox/new/", "nowhere"])
def test_undo_leads_from_a_page_without_panes_to_the_conversation(client, answer, conversation, page):
    answer()
    at = {"HX-Current-URL": f"http://testserver{ROOT}{page}?view=open"}
    response = client.post(f"{ROOT}entries/{outgoing()[0].pk}/undo/", headers=HTMX | at)
    assert response["HX-Redirect"] == f"{ROOT}inbox/{conversation.number}/"


def test_what_has_left_cannot_be_undone(client, answer):
    answer()
    Delivery.objects.update(status="sent")
    response = client.post(f"{ROOT}entries/{outgoing()[0].pk}/undo/", headers=HTMX)
    assert response.status_code == 422
    assert "This message has been sent." in response.text


def test_a_note_tells_those_it_names(client, conversation, owner):
    path = f"{ROOT}inbox/{conversation.number}/notes/"
    response = client.post(path, {"text": "@Olga Owner please look"}, headers=HTMX)
    assert "Note added" in response.text
    assert 'id="note"' in response.text
    assert [mention.member for mention in Mention.objects.all()] == [owner]


def test_an_empty_note_is_told(client, conversation):
    path = f"{ROOT}inbox/{conversation.number}/notes/"
    response = client.post(path, {"text": " "}, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#trouble-note")
    whole = client.post(path, {"text": " "})
    assert whole.context["mode"] == "note"


def test_nobody_without_an_address_can_be_answered(client, write, conversation, mail):
    mail.is_enabled = False
    mail.save()
    page = client.get(f"{ROOT}inbox/{conversation.number}/")
    assert page.context["mode"] == "note"
    assert "There is no way to answer" in page.text


def test_the_picker_says_what_cannot_be_chosen_and_the_way_out(client, conversation, sms):
    page = client.get(f"{ROOT}inbox/{conversation.number}/").text
    menu = page.partition("data-ways>")[2].partition("</details>")[0]
    assert menu.count('type="radio"') == 1
    assert 'data-files=""' in menu
    assert "No phone number is known." in menu
    assert f'<a href="{ROOT}contacts/{conversation.contact_id}/">Add one</a>' in menu


def test_a_new_conversation_says_why_other_ways_are_closed(client, conversation, sms):
    page = client.get(f"{ROOT}contacts/{conversation.contact_id}/conversations/new/").text
    assert "No phone number is known." in page


def test_a_new_conversation_with_a_contact(client, conversation, mail, sms):
    contact = conversation.contact
    add_identity(contact=contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    path = f"{ROOT}contacts/{contact.pk}/conversations/new/"
    assert "ana@cust.example" in client.get(path).text
    identity = contact.identities.get(kind="email")
    form = {"way": f"{mail.pk}:{identity.pk}", "subject": "Your order", "text": "It is here."}
    response = client.post(path, form)
    made = Conversation.objects.latest("id")
    assert response["Location"] == f"/w/acme/inbox/{made.number}/"
    assert (made.subject, made.contact, made.status) == ("Your order", contact, "pending")
    assert made.assignee is not None
    assert counted_deliveries(made) == 1


def counted_deliveries(conversation: Conversation) -> int:
    return Delivery.objects.filter(entry__conversation=conversation).count()


@pytest.mark.parametrize("missing", ["subject", "text", "way"])
def test_a_new_conversation_needs_everything(client, conversation, mail, missing):
    contact = conversation.contact
    form = {"way": f"{mail.pk}:{contact.identities.get().pk}", "subject": "S", "text": "kept words"}
    response = client.post(f"{ROOT}contacts/{contact.pk}/conversations/new/", form | {missing: ""})
    assert response.status_code == 422
    assert Conversation.objects.count() == 1
    assert ("kept words" in response.text) == (missing != "text")


def test_reading_is_no_way_to_write(client, conversation):
    for noun in ("reply", "notes", "assignment", "resolution", "seen"):
        assert client.get(f"{ROOT}inbox/{conversation.number}/{noun}/").status_code == 405


@pytest.mark.parametrize("mode", ["reply", "notes"])
def test_what_a_browser_sends_again_is_written_once(client, mail, conversation, mode):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    body = {"text": "Once", "way": way, "writer": "a1b2"}
    path = f"{ROOT}inbox/{conversation.number}/{mode}/"
    for _ in range(2):
        assert client.post(path, body, headers=HTMX).status_code == 200
    assert Entry.objects.filter(preview="Once").count() == 1
    client.post(path, body | {"writer": "c3d4"}, headers=HTMX)
    assert Entry.objects.filter(preview="Once").count() == 2


def test_a_reply_and_a_note_of_one_page_are_two(client, mail, conversation):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    for mode, noun in (("reply", "reply"), ("note", "notes")):
        body = {"mode": mode, "text": "Both", "way": way, "writer": "a1b2"}
        client.post(f"{ROOT}inbox/{conversation.number}/{noun}/", body, headers=HTMX)
    assert sorted(Entry.objects.filter(preview="Both").values_list("kind", flat=True)) == ["message", "note"]


def test_what_was_changed_before_it_went_again_is_not_lost(answer):
    answer(text="First", writer="a1b2")
    answer(text="First, and more", writer="a1b2")
    assert list(
        Entry.objects.filter(kind="message", direction="out").order_by("pk").values_list("preview", flat=True)
    ) == [
        "First",
        "First, and more",
    ]
