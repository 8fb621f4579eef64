"""Workers that are killed while they hand answers over: nothing leaves twice, and what left is found."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from channels_ingest.services import outcomes
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery, Reaction
from conversations.services.channels import create_channel, update_channel
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.adapters.twilio.calls import NUMBER
from tests.channels_ingest.chat import Chat, Visitor
from tests.channels_ingest.conftest import ADDRESS
from tests.faults.calls import texts_of
from tests.faults.killing import worker_dies
from tests.people import member_of, new_workspace
from tests.providers.postmark import TOKEN, PostmarkServer, postmark_server
from tests.providers.twilio import Trouble, TwilioServer, twilio_server

__all__ = ["postmark_server", "twilio_server"]

pytestmark = pytest.mark.django_db(transaction=True)

# The worker dies when the provider has taken the message and before that is recorded.
DIES_AFTER_SENDING = """
from django.utils.module_loading import import_string
adapter = import_string("{adapter}")
send = adapter.send
adapter.send = lambda *sending: (send(*sending), die())
"""
CHAT = "channels_ingest.adapters.chat.ChatAdapter"
SMS = "channels_ingest.adapters.twilio.sms.SmsAdapter"
MAIL = "channels_ingest.adapters.email.adapter.EmailAdapter"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    cache.clear()
    yield new_workspace("acme")
    cache.clear()


@pytest.fixture
def sms(workspace: Workspace, twilio_server: TwilioServer, settings: Any) -> Channel:
    """A channel of the made-up Twilio's account that a customer has written to."""
    settings.OMNIDESK_PROVIDER_URLS = {"twilio": twilio_server.url}
    twilio_server.add_number(NUMBER)
    twilio_server.journey = ()
    texts = texts_of(workspace)
    assert texts.message().post() == 200
    lanes.drain("inbound")
    ours = {"account_sid": twilio_server.account_sid, "number": NUMBER}
    with scope(workspace.pk):
        secrets = {"auth_token": twilio_server.auth_token}
        update_channel(channel=texts.channel, member=None, config=ours, secrets=secrets)
    return texts.channel


def answer(channel: Channel, text: str, cc: list[str] | None = None) -> Delivery:
    """An agent's answer, due at once."""
    with scope(channel.workspace_id):
        member = member_of(Workspace.objects.get(), Role.AGENT)
        draft = Draft(text=text, cc=cc)
        entry = reply(conversation=Conversation.objects.get(), channel=channel, member=member, draft=draft)
        Delivery.objects.filter(entry=entry).update(due_at=timezone.now())
        return Delivery.objects.filter(entry=entry).order_by("id")[0]


def statuses(channel: Channel) -> list[tuple[str, str]]:
    with scope(channel.workspace_id):
        return list(Delivery.objects.order_by("id").values_list("status", "code"))


def ask() -> None:
    """What the clock does once the lease is over, and a minute later."""
    with time_machine.travel(timezone.now() + lanes.LEASE + timedelta(minutes=1)) as clock:
        lanes.sweep()
        lanes.drain("send")
        clock.shift(outcomes.ASK_AFTER[0])
        for question in outcomes.due():
            outcomes.ask(*question)


def test_a_text_that_left_as_its_worker_died_is_found_and_not_sent_again(
    sms: Channel, twilio_server: TwilioServer
):
    answer(sms, "We are coming.")
    urls = f'{{"twilio": "{twilio_server.url}"}}'
    worker_dies(DIES_AFTER_SENDING.format(adapter=SMS), "send", OMNIDESK_PROVIDER_URLS=urls)
    lanes.drain("send")
    assert statuses(sms) == [("sending", "")]
    ask()
    assert statuses(sms) == [("sent", "")]
    assert [sent.body for sent in twilio_server.wait_for(1)] == ["We are coming."]


def test_a_text_that_never_left_is_not_taken_for_one_that_says_the_same(
    sms: Channel, twilio_server: TwilioServer
):
    answer(sms, "We are coming.")
    lanes.drain("send")
    twilio_server.troubles.append(Trouble.LOST)
    answer(sms, "We are coming.")
    lanes.drain("send")
    ask()
    assert statuses(sms) == [("sent", ""), ("uncertain", "no-answer")]
    assert len(twilio_server.wait_for(1)) == 1


def test_a_chats_answer_whose_worker_died_reaches_the_visitor_all_the_same(workspace: Workspace):
    chat = Chat(workspace)
    visitor = Visitor(chat)
    visitor.say("Hello")
    lanes.drain("inbound")
    answer(chat.channel, "We are coming.")
    worker_dies(DIES_AFTER_SENDING.format(adapter=CHAT), "send")
    assert statuses(chat.channel) == [("sending", "")]
    ask()
    assert statuses(chat.channel) == [("sent", "")]
    assert visitor.texts() == ["Hello", "We are coming."]
    with scope(workspace.pk):
        assert Reaction.objects.filter(step=Reaction.Step.AWAY).count() == 1


def test_a_mail_to_three_that_left_as_its_worker_died_is_sent_to_nobody_again(
    workspace: Workspace, postmark_server: PostmarkServer
):
    config, secrets = ADDRESS | {"esp": "postmark"}, {"esp_api_key": TOKEN}
    with scope(workspace.pk):
        support = create_channel(kind="email", name="Support", config=config, secrets=secrets)[0]
        MailIntake(support).take(mail())
    lanes.drain("inbound")
    answer(support, "We are coming.", cc=["ann@customer.example", "ben@customer.example"])
    urls = f'{{"postmark": "{postmark_server.url}"}}'
    worker_dies(DIES_AFTER_SENDING.format(adapter=MAIL), "send", OMNIDESK_PROVIDER_URLS=urls)
    lanes.drain("send")
    assert statuses(support) == [("sending", "")] * 3
    ask()
    assert statuses(support) == [("uncertain", "crash")] * 3
    assert len(postmark_server.mails) == 1
