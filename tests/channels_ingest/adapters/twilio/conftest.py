"""A Twilio on loopback, and the channel of its account."""

from typing import Any

import pytest

from channels_ingest.base import ChannelFacts
from tests.channels_ingest.adapters.twilio.calls import NUMBER, channel
from tests.providers.twilio import TwilioServer, twilio_server

__all__ = ["twilio_server"]


@pytest.fixture
def twilio(twilio_server: TwilioServer, settings: Any) -> TwilioServer:
    """A Twilio with one number, asked instead of the real one; it calls nobody."""
    settings.OMNIDESK_PROVIDER_URLS = {"twilio": twilio_server.url}
    settings.OMNIDESK_PRIVATE_HOSTS = False
    twilio_server.add_number(NUMBER)
    return twilio_server


@pytest.fixture
def ours(twilio: TwilioServer) -> ChannelFacts:
    """The channel of the account and its number; no news are told of what it sends."""
    return channel(token=twilio.auth_token, hook_url="", account_sid=twilio.account_sid)
