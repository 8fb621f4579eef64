"""Twilio and Omnidesk over HTTP, both ways: what customers write becomes entries, and answers become delivered."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.base import adapter_for
from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import accept_call
from channels_ingest.services.facts import facts_of, webhook_url
from contacts.models import Identity
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry, EntryBody
from conversations.services.channels import create_channel
from conversations.services.edits import erase
from conversations.services.files import store
from conversations.services.optouts import opted_out
from conversations.services.reply import CannotReply, Draft, reply
from conversations.types import IncomingFile
from tenancy import lanes
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.twilio.calls import NUMBER, THEIRS
from tests.providers.twilio import Media, Trouble, TwilioServer
from tests.providers.twilio.collecting import NotCollected, collect

pytestmark = [pytest.mark.django_db(transaction=True)]

HELD = timedelta(seconds=6)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


@pytest.fixture
def sms(clock: Any, workspace: Workspace, twilio: TwilioServer, live_server: Any, settings: Any) -> Channel:
    """A channel whose webhook Twilio calls, by HTTP."""
    settings.PUBLIC_URL = live_server.url
    with scope(workspace.pk):
        channel, token = create_channel(
            kind="sms",
            name="Texts",
            config={"account_sid": twilio.account_sid, "number": NUMBER},
            secrets={"auth_token": twilio.auth_token},
        )
    twilio.add_number(NUMBER, webhook_url(channel, token) + "#rc=3&rp=all")
    return channel


def until(found: Callable[[], Any], seconds: float = 10) -> Any:
    """What is found, once it is. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)
    return value


def taken(sms: Channel) -> list[tuple[str, str]]:
    """The state of each call so far, with what it was about, once the lane is empty."""
    lanes.drain("inbound")
    with scope(sms.workspace_id):
        return list(InboundEvent.objects.order_by("id").values_list("state", "summary"))


def answer(
    sms: Channel, member: Member, clock: Any, text: str, files: Sequence[tuple[str, bytes]] = ()
) -> Delivery:
    """An agent answers, and the lane runs once the undo window has passed."""
    with scope(sms.workspace_id):
        attachments = [store(IncomingFile(name, "", content), member=member) for name, content in files]
        draft = Draft(text=text, attachments=attachments)
        reply(conversation=Conversation.objects.get(), channel=sms, member=member, draft=draft)
    clock.shift(HELD)
    lanes.drain("send")
    return shown(sms)


def shown(sms: Channel) -> Delivery:
    """The latest delivery as it now is."""
    with scope(sms.workspace_id):
        return Delivery.objects.latest("id")


