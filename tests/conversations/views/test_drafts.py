"""Drafts and files of the composer, as browsers keep them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.models import Attachment, Entry, KeptDraft
from tenancy.models import Brand
from tests.conversations.views.conftest import HTMX, ROOT, person


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke").conversation


@pytest.fixture
def save(client, conversation):
    """`save(text=…)`: what the composer's saver posts."""

    def saved(**fields):
        form = {"mode": "reply", "writer": "one", "revision": "0", "text": "Hi"} | fields
        return client.post(f"{ROOT}inbox/{conversation.number}/draft/", form, headers=HTMX)

    return saved


def composer(client, conversation) -> str:
    return str(client.get(f"{ROOT}inbox/{conversation.number}/").text)


def test_a_draft_stands_in_the_composer_of_every_window(save, client, conversation, mail):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    response = save(text="Hello", way=way, cc=["ben@cust.example", "ev"], bcc="a@b.example")
    assert 'name="revision" value="1"' in response.text
    assert "Draft saved" in response.text
    page = composer(client, conversation)
    assert "Hello</textarea>" in page
    assert 'name="cc" value="ben@cust.example, ev"' in page
    assert 'name="bcc" value="a@b.example"' in page


def test_of_two_windows_one_is_offered_the_others_words(save):
    save(text="Laptop")
    response = save(text="Phone", writer="two")
    assert "You wrote this in another window" in response.text
    assert "“Laptop”" in response.text
    taken = save(text="Phone", writer="two", revision="2", other="use")
    assert "Laptop</textarea>" in taken.text
    kept = save(text="Laptop", writer="two", revision="4", other="forget")
    assert "You wrote this" not in kept.text
    assert KeptDraft.objects.get().text == "Laptop"


def test_a_window_that_is_looked_at_again_hears_of_what_is_newer(save, client, conversation):
    save()
    address = f"{ROOT}inbox/{conversation.number}/draft/"
    assert client.get(address, {"mode": "reply", "revision": "1"}).status_code == 204
    newer = client.get(address, {"mode": "reply", "revision": "0", "seen": "7"})
    assert "Hi</textarea>" in newer.text
    assert 'name="seen" value="7"' in newer.text


def test_after_it_was_sent_elsewhere_a_window_begins_anew(save):
    response = save(revision="3")
    assert response["HX-Trigger"] == "keep"
    assert 'name="revision" value="0"' in response.text
    assert not KeptDraft.objects.exists()


def test_sending_takes_the_draft_and_its_files(save, client, conversation, mail):
    up = client.post(f"{ROOT}uploads/", {"uploads": SimpleUploadedFile("a.txt", b"one"), "mode": "reply"})
    assert up.status_code == 201
    file = Attachment.objects.get()
    assert f'name="attachments" value="{file.pk}"' in up.text
    save(attachments=file.pk)
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    form = {"way": way, "text": "Hi", "attachments": file.pk}
    assert client.post(f"{ROOT}inbox/{conversation.number}/reply/", form, headers=HTMX).status_code == 200
    file.refresh_from_db()
    assert file.entry == Entry.objects.get(direction="out")
    assert not KeptDraft.objects.exists()


def test_a_note_is_a_draft_of_its_own(save, client, conversation):
    save(text="Psst", mode="note")
    assert "Psst</textarea>" in composer(client, conversation)
    client.post(f"{ROOT}inbox/{conversation.number}/notes/", {"text": "Psst"}, headers=HTMX)
    assert not KeptDraft.objects.exists()


def test_a_file_that_is_not_taken_says_why_in_its_composer(client, settings):
    settings.OMNIDESK_ATTACHMENT_LIMIT = 2
    form = {"uploads": SimpleUploadedFile("a.txt", b"one"), "mode": "note"}
    response = client.post(f"{ROOT}uploads/", form, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#trouble-note")
    assert "a.txt is larger than" in response.text


def test_a_strangers_upload_is_refused_whole(client, conversation, mail):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    form = {"way": way, "text": "Hi", "attachments": 4711}
    response = client.post(f"{ROOT}inbox/{conversation.number}/reply/", form, headers=HTMX)
    assert response.status_code == 422
    assert not Entry.objects.filter(direction="out").exists()


def test_emoji_are_found_by_their_names(client, in_scope):
    response = client.get(f"{ROOT}emoji/")
    assert 'data-insert="😀" title="grinning face"' in response.text
    assert response["Cache-Control"] == "private, max-age=86400"


def test_the_composer_shows_whose_signature_stands_below(client, conversation, member):
    Brand.objects.update(signature="{{member.first_name}}, Acme")
    page = composer(client, conversation)
    assert f"<p>{member.name.split()[0]}, Acme</p>" in page


def test_a_reply_is_scheduled_in_the_readers_zone_and_stands_in_the_thread(client, conversation, mail):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    form = {"way": way, "text": "Later", "send_at": "at", "later": "2026-03-03T09:00"}
    address = f"{ROOT}inbox/{conversation.number}/reply/"
    assert client.post(address, form | {"later": "2026-03-01T09:00"}, headers=HTMX).status_code == 422
    assert "It leaves Tue 3 Mar, 09:00" in client.post(address, form, headers=HTMX).text
    page = composer(client, conversation)
    assert "Leaves Tue 3 Mar, 09:00" in page
    entry = Entry.objects.get(direction="out")
    assert f'hx-post="/w/acme/entries/{entry.pk}/sending/"' in page


def test_a_scheduled_reply_is_held_in_the_thread_when_the_customer_writes(client, conversation, mail, write):
    way = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    form = {"way": way, "text": "Later", "send_at": "2026-03-03T09:00+00:00"}
    client.post(f"{ROOT}inbox/{conversation.number}/reply/", form, headers=HTMX)
    write("m2", sender=person(name="Ana Lind"), thread_keys=("m1",), starts_thread=False)
    assert "Held: the customer wrote before this left" in composer(client, conversation)
    entry = Entry.objects.get(direction="out")
    client.post(f"{ROOT}entries/{entry.pk}/sending/", headers=HTMX)
    assert "Held:" not in composer(client, conversation)
