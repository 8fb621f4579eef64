"""Erased: every version of the words is gone, the row stays as a tombstone and its thread goes on."""

from conversations.models import Attachment, Conversation, EntryBody, TimelineRef
from conversations.services import counts, edits, moves
from conversations.types import IncomingFile
from tests.scenarios.story import Story, counted, mailbox, thread, timeline

ANA = "Ana Lind <ana@cust.example>"


def test_erasure_leaves_a_tombstone_in_its_place(story: Story) -> None:
    first = story.mail(ANA, "My card is 4000 0000 0000 0002", subject="Card 4000")
    edits.edit(entry=first.entry, text="My card is a secret")
    second = story.mail(ANA, "Sorry for that", re=first)
    edits.erase(entry=first.entry)

    assert [body.text for body in EntryBody.objects.filter(entry=first.entry)] == ["", ""]
    assert EntryBody.objects.exclude(erased_at=None).count() == 2
    assert thread(first) == timeline(first.contact) == ["", "Sorry for that"]
    first.entry.refresh_from_db()
    assert "subject" not in first.entry.data
    assert (second.entry.preview, counted()) == ("Sorry for that", (1, 1, 2))
    assert TimelineRef.objects.filter(entry=first.entry).count() == 1
    assert counts.differences() == {}


def test_an_erased_mail_can_still_be_answered(story: Story) -> None:
    first = story.mail(ANA, "My card is 4000 0000 0000 0002")
    edits.erase(entry=first.entry)
    again = story.mail(ANA, "Thank you", re=first)
    assert (again.rule, again.conversation) == ("thread", first.conversation)
    assert Conversation.objects.get().preview == "Thank you"


def test_an_erased_message_that_is_delivered_again_stays_erased(story: Story) -> None:
    first = story.mail(ANA, "My secret", external_id="one@cust.example")
    edits.erase(entry=first.entry)
    again = story.mail(ANA, "My secret", external_id="one@cust.example")
    assert again.is_duplicate
    assert thread(first) == [""]


def test_nothing_personal_is_left_in_what_people_may_ask_of_it(story: Story) -> None:
    first = story.mail(
        ANA,
        "My card",
        cc=["ben@cust.example"],
        reply_to=mailbox("ana@home.example"),
        facts={"list": "ana.cust.example"},
    )
    edits.erase(entry=first.entry)
    first.entry.refresh_from_db()
    assert first.entry.data == {"why": {"key": "first"}}


def test_what_was_moved_before_it_was_erased_can_be_moved_back(story: Story) -> None:
    first, second = story.mail(ANA, "My card"), story.mail("Ben <ben@cust.example>", "Hello")
    assert first.conversation
    assert second.conversation
    moved = moves.move(
        wanted=[second.entry], source=second.conversation, to=first.conversation, member=story.agent
    )
    edits.erase(entry=second.entry)
    moves.undo(record=moved.record, member=story.agent)
    second.entry.refresh_from_db()
    assert second.entry.conversation == second.conversation


def test_a_file_that_never_came_is_erased_too(story: Story) -> None:
    files = (IncomingFile("a.txt", "", b"here"), IncomingFile("b.png", "", source="f1"))
    first = story.mail(ANA, "Look", files=files)
    edits.erase(entry=first.entry)
    assert (Attachment.objects.count(), first.entry.file_count) == (0, 0)
