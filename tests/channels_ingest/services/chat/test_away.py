"""Visitors who left before the answer came: by mail where somebody vouches for a mailbox, else people are told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from contacts.models import Contact, Identity
from conversations.models import Channel, Conversation, Delivery, DeliveryAlias, Entry, Reaction
from conversations.queries.words import event_words
from tenancy import lanes
from tenancy.models import Member
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.chat import Chat, Visitor, rosa, signed_email
from tests.providers.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

ADDRESS = "rosa@customer.example"


@pytest.fixture
def visitor(clock: Any, chat: Chat) -> Visitor:
    """Rosa, signed in with a mail address that the site vouches for, who has asked something and left."""
    visitor = Visitor(chat, rosa(email=ADDRESS, email_hash=signed_email(ADDRESS)))
    visitor.say("Is it washable?")
    lanes.drain("inbound")
    return visitor


@pytest.fixture
def stranger(clock: Any, chat: Chat) -> Visitor:
    """Somebody of whom nothing is known, who has asked something and left."""
    visitor = Visitor(chat)
    visitor.say("Is it washable?", email="anna@x.example")
    lanes.drain("inbound")
    return visitor


def events() -> list[str]:
    return list(
        Entry.objects.filter(event__startswith="chat_").order_by("id").values_list("event", flat=True)
    )


@dataclass(frozen=True)
class Desk:
    """An agent at the chat, and their clock."""

    chat: Chat
    member: Member
    clock: Any

    def answer(self, text: str) -> Entry:
        return self.chat.answer(Conversation.objects.get(), text, self.member)

    def wait(self, seconds: int = 61) -> None:
        self.clock.shift(timedelta(seconds=seconds))
        lanes.drain("reactions", "send")


@pytest.fixture
def desk(clock: Any, chat: Chat, member: Member) -> Desk:
    return Desk(chat, member, clock)


def text_of(smtp_server: SmtpServer) -> str:
    """The text of the only mail."""
    (sent,) = smtp_server.mails
    part = sent.parsed.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_an_answer_that_nobody_fetches_follows_by_mail(
    desk: Desk, visitor: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    desk.answer("At 30 degrees.")
    lanes.drain("reactions")
    assert events() == []
    desk.wait()
    assert [sent.recipients for sent in smtp_server.mails] == [(ADDRESS,)]
    assert "At 30 degrees." in text_of(smtp_server)
    assert smtp_server.mails[0].parsed["To"] == f"Rosa Diaz <{ADDRESS}>"
    assert Delivery.objects.get(channel=outbox).status == "sent"
    event = Entry.objects.get(event="chat_followed_by_mail")
    assert event_words(event) == (
        f"<b>Rosa Diaz</b> had left the chat: the answer went by e-mail to <b>{ADDRESS}</b>"
    )


def test_what_is_answered_to_that_mail_comes_back_into_the_conversation(
    desk: Desk, visitor: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    Channel.objects.update(continuity=None)
    desk.answer("At 30 degrees.")
    desk.wait()
    named = smtp_server.mails[0].parsed["Message-ID"]
    assert named == f"<{DeliveryAlias.objects.earliest('id').value}>"
    MailIntake(outbox).take(mail("Thank you!", **{"from": ADDRESS}, in_reply_to=named))
    lanes.drain("inbound")
    assert InboundEvent.objects.latest("id").state == "done"
    entry = Entry.objects.filter(kind="message").latest("id")
    assert (entry.conversation, entry.rule) == (Conversation.objects.get(), "thread")


def test_who_comes_back_and_fetches_it_gets_no_mail(
    desk: Desk, visitor: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    entry = desk.answer("At 30 degrees.")
    visitor.send({"type": "seen", "delivered": entry.pk, "read": 0})
    desk.wait()
    assert (smtp_server.mails, events()) == ([], [])


def test_one_mail_says_all_when_the_agent_has_finished(
    desk: Desk, visitor: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    desk.answer("At 30 degrees.")
    desk.wait(40)
    desk.answer("And never in the dryer.")
    desk.wait(40)
    assert smtp_server.mails == []
    desk.wait()
    said = text_of(smtp_server)
    assert 0 <= said.find("At 30 degrees.") < said.find("And never in the dryer.")
    assert events() == ["chat_followed_by_mail"]


def test_the_reaction_may_run_twice(desk: Desk, visitor: Visitor, outbox: Channel, smtp_server: SmtpServer):
    desk.answer("At 30 degrees.")
    desk.wait()
    Reaction.objects.filter(step="away").update(state="pending")
    desk.wait()
    assert (len(smtp_server.mails), events()) == (1, ["chat_followed_by_mail"])
    assert Reaction.objects.get(step="away").state == "done"


def test_a_claimed_address_is_never_written_to(
    desk: Desk, stranger: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    desk.answer("At 30 degrees.")
    desk.wait()
    assert (smtp_server.mails, events()) == ([], ["chat_left"])


def test_that_somebody_left_is_told_once_until_they_were_here_again(desk: Desk, stranger: Visitor):
    desk.answer("At 30 degrees.")
    desk.wait()
    last = desk.answer("Are you there?")
    desk.wait()
    assert events() == ["chat_left"]
    stranger.send({"type": "seen", "delivered": last.pk, "read": 0})
    desk.answer("Welcome back.")
    desk.wait()
    assert events() == ["chat_left", "chat_left"]
    words = event_words(Entry.objects.filter(event="chat_left").latest("id"))
    assert words.endswith("your answer waits until they are back")


def test_an_address_that_an_agent_has_confirmed_will_do(
    desk: Desk, stranger: Visitor, outbox: Channel, smtp_server: SmtpServer
):
    Identity.objects.filter(kind="email").update(holds=True, proof="confirmed")
    desk.answer("At 30 degrees.")
    desk.wait()
    assert [sent.recipients for sent in smtp_server.mails] == [("anna@x.example",)]


@pytest.mark.parametrize("missing", [{"is_enabled": False}, {"config": {"address": "support@acme.example"}}])
def test_without_a_mail_channel_that_can_send_the_answer_waits(
    desk: Desk, visitor: Visitor, outbox: Channel, missing: dict[str, Any]
):
    Channel.objects.filter(pk=outbox.pk).update(**missing)
    desk.answer("At 30 degrees.")
    desk.wait()
    assert events() == ["chat_left"]


def test_an_address_that_several_people_use_is_nobodys(desk: Desk, visitor: Visitor, outbox: Channel):
    Identity.objects.filter(kind="email").update(is_shared=True)
    desk.answer("At 30 degrees.")
    desk.wait()
    assert events() == ["chat_left"]
    assert Contact.objects.count() == 1
