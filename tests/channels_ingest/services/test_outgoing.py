"""A chat's answer that follows by mail: what it says, to whom, and under which name."""

from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.services.outgoing import handover
from conversations.models import Channel, Conversation, Delivery, Entry
from conversations.services.files import store
from conversations.services.reply import Draft, reply
from conversations.tokens import make_message_id
from conversations.types import IncomingFile
from tenancy import lanes
from tenancy.models import Brand, Member
from tenancy.scope import current_workspace_id
from tests.channels_ingest.chat import Chat, Visitor, rosa, signed_email
from tests.providers.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

ADDRESS = "rosa@customer.example"


@pytest.fixture
def visitor(clock: Any, chat: Chat, outbox: Channel) -> Visitor:
    """Rosa, who has asked something and left; the site vouches for her mail address."""
    visitor = Visitor(chat, rosa(email=ADDRESS, email_hash=signed_email(ADDRESS)))
    visitor.say("Is it washable?")
    lanes.drain("inbound")
    return visitor


def leave(clock: Any) -> Delivery:
    """A minute goes by; the delivery by which the answers followed."""
    clock.shift(timedelta(seconds=61))
    lanes.drain("reactions", "send")
    return Delivery.objects.filter(channel__kind="email").latest("id")


def test_it_says_what_was_not_seen_and_names_itself(
    chat: Chat, visitor: Visitor, member: Member, clock: Any, smtp_server: SmtpServer
):
    Brand.objects.update(sender_name="Acme Care", signature="Acme Inc.")
    asked = Conversation.objects.get()
    seen = chat.answer(asked, "One moment.", member)
    visitor.send({"type": "seen", "delivered": seen.pk, "read": 0})
    chat.answer(asked, "At 30 degrees.", member)
    last = chat.answer(asked, "And never in the dryer.", member)
    message = handover(leave(clock)).message
    assert message.message_id == make_message_id(current_workspace_id(), last.pk, "acme.example")
    assert message.text == (
        "At 30 degrees.\n\nAnd never in the dryer.\n\n-- \nAcme Inc.\n\n"
        "On Thu, 19 Nov 2026, Rosa Diaz wrote:\n> Is it washable?\n"
    )
    assert (message.html, message.in_reply_to, message.references) == ("", "", ())
    assert [each.value for each in (*message.to, *message.cc)] == [ADDRESS]
    sent = smtp_server.mails[0].parsed
    assert sent["Message-ID"] == f"<{message.message_id}>"
    assert sent["From"] == "Acme Care <support@acme.example>"
    assert sent["Subject"] == f"Your message to {Brand.objects.get()}"


def test_the_next_one_says_only_what_no_mail_has_told(
    chat: Chat, visitor: Visitor, member: Member, clock: Any, smtp_server: SmtpServer
):
    asked = Conversation.objects.get()
    chat.answer(asked, "At 30 degrees.", member)
    assert handover(leave(clock)).message.text.startswith("At 30 degrees.\n")
    chat.answer(asked, "And never in the dryer.", member)
    assert handover(leave(clock)).message.text.startswith("And never in the dryer.\n")
    assert len(smtp_server.mails) == 2


def test_what_a_mail_that_failed_was_to_tell_is_told_again(
    chat: Chat, visitor: Visitor, member: Member, clock: Any, smtp_server: SmtpServer
):
    asked = Conversation.objects.get()
    smtp_server.answers["RCPT"] = "550 5.2.2 Mailbox full"
    chat.answer(asked, "At 30 degrees.", member)
    assert leave(clock).status == "failed"
    chat.answer(asked, "And never in the dryer.", member)
    assert handover(leave(clock)).message.text.startswith("At 30 degrees.\n\nAnd never in the dryer.\n")


def test_files_of_all_that_was_not_seen_come_along(
    chat: Chat, visitor: Visitor, member: Member, clock: Any, smtp_server: SmtpServer
):
    asked = Conversation.objects.get()
    for name in ("a.txt", "b.txt"):
        file = store(IncomingFile(name, "text/plain", name.encode()), member=member)
        reply(
            conversation=asked,
            channel=chat.channel,
            member=member,
            draft=Draft(text=name, attachments=[file]),
        )
    lanes.drain("send")
    found = handover(leave(clock)).message.files
    assert [(file.name, file.content) for file in found] == [("a.txt", b"a.txt"), ("b.txt", b"b.txt")]


def test_notes_deleted_answers_and_other_channels_are_not_told(
    chat: Chat, visitor: Visitor, member: Member, clock: Any, smtp_server: SmtpServer
):
    asked = Conversation.objects.get()
    gone = chat.answer(asked, "A slip", member)
    Entry.objects.filter(pk=gone.pk).update(deleted_at="2026-11-19T10:00:00Z")
    chat.answer(asked, "At 30 degrees.", member)
    assert handover(leave(clock)).message.text.startswith("At 30 degrees.\n\nOn Thu")
