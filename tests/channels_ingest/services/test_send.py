"""The lane "send": what leaves, and what the provider's answer makes of it. Nothing is ever sent twice blindly."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.models import InboundEvent
from channels_ingest.services import send
from channels_ingest.services.accept import MailIntake
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry
from conversations.services import channels, deliveries, optouts, work
from conversations.services.files import store
from conversations.services.reply import Draft, reply
from conversations.tokens import read_token
from conversations.types import IncomingFile
from tenancy import crashes, lanes
from tenancy.models import Brand, Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

VERIFIED = "Authentication-Results: mx.acme.example; dmarc=pass header.from=customer.example\n"
HELD = timedelta(seconds=11)


@pytest.fixture
def asked(clock: Any, outbox: Channel) -> Conversation:
    """A conversation that a customer's mail has opened."""
    MailIntake(outbox).take(
        mail("It is on fire.\nCome quickly.", cc="Bob <bob@customer.example>", top=VERIFIED)
    )
    lanes.drain("inbound")
    assert InboundEvent.objects.get().state == "done"
    return Conversation.objects.get()


@pytest.fixture
def answer(asked: Conversation, outbox: Channel, member: Member, clock: Any) -> Callable[..., Delivery]:
    """`answer()`: the agent answers, the undo window passes, the lane runs once."""

    def answered(text: str = "We are coming.", **draft: Any) -> Delivery:
        reply(conversation=asked, channel=outbox, member=member, draft=Draft(text=text, **{"cc": ()} | draft))
        clock.shift(HELD)
        lanes.drain("send")
        return Delivery.objects.latest("id")

    return answered


def told(delivery: Delivery) -> tuple[str, str, str, str]:
    delivery.refresh_from_db()
    return delivery.status, delivery.state, delivery.code, delivery.reason


def test_who_opts_out_while_an_answer_is_held_does_not_get_it(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer, clock: Any
):
    reply(conversation=asked, channel=outbox, member=member, draft=Draft("We are coming.", cc=()))
    delivery = Delivery.objects.get()
    optouts.opt_out(channel=outbox, identity=delivery.identity)
    clock.shift(HELD)
    lanes.drain("send")
    reason = "They have opted out of messages from this channel."
    assert told(delivery) == ("failed", "failed", "opted_out", reason)
    assert smtp_server.mails == []
    with pytest.raises(deliveries.CannotRetry):
        deliveries.retry(delivery=delivery, member=member)
    optouts.opt_in(channel=outbox, identity=delivery.identity)
    deliveries.retry(delivery=delivery, member=member)
    lanes.drain("send")
    assert (told(delivery)[0], len(smtp_server.mails)) == ("sent", 1)


def test_an_answer_leaves_as_a_mail_in_the_customers_thread(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, asked: Conversation, workspace: Workspace
):
    Brand.objects.update(sender_name="Acme Care", signature="Acme Inc.\nacme.example")
    delivery = answer()
    assert told(delivery) == ("sent", "done", "", "2.0.0 Queued as 42")
    sent = smtp_server.mails[0]
    assert (sent.sender, sent.recipients) == ("support@acme.example", ("jane@customer.example",))
    message = sent.parsed
    assert message["From"] == "Acme Care <support@acme.example>"
    assert message["To"] == "Jane Doe <jane@customer.example>"
    assert message["Subject"] == "Re: Printer"
    assert message["In-Reply-To"] == "<q1@customer.example>"
    assert message["References"] == "<q1@customer.example>"
    assert message["Message-ID"] == f"<{delivery.entry.external_id}>"
    token = message["Reply-To"].addresses[0].username.partition("+")[2]
    assert read_token(token) == (workspace.pk, asked.pk)
    assert "Auto-Submitted" not in message
    assert text_of(message) == (
        "We are coming.\n\n-- \nAcme Inc.\nacme.example\n\n"
        "On Thu, 19 Nov 2026, Jane Doe wrote:\n> It is on fire.\n> Come quickly.\n"
    )


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_long_thread_names_its_first_and_its_last_mails(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, outbox: Channel, clock: Any
):
    for number in range(30):
        MailIntake(outbox).take(
            mail(
                f"More {number}",
                message_id=f"<more{number}@customer.example>",
                in_reply_to="<q1@customer.example>",
                top=VERIFIED,
                date=(timezone.now() - timedelta(seconds=50 - number)).strftime(
                    "%a, %d %b %Y %H:%M:%S +0000"
                ),
            )
        )
    lanes.drain("inbound")
    answer()
    references = smtp_server.mails[0].parsed["References"].split()
    assert len(references) == 21
    assert references[0] == "<q1@customer.example>"
    assert references[-1] == smtp_server.mails[0].parsed["In-Reply-To"] == "<more29@customer.example>"


