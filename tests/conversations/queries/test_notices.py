"""Pages of notices."""

from itertools import chain

from conversations.models import Notice
from conversations.queries.notices import notices_of, unread_of
from conversations.services import following
from conversations.services.notes import note
from tenancy import lanes


def test_pages_go_on_where_the_last_ended_and_hold_each_notice_once(write, member, admin, clock):
    conversations = [write(f"m{number}", subject=f"No. {number}").conversation for number in range(2)]
    lanes.drain("reactions")
    for conversation in conversations:
        following.follow(conversation=conversation, member=member)
    clock.shift(1)
    for number in range(5):  # of one moment, so that only their ids tell them apart
        note(conversation=conversations[number % 2], member=admin, text=str(number))
    lanes.drain("reactions")
    pages: list[list[str]] = []
    before = None
    while not pages or before:
        page = notices_of(member, before=before, size=2).read()
        pages.append([told.entry.preview for told in page.told])
        before = page.older
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    found = notices_of(member).read()
    assert [[told.entry.preview for told in group.told] for group in found.groups] == [
        ["4", "2", "0"],
        ["3", "1"],
    ]
    assert unread_of(member).read() == 5


def test_counting_ends_at_a_hundred(write, member, admin):
    conversation = write("m1").conversation
    batch = chain.from_iterable([note(conversation=conversation, member=admin, text="x")] for _ in range(101))
    Notice.objects.bulk_create(Notice(member=member, entry=entry, kind="colleague") for entry in batch)
    assert unread_of(member).read() == 100
