from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.models import Attachment, Reaction
from conversations.services import counts, drafts, work
from conversations.services.drafts import Written
from conversations.services.files import upload
from conversations.services.tidy import tidy_all


def test_only_reactions_long_done_are_dropped(write, member, clock):
    conversation = write("m1").conversation
    Reaction.objects.update(state="done")
    clock.shift(timedelta(days=8))
    write("m2", thread_keys=("m1",), starts_thread=False)
    work.resolve(conversation=conversation, member=member)
    tidy_all()
    assert list(Reaction.objects.values_list("state", flat=True)) == ["pending"] * 2
    assert counts.totals() == {"resolved": 1}


def test_uploads_that_nobody_sends_go_after_a_day_but_not_those_of_a_draft(write, member, clock):
    conversation = write("m1").conversation
    kept = upload(SimpleUploadedFile("a.txt", b"one"), member=member)
    upload(SimpleUploadedFile("b.txt", b"two"), member=member)
    written = Written("Hi", attachments=[kept.pk])
    drafts.keep(conversation=conversation, member=member, mode="reply", written=written)
    clock.shift(timedelta(days=1, seconds=1))
    tidy_all()
    assert Attachment.objects.get() == kept