def test_every_recipient_gets_a_mail_that_shows_all_of_them(
    answer: Callable[..., Delivery], smtp_server: SmtpServer
):
    answer(cc=None)
    assert [mail.recipients for mail in smtp_server.mails] == [
        ("jane@customer.example",),
        ("bob@customer.example",),
    ]
    first, second = (mail.parsed for mail in smtp_server.mails)
    assert first["Cc"] == second["Cc"] == "Bob <bob@customer.example>"
    assert first["Message-ID"] == second["Message-ID"]


def test_files_leave_with_the_answer_and_one_that_is_gone_is_told(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, member: Member
):
    file = IncomingFile("plan.txt", "text/plain", b"Go left.")
    answer(attachments=[store(file, member=member)])
    attached = list(smtp_server.mails[0].parsed.iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in attached] == [("plan.txt", "Go left.")]
    gone = store(file, member=member)
    gone.file.storage.delete(str(gone.file.name))
    assert told(answer(attachments=[gone])) == (
        "failed",
        "failed",
        "not_ready",
        "The file plan.txt is gone.",
    )
    assert Attachment.objects.count() == 2


def test_a_refusal_for_good_fails_with_the_servers_words(
    answer: Callable[..., Delivery], smtp_server: SmtpServer
):
    smtp_server.answers["RCPT"] = "550 5.1.1 No such user here"
    assert told(answer()) == ("failed", "failed", "5.1.1", "550 5.1.1 No such user here")
    assert smtp_server.mails == []


def test_a_greylisted_message_waits_and_leaves_once(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, clock: Any
):
    smtp_server.answers["RCPT"] = "451 4.7.1 Greylisted, come back"
    delivery = answer()
    assert told(delivery) == ("queued", "pending", "4.7.1", "451 4.7.1 Greylisted, come back")
    lanes.drain("send")
    assert told(delivery)[0] == "queued"
    del smtp_server.answers["RCPT"]
    clock.shift(timedelta(minutes=1))
    lanes.drain("send")
    lanes.drain("send")
    assert told(delivery)[0] == "sent"
    assert delivery.attempts == 2
    assert len(smtp_server.mails) == 1


def test_a_server_that_hangs_up_after_the_message_leaves_the_outcome_unknown(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, clock: Any
):
    smtp_server.answers["DATA"] = "hang up"
    delivery = answer()
    status, state, code, _ = told(delivery)
    assert (status, state, code) == ("uncertain", "done", "no-answer")
    del smtp_server.answers["DATA"]
    clock.shift(timedelta(days=1))
    lanes.drain("send")
    assert smtp_server.mails == []


def test_only_a_person_lets_an_uncertain_message_leave_again(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, member: Member
):
    smtp_server.answers["DATA"] = "hang up"
    delivery = answer()
    del smtp_server.answers["DATA"]
    deliveries.settle_uncertain(delivery=delivery, arrived=False, member=member)
    lanes.drain("send")
    assert told(delivery)[0] == "sent"
    assert len(smtp_server.mails) == 1


