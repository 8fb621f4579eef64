"""Messages that leave at their time, rich text and hidden copies, as the mail server gets them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery, Entry, KeptDraft, Participant
from conversations.services import scheduled
from conversations.services.reply import Draft, reply, undo_send
from conversations.services.retelling import waiting_since
from conversations.services.scheduled import NotScheduled
from tenancy import lanes
from tenancy.models import Member
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.services.test_send import HELD, VERIFIED, asked, text_of
from tests.providers.smtp import SmtpServer

__all__ = ["asked"]

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

LATER = timedelta(hours=3)


@pytest.fixture
def later(asked: Conversation, outbox: Channel, member: Member) -> Entry:
    """An answer that is to leave in three hours, and to resolve the matter then."""
    draft = Draft("It is done.", cc=(), send_at=timezone.now() + LATER)
    return reply(conversation=asked, channel=outbox, draft=draft, member=member, then="resolved")


def pass_time(clock: Any, time: timedelta) -> None:
    clock.shift(time)
    lanes.drain("send")


def test_it_leaves_at_its_time_and_moves_the_matter_on_then(
    later: Entry, asked: Conversation, smtp_server: SmtpServer, clock: Any
):
    pass_time(clock, LATER - HELD)
    asked.refresh_from_db()
    assert (len(smtp_server.mails), asked.status) == (0, "open")
    assert asked.waiting_since == waiting_since(asked) is not None
    pass_time(clock, HELD)
    asked.refresh_from_db()
    assert (len(smtp_server.mails), asked.status, asked.waiting_since) == (1, "resolved", None)
    later.refresh_from_db()
    assert later.at > later.created_at + LATER - HELD
    assert later.data == {"to": ["jane@customer.example"]}


@pytest.mark.usefixtures("clock", "in_scope", "later")
def test_an_answer_given_meanwhile_does_not_wait_behind_it(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer, clock: Any
):
    reply(conversation=asked, channel=outbox, draft=Draft("At once.", cc=()), member=member)
    pass_time(clock, HELD)
    assert text_of(smtp_server.mails[0].parsed).startswith("At once.")
    assert smtp_server.mails[0].parsed["References"] == "<q1@customer.example>"


@pytest.fixture
def answered(later: Entry, outbox: Channel, clock: Any) -> Entry:
    """The customer writes again, and its time comes."""
    clock.shift(60)
    answers = f"In-Reply-To: <q1@customer.example>\n{VERIFIED}"
    MailIntake(outbox).take(mail("It works again!", message_id="<q2@customer.example>", top=answers))
    lanes.drain("inbound")
    pass_time(clock, LATER)
    return later


def test_it_is_held_when_the_customer_wrote_before(
    answered: Entry, asked: Conversation, smtp_server: SmtpServer
):
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.state, delivery.code) == ("held", "ignored", "answered")
    assert (smtp_server.mails, scheduled.is_answered(answered)) == ([], True)
    asked.refresh_from_db()
    assert asked.status == "open"


def test_a_person_may_send_it_all_the_same(
    answered: Entry, member: Member, smtp_server: SmtpServer, clock: Any
):
    scheduled.send_now(entry=answered, member=member)
    pass_time(clock, HELD)
    assert [text_of(sent.parsed).partition("\n")[0] for sent in smtp_server.mails] == ["It is done."]
    with pytest.raises(NotScheduled):
        scheduled.send_now(entry=answered, member=member)


def test_what_is_taken_back_is_a_draft_and_changes_nothing(
    later: Entry, asked: Conversation, member: Member, smtp_server: SmtpServer, clock: Any
):
    undo_send(entry=later, member=member)
    pass_time(clock, LATER)
    asked.refresh_from_db()
    assert (asked.status, smtp_server.mails) == ("open", [])
    assert KeptDraft.objects.get().text == "It is done."


def test_a_hidden_copy_is_shown_to_nobody(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer, clock: Any
):
    draft = Draft("Hi", cc=["bob@customer.example"], bcc=["eva@elsewhere.example", "bob@customer.example"])
    entry = reply(conversation=asked, channel=outbox, draft=draft, member=member)
    for _ in range(3):
        pass_time(clock, HELD)
    got = {sent.recipients[0]: sent for sent in smtp_server.mails}
    assert sorted(got) == ["bob@customer.example", "eva@elsewhere.example", "jane@customer.example"]
    for sent in got.values():
        assert b"eva@" not in sent.raw.lower()
        assert b"bcc" not in sent.raw.lower()
        assert str(sent.parsed["To"]) == "Jane Doe <jane@customer.example>"
        assert sent.parsed["Cc"].addresses[0].addr_spec == "bob@customer.example"
    assert entry.data["bcc"] == ["eva@elsewhere.example"]
    assert not Participant.objects.filter(identity__value="eva@elsewhere.example").exists()


def test_rich_text_leaves_as_html_beside_its_words(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer, clock: Any
):
    draft = Draft("On it\n\n- now", html="<div>On <b>it</b></div><ul><li>now</li></ul>", cc=())
    reply(conversation=asked, channel=outbox, draft=draft, member=member)
    pass_time(clock, HELD)
    message = smtp_server.mails[0].parsed
    page = message.get_body(("html",))
    assert page is not None
    assert page.get_content().startswith("<div>On <b>it</b></div><ul><li>now</li></ul>")
    assert text_of(message).startswith("On it\n\n- now\n")
