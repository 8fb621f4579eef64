from datetime import timedelta
from functools import partial

import pytest

from conversations.models import Attachment, Conversation, Delivery
from conversations.queries import threads
from conversations.queries.threads import START, Stretch
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
    above = threads.entries_page(conversation.number, within=Stretch(upto=page.earlier), size=2).read()
    assert texts(above) == ["one"]
    assert (above.previous, above.earlier) == (None, None)


@pytest.fixture
def twelve(write, clock):
    """The number of a conversation of twelve messages, a minute apart: "0" to "11"."""
    conversation = write("m1", text="0").conversation
    for number in range(1, 12):
        clock.shift(60)
        write(f"m-{number}", text=str(number), thread_keys=("m1",), starts_thread=False)
    return conversation.number


def test_a_stretch_is_read_again_as_it_was_and_grows_at_its_end(twelve, write, clock):
    page = threads.entries_page(twelve, size=3).read()
    clock.shift(60)
    write("m-12", text="12", thread_keys=("m1",), starts_thread=False)
    again = threads.entries_page(twelve, within=page.stretch).read()
    assert texts(again) == ["9", "10", "11", "12"]
    assert (again.stretch, again.previous) == (page.stretch, page.previous)
    above = threads.entries_page(twelve, within=Stretch(upto=page.earlier), size=3).read()
    assert texts(above) == ["6", "7", "8"]
    assert texts(threads.entries_page(twelve, within=above.stretch).read()) == ["6", "7", "8"]


def test_the_whole_of_a_short_thread_goes_on_as_such(twelve):
    page = threads.entries_page(twelve).read()
    assert (page.earlier, page.stretch) == (None, Stretch(START))
    assert len(threads.entries_page(twelve, within=page.stretch).read().shown) == 12


def test_a_gap_is_filled_from_above(twelve):
    top = threads.entries_page(twelve, within=Stretch(START), size=3, oldest=True).read()
    newest = threads.entries_page(twelve, size=3).read()
    assert texts(top) == ["0", "1", "2"]
    gap = Stretch(top.stretch.upto, newest.stretch.after)
    filled = threads.entries_page(twelve, within=gap, size=4, oldest=True).read()
    assert (texts(filled), filled.is_cut) == (["3", "4", "5", "6"], True)
    rest = Stretch(filled.stretch.upto, newest.stretch.after)
    last = threads.entries_page(twelve, within=rest, size=4, oldest=True).read()
    assert (texts(last), last.is_cut, last.stretch) == (["7", "8"], False, rest)


def test_a_stretch_beyond_a_page_is_cut_to_its_newest(twelve, monkeypatch):
    monkeypatch.setattr(threads, "MOST", 5)
    page = threads.entries_page(twelve, within=Stretch(START)).read()
    assert (texts(page), page.is_cut) == (["7", "8", "9", "10", "11"], True)
    assert page.previous
    assert page.previous.preview == "6"


def test_a_thread_opens_above_what_its_reader_has_not_read(twelve, write, clock, member):
    opened = partial(threads.entries_page, twelve, size=2, member=member)
    assert texts(opened().read()) == ["10", "11"]
    work.mark_seen(conversation=Conversation.objects.get(number=twelve), member=member)
    for number in range(12, 15):
        clock.shift(60)
        write(f"m-{number}", text=str(number), thread_keys=("m1",), starts_thread=False)
    assert texts(opened().read()) == ["9", "10", "11", "12", "13", "14"]


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