def test_a_picture_comes_in_and_the_answer_is_delivered(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    written = twilio.customer_writes(THEIRS, "Like this", media=[Media(PNG, "image/png", "printer.png")])
    assert [(called.status, called.tries) for called in twilio.calls] == [(200, 1)]
    assert taken(sms) == [("done", f"{THEIRS}: Like this")]
    lanes.drain("files")
    with scope(sms.workspace_id):
        entry = Entry.objects.get(kind="message")
        assert (entry.external_id, entry.identity and entry.identity.value) == (written.sid, THEIRS)
        assert EntryBody.objects.get(entry=entry).text == "Like this"
        kept = Attachment.objects.get()
        with kept.file.open() as stored:
            assert (kept.state, kept.content_type, stored.read()) == ("stored", "image/png", PNG)
    delivery = answer(sms, member, clock, "A fuse. 🙂")
    assert delivery.status == "sent"
    (sent,) = twilio.wait_for(1)
    assert (sent.to, sent.body) == (THEIRS, "A fuse. 🙂")
    until(lambda: len(twilio.calls) == 3)
    assert [called.status for called in twilio.calls] == [200, 200, 200]
    taken(sms)
    assert shown(sms).status == "delivered"


@pytest.mark.parametrize("text", ["Like these?", ""])
def test_pictures_go_out_and_twilio_fetches_them(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any, text: str
):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    answer(sms, member, clock, text, [("old fuse.png", PNG), ("new.png", PNG + b"2")])
    (sent,) = twilio.wait_for(1)
    until(lambda: len(twilio.calls) == 3)
    assert (sent.body, [(file.name, file.content_type, file.content) for file in sent.media]) == (
        text,
        [("old fuse.png", "image/png", PNG), ("new.png", "image/png", PNG + b"2")],
    )
    taken(sms)
    assert shown(sms).status == "delivered"


def test_a_picture_is_still_there_when_twilio_gets_to_it(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    twilio.troubles.append(Trouble.BUSY)
    assert answer(sms, member, clock, "", [("fuse.png", PNG)]).status == "queued"
    clock.shift(timedelta(days=3))
    lanes.drain("send")
    (sent,) = twilio.wait_for(1)
    until(lambda: len(twilio.calls) == 3)
    assert sent.media[0].content == PNG


@pytest.mark.parametrize(
    ("name", "content"),
    [("log.txt", b"plain text"), ("picture.webp", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30))],
)
def test_a_file_that_no_phone_takes_is_told_with_what_to_do(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any, *, name: str, content: bytes
):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    answer(sms, member, clock, "This", [(name, content)])
    until(lambda: len(twilio.calls) == 2)
    taken(sms)
    delivery = shown(sms)
    assert (delivery.status, delivery.code) == ("failed", "12300")
    assert delivery.reason.endswith("Send a JPEG, PNG or GIF picture.")


def test_an_installation_that_twilio_cannot_reach(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any, settings: Any
):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    answer(sms, member, clock, "This", [("fuse.png", PNG)])
    (sent,) = twilio.wait_for(1)
    assert until(lambda: sent.error_code) == 63019


def test_an_erased_picture_is_not_fetched(sms: Channel, twilio: TwilioServer, member: Member, clock: Any):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    answer(sms, member, clock, "This", [("fuse.png", PNG)])
    (sent,) = twilio.wait_for(1)
    until(lambda: len(twilio.calls) == 3)
    with scope(sms.workspace_id):
        erase(entry=shown(sms).entry)
    with pytest.raises(NotCollected):
        collect(sent.media)


def test_more_than_a_message_carries_is_refused_in_the_composer(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Which fuse?")
    taken(sms)
    with pytest.raises(CannotReply, match="too large for Texts"):
        answer(sms, member, clock, "This", [("fuse.png", PNG + bytes(4_900_000))])
    with pytest.raises(CannotReply, match="at most 10 files"):
        answer(sms, member, clock, "This", [("fuse.png", PNG)] * 11)


def test_news_may_come_early_in_any_order_and_again(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Hello?")
    taken(sms)
    twilio.journey, twilio.tells_first = ("delivered", "sent", "delivered", "sent"), True
    answer(sms, member, clock, "Hello!")
    assert len(twilio.calls) == 5
    assert [state for state, _ in taken(sms)] == ["done", "done", "done"]
    assert shown(sms).status == "delivered"


def test_one_that_cannot_be_reached_is_told_with_what_to_do(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Hello?")
    taken(sms)
    twilio.unreachable[THEIRS] = 30006
    answer(sms, member, clock, "Hello!")
    until(lambda: len(twilio.calls) == 3)
    taken(sms)
    delivery = shown(sms)
    assert (delivery.status, delivery.code) == ("failed", "30006")
    assert delivery.reason.startswith("The recipient's number is a landline")


def test_a_reply_that_crosses_a_stop_is_refused_by_twilio_and_said_so(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Hello?")
    taken(sms)
    twilio.customer_writes(THEIRS, "STOP", told=False)
    delivery = answer(sms, member, clock, "Hello!")
    assert (delivery.status, delivery.code) == ("failed", "opted_out")


def test_stop_and_start_are_kept(sms: Channel, twilio: TwilioServer):
    twilio.customer_writes(THEIRS, "Hello?")
    twilio.customer_writes(THEIRS, "STOP")
    assert [state for state, _ in taken(sms)] == ["done", "done"]
    with scope(sms.workspace_id):
        assert opted_out(sms, Identity.objects.get())
    twilio.customer_writes(THEIRS, "START")
    taken(sms)
    with scope(sms.workspace_id):
        assert not opted_out(sms, Identity.objects.get())


def test_a_broken_connection_is_not_sent_again(
    sms: Channel, twilio: TwilioServer, member: Member, clock: Any
):
    twilio.customer_writes(THEIRS, "Hello?")
    taken(sms)
    twilio.troubles.append(Trouble.DROPPED)
    assert answer(sms, member, clock, "Hello!").status == "uncertain"
    clock.shift(timedelta(hours=1))
    lanes.drain("send")
    assert len(twilio.wait_for(1)) == 1


def test_what_the_webhook_missed_is_found_once(sms: Channel, twilio: TwilioServer, clock: Any):
    told = twilio.customer_writes(THEIRS, "told")
    clock.shift(timedelta(minutes=1))
    untold = twilio.customer_writes(THEIRS, "untold", told=False)
    with scope(sms.workspace_id):
        facts, adapter = facts_of(sms), adapter_for("sms")
        calls = list(adapter.missed(facts, sms.started_at - timedelta(minutes=1)))
        kept = [
            accept_call(channel=sms, facts=facts, inlet=adapter, via=InboundEvent.Via.LIST, call=call)
            for call in calls
        ]
    assert [event is None for event in kept] == [True, False]
    assert [state for state, _ in taken(sms)] == ["done", "done"]
    with scope(sms.workspace_id):
        found = Entry.objects.filter(kind="message").order_by("at", "id")
        assert [entry.external_id for entry in found] == [told.sid, untold.sid]


def test_a_forged_call_is_refused(sms: Channel, twilio: TwilioServer):
    genuine, twilio.auth_token = twilio.auth_token, "a guess"
    twilio.customer_writes(THEIRS, "Send money")
    twilio.auth_token = genuine
    assert [(called.status, called.tries) for called in twilio.calls] == [(403, 4)]
    assert taken(sms) == []


def test_twilio_tries_again_while_the_channel_is_off(sms: Channel, twilio: TwilioServer):
    with scope(sms.workspace_id):
        Channel.objects.update(is_enabled=False)
    twilio.customer_writes(THEIRS, "Hello?")
    assert [(called.status, called.tries) for called in twilio.calls] == [(503, 4)]
