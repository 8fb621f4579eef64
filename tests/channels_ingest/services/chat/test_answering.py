"""What is answered reaches the visitor, and only them; what they fetch and read moves its delivery."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_ingest.services.chat import messages
from contacts.models import Identity
from conversations.models import Channel, Conversation, Delivery, Entry
from conversations.services import notes
from conversations.services.channels import create_channel
from conversations.services.edits import delete
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Member
from tests.channels_ingest.chat import Chat, Visitor, rosa, said, signed_email

pytestmark = pytest.mark.usefixtures("in_scope")


@pytest.fixture
def visitor(chat: Chat) -> Visitor:
    """Somebody who has asked something."""
    visitor = Visitor(chat)
    visitor.say("Is it washable?")
    lanes.drain("inbound")
    return visitor


@pytest.fixture
def asked(visitor: Visitor) -> Conversation:
    return Conversation.objects.get()


def status() -> str:
    return str(Delivery.objects.latest("id").status)


def test_an_answer_waits_for_the_visitor_and_is_theirs_from_then_on(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    entry = chat.answer(asked, "At 30 degrees.", member)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.reason) == ("sent", "waits for the visitor")
    message = visitor.poll()["messages"][-1]
    assert message == {
        "id": entry.pk,
        "mine": False,
        "from": "Aki Agent",
        "text": "At 30 degrees.",
        "at": entry.at.isoformat(),
        "files": [],
    }


def test_what_was_not_handed_over_is_not_shown(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    reply(conversation=asked, channel=chat.channel, draft=Draft(text="Soon"), member=member)
    assert visitor.texts() == ["Is it washable?"]


def test_seen_moves_the_delivery_and_never_back(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    entry = chat.answer(asked, "Yes.", member)
    for delivered, read, becomes in [
        (entry.pk - 1, 0, "sent"),
        (entry.pk, 0, "delivered"),
        (entry.pk, entry.pk, "read"),
        (entry.pk, 0, "read"),
    ]:
        visitor.send({"type": "seen", "delivered": delivered, "read": read})
        assert status() == becomes


def test_nobody_else_can_say_that_it_was_seen(chat: Chat, asked: Conversation, member: Member):
    entry = chat.answer(asked, "Yes.", member)
    Visitor(chat).send({"type": "seen", "delivered": entry.pk, "read": entry.pk})
    assert status() == "sent"


def test_seeing_an_answer_whose_handing_over_broke_off_settles_it(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    entry = chat.answer(asked, "Yes.", member)
    Delivery.objects.update(status="uncertain")
    assert visitor.texts()[-1] == "Yes."
    visitor.send({"type": "seen", "delivered": entry.pk, "read": 0})
    assert status() == "delivered"


def test_a_visitor_sees_no_notes_no_mails_and_nothing_deleted(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    notes.note(conversation=asked, member=member, text="A difficult one")
    gone = chat.answer(asked, "Oops", member)
    delete(entry=gone, at=timezone.now(), erase_body=False)
    assert visitor.texts() == ["Is it washable?"]


def test_after_a_message_only_what_is_newer_or_was_never_fetched(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    first, second = chat.answer(asked, "One", member), chat.answer(asked, "Two", member)
    visitor.after = second.pk
    assert visitor.texts() == ["One", "Two"]
    visitor.send({"type": "seen", "delivered": second.pk, "read": 0})
    assert visitor.texts() == []
    visitor.after = first.pk
    assert visitor.texts() == ["Two"]


def test_an_answer_handed_over_after_a_later_one_is_not_missed(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    late = reply(conversation=asked, channel=chat.channel, draft=Draft(text="Late"), member=member)
    Delivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    visitor.say("Hello?")
    lanes.drain("inbound")
    visitor.after = Entry.objects.filter(direction="in").latest("id").pk
    assert visitor.after > late.pk
    visitor.send({"type": "seen", "delivered": visitor.after, "read": visitor.after})
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        lanes.drain("send")
    assert visitor.texts() == ["Late"]


def test_older_messages_come_on_request(chat: Chat, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(messages, "NEWEST", 3)
    visitor.send(*(said(text) for text in "abcde"))
    lanes.drain("inbound")
    ready = visitor.poll()
    assert ([message["text"] for message in ready["messages"]], ready["older"]) == (["c", "d", "e"], True)
    more = visitor.send({"type": "more", "before": ready["messages"][0]["id"]})[-1]
    assert ([message["text"] for message in more["messages"]], more["older"]) == (
        ["Is it washable?", "a", "b"],
        False,
    )


def test_who_missed_too_much_gets_the_newest(chat: Chat, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(messages, "NEWEST", 2)
    monkeypatch.setattr(messages, "MOST", 3)
    visitor.after = Entry.objects.get(kind="message").pk
    visitor.send(*(said(text) for text in "abc"))
    lanes.drain("inbound")
    assert visitor.texts() == ["a", "b", "c"]
    visitor.say("d")
    lanes.drain("inbound")
    ready = visitor.poll()
    assert ([message["text"] for message in ready["messages"]], ready["older"]) == (["c", "d"], True)


def test_an_answer_to_another_chats_visitor_fails(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member
):
    other, _ = create_channel(kind="chat", name="Blog", config={}, secrets={})
    to = Entry.objects.get(kind="message").identity
    reply(conversation=asked, channel=other, draft=Draft(text="Yes", to=to), member=member)
    lanes.drain("send")
    assert (status(), Delivery.objects.get().code) == ("failed", "unknown")


def queries(visitor: Visitor) -> int:
    with CaptureQueriesContext(connection) as captured:
        visitor.poll()
    return len(captured)


def test_a_poll_costs_the_same_with_one_message_and_with_three(
    chat: Chat, visitor: Visitor, asked: Conversation, member: Member, email: Channel
):
    visitor.poll()
    chat.answer(asked, "One", member)
    one = queries(visitor)
    chat.answer(asked, "Two", member)
    chat.answer(asked, "Three", member)
    assert queries(visitor) == one
    assert one <= 22


def test_a_visitors_messages_are_read_from_their_index(visitor: Visitor, asked: Conversation):
    told = Entry.objects.filter(kind="message").get()
    stranger = Identity.objects.create(contact=asked.contact, kind="chat", value="visitor:else", holds=True)
    Entry.objects.bulk_create(
        Entry(kind="message", direction="in", channel=told.channel, identity=stranger) for _ in range(1000)
    )
    Entry.objects.bulk_create(
        Entry(kind="message", direction="in", channel=told.channel, identity=told.identity)
        for _ in range(1000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_entry, conversations_delivery")
    with CaptureQueriesContext(connection) as captured:
        assert len(visitor.poll()["messages"]) == messages.NEWEST
    (read,) = [
        query["sql"]
        for query in captured
        if 'FROM "conversations_entry"' in query["sql"] and f"LIMIT {messages.NEWEST + 1}" in query["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {read}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "entry_identity" in plan
    assert "Sort" not in plan


@pytest.fixture
def email() -> Channel:
    config = {"address": "support@acme.example", "smtp_host": "127.0.0.1"}
    return create_channel(kind="email", name="Support", config=config, secrets={})[0]


def test_the_visitor_is_told_where_answers_go(chat: Chat, email: Channel):
    assert Visitor(chat).poll()["answers"] == {"by": "none"}
    address = {"email": "rosa@x.example", "email_hash": signed_email("rosa@x.example")}
    assert Visitor(chat, rosa(**address)).poll()["answers"] == {"by": "mail", "to": "r•••@x.example"}
    claimed = rosa(email="rosa@x.example")
    assert Visitor(chat, claimed).poll()["answers"] == {"by": "none"}
    Channel.objects.filter(pk=email.pk).update(is_enabled=False)
    assert Visitor(chat, rosa(**address)).poll()["answers"] == {"by": "none"}
