"""The whole way for each service: a mail comes in, the answer goes out, and news of it moves the delivery."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from channels_ingest.adapters.email.esp import sns
from channels_ingest.base import RawCall
from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery, Entry
from conversations.services import channels
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.esp import calls
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.providers import mailgun, postmark, sendgrid, ses
from tests.providers.mailgun import mailgun_server
from tests.providers.postmark import postmark_server
from tests.providers.sendgrid import sendgrid_server
from tests.providers.ses import amazon

__all__ = ["amazon", "mailgun_server", "postmark_server", "sendgrid_server"]

NOW = "2026-03-02T09:00:00Z"
BOUNCE = {"bounceType": "Permanent", "bounceSubType": "General"}
JANE = "jane@customer.example"
GREETING = calls.MAILGUNS


def mailgun_news(event: str, message_id: str) -> RawCall:
    about = {"message": {"headers": {"message-id": message_id}}}
    status = {"severity": "permanent", "delivery-status": {"message": "550 5.1.1 No such user"}}
    return calls.mailgun_event(event, f"t-{event}", **about, **(status if event == "failed" else {}))


def postmark_news(event: str, message_id: str) -> RawCall:
    details = (
        {"Type": "HardBounce", "Details": "550 5.1.1 No such user", "ID": 1} if event == "Bounce" else {}
    )
    kind = {"Type": "SpamComplaint", "ID": 2} if event == "SpamComplaint" else {}
    return calls.json_call(calls.postmark_event(event, Email=JANE, Metadata={}, **details, **kind))


def sendgrid_news(event: str, message_id: str) -> RawCall:
    reason = {"reason": "550 5.1.1 No such user"} if event == "bounce" else {}
    made = calls.sendgrid_event(event, sg_message_id="sg1.filter0", **reason)
    return calls.json_call([{**made, "message-id": ""}])


def ses_news(event: str, message_id: str) -> RawCall:
    one = {"emailAddress": JANE}
    known: dict[str, dict[str, Any]] = {
        "Delivery": {"delivery": {"recipients": [JANE]}},
        "Bounce": {
            "bounce": BOUNCE | {"bouncedRecipients": [one | {"diagnosticCode": "550 5.1.1 No such user"}]}
        },
        "Complaint": {"complaint": {"complainedRecipients": [one]}},
    }
    return calls.json_call(ses.notification(calls.ses_event(event, **known[event]), MessageId=f"sns-{event}"))


@dataclass(frozen=True)
class Service:
    """One service as a channel has it: the fixture that serves it, its settings, a mail as it posts it, its news,
    and its words for delivered, bounced and complained of."""

    name: str
    server: str
    settings: tuple[dict[str, str], dict[str, str]]
    mail: RawCall
    news: Callable[[str, str], RawCall]
    words: tuple[str, str, str]


SERVICES = [
    Service(
        "mailgun",
        "mailgun_server",
        ({}, {"esp_api_key": mailgun.KEY, "esp_secret": calls.SECRET}),
        calls.mailgun_raw(mail(top=GREETING)),
        mailgun_news,
        ("delivered", "failed", "complained"),
    ),
    Service(
        "postmark",
        "postmark_server",
        ({}, {"esp_api_key": postmark.TOKEN}),
        calls.json_call(calls.postmark_mail(RawEmail=mail().decode())),
        postmark_news,
        ("Delivery", "Bounce", "SpamComplaint"),
    ),
    Service(
        "sendgrid",
        "sendgrid_server",
        ({}, {"esp_api_key": sendgrid.KEY}),
        calls.sendgrid_raw(),
        sendgrid_news,
        ("delivered", "bounce", "spamreport"),
    ),
    Service(
        "ses",
        "amazon",
        ({"esp_topic": ses.TOPIC, "esp_user": ses.KEY_ID}, {"esp_api_key": ses.SECRET}),
        calls.json_call(ses.notification(calls.ses_mail())),
        ses_news,
        ("Delivery", "Bounce", "Complaint"),
    ),
]


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    cache.clear()
    sns._public_key.cache_clear()
    request.getfixturevalue(request.param.server)
    found: Service = request.param
    return found


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def door(service: Service, clock: Any, workspace: Workspace) -> tuple[Channel, str]:
    """The channel, and the path that its service posts to."""
    with scope(workspace.pk):
        channel, token = channels.create_channel(
            kind="email",
            name="Support",
            config=ADDRESS | {"esp": service.name} | service.settings[0],
            secrets=service.settings[1],
        )
    return channel, f"/hooks/{service.name}/{token}/"


def post(path: str, call: RawCall) -> int:
    response = Client().post(path, call.body, content_type=call.headers["content-type"])
    return int(response.status_code)


@pytest.fixture
def sent(
    service: Service, door: tuple[Channel, str], workspace: Workspace, member: Member, clock: Any
) -> Callable[..., Any]:
    """`sent()`: the mail came in, the answer is sent; gives its delivery as it is at that moment."""
    assert post(door[1], service.mail) == 200
    lanes.drain("inbound")
    with scope(workspace.pk):
        conversation = Conversation.objects.get()
        reply(conversation=conversation, channel=door[0], member=member, draft=Draft(text="We are coming."))
    clock.shift(timedelta(seconds=11))
    lanes.drain("send")

    def found() -> tuple[str, str, str]:
        with scope(workspace.pk):
            row = Delivery.objects.get()
            return row.status, row.code, row.reason

    return found


def news(door: tuple[Channel, str], call: RawCall) -> None:
    assert post(door[1], call) == 200
    lanes.drain("inbound")


def answered(workspace: Workspace) -> str:
    """The Message-ID of the answer."""
    with scope(workspace.pk):
        return Entry.objects.get(kind="message", direction="out").external_id


def test_delivered_then_bounced(
    service: Service, door: tuple[Channel, str], sent: Callable[..., Any], workspace: Workspace
):
    assert sent()[0] == "sent"
    answer = answered(workspace)
    news(door, service.news(service.words[0], answer))
    assert sent()[0] == "delivered"
    news(door, service.news(service.words[1], answer))
    status, code, reason = sent()
    assert (status, code) == ("failed", "5.1.1")
    assert "No such user" in reason


def test_a_complaint_is_told_in_the_thread_once(
    service: Service, door: tuple[Channel, str], sent: Callable[..., Any], workspace: Workspace
):
    answer = answered(workspace)
    for _ in range(2):
        news(door, service.news(service.words[2], answer))
    with scope(workspace.pk):
        InboundEvent.objects.update(state="pending")
    lanes.drain("inbound")
    assert sent()[0] == "delivered"
    with scope(workspace.pk):
        [told] = Entry.objects.filter(event="complained")
        assert told.data["to"] == JANE


def test_a_mail_comes_once_whatever_way_it_comes(
    service: Service, door: tuple[Channel, str], workspace: Workspace
):
    assert [post(door[1], service.mail) for _ in range(3)] == [200] * 3
    lanes.drain("inbound")
    with scope(workspace.pk):
        raw = mail(top=GREETING) if service.name == "mailgun" else mail()
        MailIntake(door[0]).take(raw)
        lanes.drain("inbound")
        assert (InboundEvent.objects.count(), Entry.objects.filter(kind="message").count()) == (1, 1)


def test_what_is_forged_is_stored_nowhere(service: Service, door: tuple[Channel, str], workspace: Workspace):
    if service.name in {"postmark", "sendgrid"}:
        with scope(workspace.pk):
            channels.update_channel(channel=door[0], member=None, secrets={"esp_secret": "a password"})
    forged = replace(service.mail, body=b"{}")
    made = service.mail if service.name in {"postmark", "sendgrid"} else forged
    assert post(door[1], made) in {401, 403}
    others = [each.name for each in SERVICES if each.name != service.name]
    for other in others:
        assert post(door[1].replace(service.name, other), service.mail) == 401
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 0


def test_a_call_that_is_too_large_is_refused(service: Service, door: tuple[Channel, str]):
    response = Client().generic("POST", door[1], b"", CONTENT_LENGTH=str(60 * 1024 * 1024))
    assert response.status_code == 413


def test_news_of_a_mail_that_is_not_ours_ends_as_ignored(
    service: Service, door: tuple[Channel, str], workspace: Workspace, clock: Any
):
    assert post(door[1], service.news(service.words[0], "nobody@acme.example")) == 200
    lanes.drain("inbound")
    clock.shift(timedelta(minutes=2))
    lanes.drain("inbound")
    with scope(workspace.pk):
        event = InboundEvent.objects.get()
    assert (event.state, event.reason) == ("ignored", "A report on a message that is not ours.")


def test_a_service_with_a_secret_has_no_second_door(
    door: tuple[Channel, str], service: Service, workspace: Workspace
):
    status = post(door[1].replace(service.name, "mail"), calls.call(mail(), "message/rfc822"))
    config, secrets = service.settings
    assert status == (403 if "esp_secret" in secrets or "esp_topic" in config else 200)


@pytest.mark.parametrize("service", SERVICES[:1], ids=["mailgun"], indirect=True)
def test_a_mail_of_twenty_megabytes_passes_the_webhook(
    door: tuple[Channel, str], workspace: Workspace, settings: Any
):
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < 20_000_000
    raw = mail("x" * 20_000_000, top=GREETING)
    assert post(door[1], calls.mailgun_raw(raw)) == 200
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert InboundEvent.objects.get().state == "done"
        assert InboundEvent.objects.get().size > 20_000_000
