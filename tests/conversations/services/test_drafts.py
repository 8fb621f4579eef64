"""What is begun is kept, whichever window it was written in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations import kinds
from conversations.models import Attachment, Entry, KeptDraft
from conversations.services import drafts
from conversations.services.drafts import Gone, Written
from conversations.services.files import upload
from conversations.services.reply import Draft, reply, undo_send
from tests.senders import senders


@pytest.fixture
def conversation(write, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email"))
    return write("m1").conversation


@pytest.fixture
def keep(conversation, member):
    """`keep("text", revision=…, writer=…)`: a window saves what it has."""

    def kept(
        text: str = "", *, mode: str = "reply", revision: int | None = 0, writer: str = "one", **written
    ):
        return drafts.keep(
            conversation=conversation,
            member=member,
            mode=mode,
            written=Written(text, **written),
            revision=revision,
            writer=writer,
        )

    return kept


def only() -> KeptDraft:
    return KeptDraft.objects.get()


def texts() -> list[str]:
    """Of the other texts, newest first."""
    return [other["text"] for other in only().others]


def test_one_window_saves_over_what_it_saved(keep):
    assert keep("Hel").revision == 1
    assert keep("Hello", revision=1).revision == 2
    assert keep("Help", revision=1).revision == 3  # an answer that was late
    assert (only().text, only().others) == ("Help", [])


def test_nothing_is_no_draft(keep):
    assert keep("  ") is None
    keep("Hello")
    assert keep("", revision=1) is None
    assert not KeptDraft.objects.exists()


def test_reply_and_note_are_two_and_each_member_has_their_own(keep, conversation, admin):
    keep("a reply")
    keep("a note", mode="note")
    drafts.keep(conversation=conversation, member=admin, mode="reply", written=Written("theirs"), revision=0)
    assert sorted(KeptDraft.objects.values_list("text", flat=True)) == ["a note", "a reply", "theirs"]


def test_of_two_windows_the_later_stands_and_the_other_text_is_kept(keep):
    keep("From the laptop", writer="laptop")
    kept = keep("From the phone", revision=0, writer="phone")
    assert (kept.text, kept.revision, kept.writer) == ("From the phone", 2, "phone")
    assert [other["text"] for other in kept.others] == ["From the laptop"]


def test_who_goes_on_from_what_is_there_takes_nothing_away(keep):
    keep("Hello", writer="laptop")
    assert keep("Hello you", revision=0, writer="phone").others == []
    assert keep("Other", revision=2, writer="laptop").others == []


def test_windows_in_turns_leave_no_crumbs(keep):
    keep("a", writer="one")
    keep("1", revision=0, writer="two")
    keep("ab", revision=1, writer="one")
    keep("12", revision=2, writer="two")
    assert (only().text, [other["text"] for other in only().others]) == ("12", ["ab"])


def test_an_empty_window_does_not_wipe_what_another_wrote(keep):
    keep("Hello", writer="laptop")
    kept = keep("", revision=0, writer="phone")
    assert [other["text"] for other in kept.others] == ["Hello"]


def test_taking_the_other_text_swaps_them(keep, conversation, member):
    keep("one", writer="laptop")
    keep("two", revision=0, writer="phone")
    who = {"conversation": conversation, "member": member, "mode": "reply"}
    drafts.take_other(use=True, **who)
    assert (only().text, texts()) == ("one", ["two"])
    drafts.take_other(use=False, **who)
    assert (only().text, texts()) == ("one", [])


def test_what_was_sent_is_not_brought_back_by_a_late_saving(keep, conversation, member):
    keep("Hello")
    drafts.discard(conversation=conversation, member=member, mode="reply")
    with pytest.raises(Gone):
        keep("Hello", revision=1)
    assert not KeptDraft.objects.exists()


def test_html_is_cleaned_and_its_words_are_the_text(keep):
    kept = keep("ignored", html='<div>Hi <b onclick="x()">you</b></div><script>x()</script>')
    assert (kept.text, kept.html) == ("Hi you", "<div>Hi <b>you</b></div>")


def test_only_own_uploads_that_wait_go_with_it(keep, member, admin):
    mine = upload(SimpleUploadedFile("a.txt", b"one"), member=member)
    theirs = upload(SimpleUploadedFile("b.txt", b"two"), member=admin)
    assert keep("Hi", attachments=[mine.pk, theirs.pk, 10**9]).attachments == [mine.pk]


def test_files_of_both_windows_stay(keep, member):
    one = upload(SimpleUploadedFile("a.txt", b"one"), member=member)
    two = upload(SimpleUploadedFile("b.txt", b"two"), member=member)
    keep("Hi", writer="laptop", attachments=[one.pk])
    assert keep("Ho", writer="phone", attachments=[two.pk]).attachments == [one.pk, two.pk]


def test_undo_makes_a_draft_of_it_again(conversation, member, mail):
    file = upload(SimpleUploadedFile("a.txt", b"one"), member=member)
    draft = Draft(
        "Hi", html="<b>Hi</b>", cc=["ben@cust.example"], bcc=["eva@cust.example"], attachments=[file]
    )
    entry = reply(conversation=conversation, channel=mail, draft=draft, member=member)
    kept = undo_send(entry=entry, member=member)
    assert (kept.text, kept.html, kept.way) == ("Hi", "<b>Hi</b>", f"{mail.pk}:{entry.identity_id}")
    assert (kept.cc, kept.bcc, kept.attachments) == ("ben@cust.example", "eva@cust.example", [file.pk])
    assert Attachment.objects.get().entry is None
    again = Draft(kept.text, attachments=[Attachment.objects.get()])
    sent = reply(conversation=conversation, channel=mail, draft=again, member=member)
    assert Attachment.objects.get().entry == sent


def test_undo_puts_what_was_begun_since_below(conversation, member, mail, keep):
    entry = reply(conversation=conversation, channel=mail, draft=Draft("First"), member=member)
    keep("Second")
    assert undo_send(entry=entry, member=member).text == "First\n\nSecond"
    assert Entry.objects.filter(event="send_undone").exists()
