from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conversations.models import (
    Attachment,
    Conversation,
    Entry,
    EntryBody,
    Participant,
    ThreadKey,
    TimelineRef,
)
from conversations.services import counts, edits, work
from conversations.services.arrivals import NotOurs, clamp
from conversations.tokens import make_token
from conversations.types import Automatic, IncomingFile

from .conftest import NOW, person


def test_a_first_mail_opens_a_conversation(write, mail):
    received = write("m1", text="It broke.\nBadly.")
    conversation = received.conversation
    assert received.rule == "new"
    assert (conversation.number, conversation.subject, conversation.status) == (1, "Help", "open")
    assert (conversation.preview, conversation.trail, conversation.waiting_since) == (
        "It broke. Badly.",
        ["email"],
        NOW,
    )
    assert EntryBody.objects.get().text == "It broke.\nBadly."
    assert TimelineRef.objects.get().contact == received.contact
    assert Participant.objects.get().role == "requester"
    assert counts.totals() == {
        "open": 1,
        "unassigned": 1,
        f"channel:{mail.pk}": 1,
        f"brand:{mail.brand_id}": 1,
    }


def test_the_same_message_again_changes_nothing(write):
    first, again = write("m1"), write("m1")
    assert again.is_duplicate
    assert again.entry == first.entry
    assert Entry.objects.count() == 1


def test_an_answer_to_a_known_id_joins_and_reopens(write, member):
    conversation = write("m1").conversation
    work.resolve(conversation=conversation, member=member)
    answer = write("m2", thread_keys=("m1",), starts_thread=False)
    assert (answer.rule, answer.conversation) == ("thread", conversation)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at) == ("open", None)
    assert list(Entry.objects.filter(kind="event").order_by("id").values_list("event", flat=True)) == [
        "resolved",
        "reopened",
    ]


def test_a_stranger_with_forged_references_gets_a_linked_conversation(write):
    first = write("m1")
    stranger = write("m2", sender=person("eve@evil.example"), thread_keys=("m1",), starts_thread=False)
    assert stranger.rule == "new"
    assert stranger.conversation.linked_to == first.conversation


def test_an_unverified_mail_joins_by_our_own_id_only(write, mail):
    first = write("m1")
    ThreadKey.objects.create(channel=mail, key="ours", conversation=first.conversation, is_ours=True)
    unverified = person(verified=False)
    assert write("m2", sender=unverified, thread_keys=("m1",), starts_thread=False).rule == "new"
    joined = write("m3", sender=unverified, thread_keys=("ours",), starts_thread=False)
    assert (joined.rule, joined.conversation) == ("thread", first.conversation)
    assert joined.entry.is_verified is False


def test_a_signed_token_joins_a_participant(write, in_scope):
    first = write("m1")
    token = make_token(in_scope.pk, first.conversation.pk)
    assert write("m2", sender=person(verified=False), tokens=(token,)).rule == "token"
    assert write("m3", sender=person("eve@evil.example"), tokens=(token,)).rule == "new"
    assert write("m4", tokens=(token[:-1] + ("b" if token[-1] == "a" else "a"),)).rule == "new"


def test_a_text_continues_the_mail_of_the_same_person(write, sms, clock):
    first = write("m1", sender=person("+12065550142"), channel=sms)
    clock.shift(timedelta(hours=71))
    assert write("m2", sender=person("+12065550142"), channel=sms).conversation == first.conversation
    clock.shift(timedelta(hours=73))
    assert write("m3", sender=person("+12065550142"), channel=sms).rule == "new"


def test_a_fresh_mail_beside_a_thread_is_a_second_matter(write):
    first = write("m1")
    second = write("m2")
    assert second.conversation != first.conversation
    assert second.conversation.linked_to == first.conversation


def test_a_colleague_copied_by_the_requester_may_answer(write):
    first = write("m1", cc=(person("ben@cust.example", verified=False),))
    answer = write("m2", sender=person("ben@cust.example"), thread_keys=("m1",), starts_thread=False)
    assert answer.conversation == first.conversation
    assert answer.contact != first.contact


def test_copies_in_an_unverified_header_make_no_participant(write):
    write("m1", sender=person(verified=False), cc=(person("ben@cust.example", verified=False),))
    assert Participant.objects.count() == 1


def test_an_out_of_office_joins_without_reopening(write, member):
    conversation = write("m1").conversation
    work.resolve(conversation=conversation, member=member)
    write("m2", thread_keys=("m1",), starts_thread=False, automatic=Automatic.REPLY)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == ("resolved", None)


def test_a_members_own_mail_is_no_customer(write):
    with pytest.raises(NotOurs, match="a member"):
        write("m1", sender=person("agent@acme.example"))
    assert Conversation.objects.count() == 0


def test_a_members_forward_opens_for_the_quoted_requester_by_claim(write):
    received = write(
        "m1", sender=person("agent@acme.example"), on_behalf_of=person("ana@cust.example", verified=False)
    )
    assert received.contact.identities.get().proof == "claimed"
    assert received.entry.data["forwarded_by"] == "agent@acme.example"


def test_late_mail_lands_where_it_belongs_and_does_not_lead_the_list(write):
    write("m2", at=NOW, text="second", thread_keys=("m1",), starts_thread=False)
    late = write("m1", at=NOW - timedelta(hours=1), text="first")
    conversation = late.conversation
    assert Conversation.objects.count() == 1
    assert (conversation.preview, conversation.last_at) == ("second", NOW)
    assert [e.preview for e in conversation.entries.order_by("at")] == ["first", "second"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(None, NOW), (NOW + timedelta(days=9), NOW), (datetime(1970, 1, 1, tzinfo=UTC), NOW.replace(year=2025))],
)
def test_the_providers_time_is_clamped(mail, at, expected):
    assert clamp(at, channel=mail, received_at=NOW) == expected


def test_files_are_kept_under_their_real_type(write, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = IncomingFile(name="../../x.png", content_type="image/png", content=b"<html><script>1</script>")
    received = write("m1", files=(page,))
    kept = Attachment.objects.get()
    assert (kept.name, kept.content_type, kept.claimed_type) == ("x.png", "text/plain", "image/png")
    assert received.entry.file_count == 1


def test_the_contact_was_last_heard_of_by_their_newest_message(write, clock):
    contact = write("m1").contact
    clock.shift(timedelta(hours=1))
    write("m2", thread_keys=("m1",), starts_thread=False)
    write("m3", thread_keys=("m1",), starts_thread=False, at=NOW - timedelta(days=1))
    contact.refresh_from_db()
    assert contact.last_seen_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("end", ["x", "é", "\0", "\ud800"])
def test_ids_of_any_length_and_kind_are_found_again(write, sms, end):
    long = "id " + "x" * 3000 + end
    thread, sender = "room " + long, replace(person(), value=long)
    first = write(long, channel=sms, external_thread=thread, sender=sender, thread_keys=(long,))
    again = write(long, channel=sms, external_thread=thread, sender=sender, thread_keys=(long,))
    assert (again.is_duplicate, again.entry) == (True, first.entry)
    assert edits.find(channel=sms, external_id=long, external_thread=thread) == first.entry
    more = write("m2", channel=sms, external_thread=thread, sender=sender, thread_keys=(long,))
    assert (more.contact, more.conversation, more.rule) == (first.contact, first.conversation, "thread")


def test_ids_that_begin_alike_are_two_messages(write, sms):
    first, second = (write("x" * 2000 + end, channel=sms) for end in "ab")
    assert not second.is_duplicate
    assert first.entry != second.entry
