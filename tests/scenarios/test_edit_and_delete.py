"""Edited and deleted at the provider: versions are kept, a deleted message leaves its place."""

from contacts.types import AddressKind
from conversations.models import Conversation, EntryBody
from conversations.services import edits
from tests.scenarios.story import Story, address, counted, thread


def test_an_edit_adds_a_version(story: Story) -> None:
    got = story.slack("U1", "The deploy hangs")
    entry = edits.find(
        channel=story.channel("slack"), external_id=got.entry.external_id, external_thread="room"
    )
    assert entry == got.entry
    edits.edit(entry=entry, text="The deploy of 9:00 hangs")

    bodies = EntryBody.objects.filter(entry=entry).order_by("version")
    assert [(body.version, body.text) for body in bodies] == [
        (1, "The deploy hangs"),
        (2, "The deploy of 9:00 hangs"),
    ]
    assert thread(got) == ["The deploy of 9:00 hangs"]
    assert Conversation.objects.get().preview == "The deploy of 9:00 hangs"
    assert counted() == (1, 1, 1)


def test_a_deleted_message_keeps_its_words_for_us(story: Story) -> None:
    got = story.slack("U1", "The deploy hangs")
    edits.delete(entry=got.entry)
    got.entry.refresh_from_db()
    assert got.entry.deleted_at == story.now
    assert EntryBody.objects.get().text == "The deploy hangs"
    edits.edit(entry=got.entry, text="too late")
    assert EntryBody.objects.count() == 1


def test_where_policy_demands_it_the_words_go(story: Story) -> None:
    got = story.say("instagram", address(AddressKind.INSTAGRAM, "ig-1"), "My secret")
    edits.delete(entry=got.entry, erase_body=True)
    body = EntryBody.objects.get()
    assert (body.text, body.erased_at) == ("", story.now)
    assert thread(got) == [""]
    assert Conversation.objects.get().preview == ""
    assert counted() == (1, 1, 1)
