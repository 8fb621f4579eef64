from datetime import timedelta

from conversations.models import Attachment, Delivery
from conversations.queries import threads
from conversations.services import edits, work
from conversations.services.notes import note
from conversations.services.reply import Draft, reply, undo_send
from conversations.types import IncomingFile


def texts(page: threads.ThreadPage) -> list[str]:
    return [shown.body.text for shown in page.shown if shown.body]


def test_a_page_is_oldest_first_and_names_what_stands_above(write, clock, member):
    conversation = write("m1", text="one").conversation
    for number in (2, 3):
        clock.shift(60)
        write(f"m{number}", text=f"text {number}", thread_keys=("m1",), starts_thread=False)
    page = threads.entries_page(conversation.number, size=2).read()
    assert texts(page) == ["text 2", "text 3"]
    assert str(page.previous and page.previous.preview) == "one"
    older = threads.entries_page(conversation.number, before=page.older, size=2).read()
    assert texts(older) == ["one"]
    assert (older.previous, older.older) == (None, None)


def test_the_newest_version_of_a_text_is_shown(write):
    entry = write("m1", text="first").entry
    edits.edit(entry=entry, text="second")
    assert texts(threads.entries_page(entry.conversation.number).read()) == ["second"]


def test_files_are_listed_but_pictures_in_the_text_are_not(write):
    files = (
        IncomingFile("log.txt", "text/plain", b"hello"),
        IncomingFile("logo.png", "image/png", b"\x89PNG\r\n\x1a\n", content_id="logo", inline=True),
    )
    conversation = write("m1", files=files).conversation
    (shown,) = threads.entries_page(conversation.number).read().shown
    assert [file.name for file in shown.files] == ["log.txt"]
    assert Attachment.objects.count() == 2


def test_a_reply_that_was_taken_back_is_known_as_such(write, mail, member):
    conversation = write("m1").conversation
    entry = reply(conversation=conversation, channel=mail, draft=Draft("Hm"), member=member)
    undo_send(entry=entry, member=member)
    undone = [
        shown.entry.pk for shown in threads.entries_page(conversation.number).read().shown if shown.is_undone
    ]
    assert undone == [entry.pk]


def test_failed_and_uncertain_sendings_are_troubles(write, mail, member):
    conversation = write("m1").conversation
    draft = Draft("Hm", cc=["ben@cust.example"])
    entry = reply(conversation=conversation, channel=mail, draft=draft, member=member)
    one, two = Delivery.objects.filter(entry=entry).order_by("id")
    Delivery.objects.filter(pk=one.pk).update(status="failed")
    Delivery.objects.filter(pk=two.pk).update(status="uncertain")
    (shown,) = threads.show([entry])
    assert [delivery.pk for delivery in shown.troubles] == [one.pk, two.pk]


def test_up_to_when_the_member_has_read(write, clock, member):
    conversation = write("m1").conversation
    assert threads.entries_page(conversation.number, member=member).read().seen_at is None
    clock.shift(60)
    work.mark_seen(conversation=conversation, member=member)
    clock.shift(60)
    page = threads.entries_page(conversation.number, member=member).read()
    assert page.seen_at == page.shown[0].entry.created_at + timedelta(seconds=60)


def test_a_page_takes_as_many_queries_for_many_entries_as_for_one(write, mail, member, queries):
    conversation = write("m1").conversation
    one = queries(threads.entries_page(conversation.number, member=member).read)
    for number in (2, 3):
        write(f"m{number}", thread_keys=("m1",), starts_thread=False)
    reply(conversation=conversation, channel=mail, draft=Draft("Hm"), member=member)
    note(conversation=conversation, member=member, text="a note")
    assert queries(threads.entries_page(conversation.number, member=member).read) == one == 1