def test_a_worker_that_died_while_sending_leaves_the_outcome_unknown(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(EmailAdapter, "send", die)
        with pytest.raises(SystemExit):
            answer()
    delivery = Delivery.objects.get()
    assert told(delivery)[:2] == ("sending", "taken")
    lanes.drain("send")
    clock.shift(lanes.LEASE)
    lanes.drain("send")
    assert told(delivery) == ("uncertain", "done", "crash", "The worker stopped while it was sending.")
    assert smtp_server.mails == []


def test_an_unknown_crash_is_an_unknown_outcome(
    answer: Callable[..., Delivery], monkeypatch: pytest.MonkeyPatch
):
    def crash(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(EmailAdapter, "send", crash)
    assert told(answer()) == ("uncertain", "done", "crash", "Sending broke off: RuntimeError.")


def test_a_server_that_is_away_is_told_in_the_channels_health_and_tried_for_a_day(
    answer: Callable[..., Delivery], outbox: Channel, clock: Any
):
    channels.update_channel(channel=outbox, member=None, config=outbox.config | {"smtp_port": "1"})
    delivery = answer()
    assert told(delivery)[:3] == ("queued", "pending", "connect")
    outbox.refresh_from_db()
    assert outbox.last_error.startswith("Sending: 127.0.0.1:1: ")
    began = timezone.now()
    while told(delivery)[1] == "pending":
        clock.shift(timedelta(hours=1, minutes=20))
        lanes.drain("send")
    assert timezone.now() - began > timedelta(days=1)
    assert told(delivery)[:3] == ("failed", "failed", "connect")
    assert delivery.attempts == send.MAX_ATTEMPTS


def test_a_server_that_cannot_be_reached_is_not_asked_again_for_each_message(
    answer: Callable[..., Delivery], outbox: Channel, smtp_server: SmtpServer, clock: Any
):
    right = outbox.config
    channels.update_channel(channel=outbox, member=None, config=right | {"smtp_port": "1"})
    first = answer()
    channels.update_channel(channel=outbox, member=None, config=right)
    reason = told(first)[3]
    second = answer("Another thing.")
    clock.shift(timedelta(minutes=1))
    lanes.drain("send")
    assert told(first) == told(second) == ("queued", "pending", "resting", reason)
    cache.delete(f"send:rest:{outbox.pk}")
    clock.shift(timedelta(minutes=1))
    lanes.drain("send")
    assert [told(first)[0], told(second)[0], len(smtp_server.mails)] == ["sent", "sent", 2]


def test_a_receipt_that_is_faster_than_the_record_is_not_taken_back(
    answer: Callable[..., Delivery], smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
):
    submit = EmailAdapter.send

    def overtaken(*sending: Any) -> Any:
        result = submit(*sending)
        deliveries.apply_receipt(
            delivery=Delivery.objects.get(), status="failed", code="5.2.2", detail="full"
        )
        return result

    monkeypatch.setattr(EmailAdapter, "send", overtaken)
    assert told(answer()) == ("failed", "failed", "5.2.2", "full")


def test_nothing_leaves_before_the_undo_window_has_passed(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer
):
    reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Wait"))
    lanes.drain("send")
    assert (smtp_server.mails, Delivery.objects.first().status) == ([], "held")  # type: ignore[union-attr]


def test_a_channel_that_was_switched_off_meanwhile_sends_nothing(
    asked: Conversation, outbox: Channel, member: Member, smtp_server: SmtpServer, clock: Any
):
    reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Wait"))
    channels.update_channel(channel=outbox, member=None, is_enabled=False)
    clock.shift(HELD)
    lanes.drain("send")
    assert told(Delivery.objects.latest("id")) == (
        "failed",
        "failed",
        "not_ready",
        "Support is switched off.",
    )


def test_a_conversation_that_began_elsewhere_goes_on_by_mail_under_its_own_subject(
    answer: Callable[..., Delivery], asked: Conversation, smtp_server: SmtpServer, member: Member
):
    work.rename(conversation=asked, subject="Order\n12", member=member)
    Entry.objects.filter(direction="in").update(external_id="")
    answer()
    assert smtp_server.mails[0].parsed["Subject"] == "Order 12"
    assert "References" not in smtp_server.mails[0].parsed


def test_a_message_over_which_workers_died_is_shown_as_failed(
    asked: Conversation, outbox: Channel, member: Member, clock: Any
):
    entry = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Ours"))
    delivery = Delivery.objects.get(entry=entry, identity=entry.identity)
    cache.set(f"started:send:{delivery.workspace_id}:{delivery.pk}", crashes.DEATHS)
    clock.shift(HELD)
    lanes.run_batch(send.lane, delivery.workspace_id)
    delivery.refresh_from_db()
    assert told(delivery) == (
        "failed",
        "failed",
        "crash",
        "The worker died over this several times.",
    )


def test_html_leaves_with_signature_and_quote(answer: Callable[..., Delivery], smtp_server: SmtpServer):
    Brand.objects.update(signature="Acme & Co")
    answer(html="<p>We are <b>coming</b>.</p>")
    part = smtp_server.mails[0].parsed.get_body(("html",))
    assert part is not None
    html = part.get_content()
    for piece in ("<b>coming</b>", "Acme &amp; Co", '<blockquote type="cite">', "It is on fire."):
        assert piece in html


def test_pictures_in_our_own_html_leave_as_they_were_written(
    answer: Callable[..., Delivery], smtp_server: SmtpServer
):
    answer(html='<p>See <img src="https://acme.example/plan.png" width="200" height="90"></p>')
    part = smtp_server.mails[0].parsed.get_body(("html",))
    assert part is not None
    html = part.get_content()
    assert ' src="https://acme.example/plan.png"' in html
    assert "data-remote-src" not in html


def test_the_scope_of_another_workspace_sends_nothing_of_ours(
    asked: Conversation, outbox: Channel, member: Member, other_workspace: Workspace, clock: Any
):
    reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Ours"))
    clock.shift(HELD)
    with scope(other_workspace.pk):
        assert lanes.run_batch(send.lane, other_workspace.pk) == 0
