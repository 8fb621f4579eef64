"""A text channel as an admin connects and tests it."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from channels_ingest.services import configure
from channels_ingest.services.facts import webhook_url
from conversations.models import Channel
from conversations.services.channels import token_of
from tenancy.models import Brand, Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.twilio.calls import NUMBER, SID
from tests.providers.twilio import TwilioServer

PAGE = "/w/acme/settings/channels"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+1 (206) 555-0100", NUMBER),
        (" +12065550100 ", NUMBER),
        ("24273", "24273"),
        ("+49 30 1234567", "+49301234567"),
    ],
)
def test_the_number_is_kept_as_twilio_writes_it(written: str, number: str):
    assert configure.split("sms", {"number": written, "account_sid": SID})[0]["number"] == number


@pytest.mark.parametrize("written", ["206 555 0100", "+1", "two", "", "+12065550100, +12065550101"])
def test_what_is_no_number_is_refused(written: str):
    with pytest.raises(ValidationError) as raised:
        configure.split("sms", {"number": written, "account_sid": SID})
    assert raised.value.message_dict.keys() == {"number"}


@pytest.fixture
def page(admin: Member, browser: Callable[[Member], Client]) -> Client:
    return browser(admin)


@pytest.fixture
def settings_of(twilio: TwilioServer) -> dict[str, str]:
    """What the admin types."""
    return {
        "name": "Texts",
        "number": "+1 206 555 0100",
        "account_sid": twilio.account_sid,
        "auth_token": twilio.auth_token,
        "messaging_service": "",
        "is_enabled": "on",
    }


def test_it_is_connected_and_tested(
    page: Client, settings_of: dict[str, str], twilio: TwilioServer, workspace: Workspace
):
    tried = page.post(f"{PAGE}/new/sms/check/", settings_of | brand(workspace)).content.decode()
    assert "Once the channel is saved, its page shows the address to give to Twilio." in tried
    assert page.post(f"{PAGE}/new/sms/", settings_of | brand(workspace)).status_code == 302
    with scope(workspace.pk):
        channel = Channel.objects.get()
        hook = webhook_url(channel, token_of(channel))
    assert (channel.address, channel.config["number"]) == (NUMBER, NUMBER)
    assert twilio.auth_token not in str(channel.config)
    typed = settings_of | brand(workspace) | {"auth_token": ""}
    checked = page.post(f"{PAGE}/{channel.pk}/check/", typed).content.decode()
    assert "Messages to this number go to nobody." in checked
    assert f"{hook}#rc=3&amp;rp=all" in checked
    twilio.numbers[NUMBER].sms_url = f"{hook}#rc=3&rp=all"
    assert "Messages come here." in page.post(f"{PAGE}/{channel.pk}/check/", typed).content.decode()


def brand(workspace: Workspace) -> dict[str, str]:

    with scope(workspace.pk):
        return {"brand": str(Brand.objects.get().pk)}
