"""The channel for text messages: a phone number at Twilio."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from channels_ingest.adapters.twilio import history, inbound, media, outbound
from channels_ingest.adapters.twilio.form import fields_of
from channels_ingest.adapters.twilio.probe import probe
from channels_ingest.adapters.twilio.signature import check_signature, is_form
from channels_ingest.base import (
    Adapter,
    ChannelFacts,
    Check,
    ConfigKey,
    Forged,
    OutboundMessage,
    Outcome,
    RawCall,
    Response,
    SendResult,
)
from channels_ingest.types import Capabilities, IncomingFile, ParsedEvent

TEXT_LIMIT = 1600  # error 21617
MOST_FILES = 10  # error 21623
# Bytes: "under 5 MB" with the text, https://www.twilio.com/docs/messaging/guides/accepted-mime-types; error 11751
FILE_LIMIT = 4_900_000


class SmsAdapter(Adapter):
    """One number that customers write to and answers come from, with the workspace's own account."""

    kind = "sms"
    max_body = 256 * 1024
    config_keys = (
        ConfigKey(
            "number",
            "Phone number",
            "The number at Twilio, with its country code, like +12065550142; or a short code.",
            required=True,
        ),
        ConfigKey("account_sid", "Account SID", "From Twilio's console; it starts with AC.", required=True),
        ConfigKey(
            "auth_token",
            "Auth token",
            "The account's primary auth token: Twilio signs its calls with it. API keys do not.",
            required=True,
            secret=True,
        ),
        ConfigKey(
            "messaging_service",
            "Messaging Service SID",
            "Optional; it starts with MG. Answers then leave by the service, from a number that it picks.",
        ),
    )

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """Signed with the channel's own auth token, for the channel's own account."""
        check_signature(call, channel.secrets.get("auth_token", ""))
        named = fields_of(call.body).get("AccountSid", "")
        if is_form(call) and named != channel.config.get("account_sid"):
            raise Forged("It is for another account", 403)

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The message's sid; for news of one of ours the sid with what the news is."""
        return inbound.seen_key(call.body)

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The sender; for news the message that it is about."""
        return inbound.order_key(call.body)

    def respond(self, call: RawCall, outcome: Outcome) -> Response:
        """TwiML that does nothing: any other text would be sent to the customer."""
        body = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
        return Response(content_type="text/xml", body=body)

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """A message, with the consent that its word gives or takes; or news of one of ours."""
        return inbound.parse_call(body, channel)

    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        """Hand text and pictures to Twilio, which fetches these from us. Raises AdapterError."""
        return outbound.send(message, channel)

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        """Text, and pictures; what else may go depends on the recipient's carrier."""
        return Capabilities(
            text_limit=TEXT_LIMIT, segments=True, files=True, most_files=MOST_FILES, file_limit=FILE_LIMIT
        )

    def fetch(self, source: str, channel: ChannelFacts) -> IncomingFile:
        """Get a picture that a message named. Raises AdapterError."""
        return media.fetch(source, channel)

    def missed(self, channel: ChannelFacts, since: datetime) -> Iterator[RawCall]:
        """The messages to the channel's number since then, by Twilio's list. Raises AdapterError."""
        return history.missed(channel, since)

    def outcome(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult | None:
        """The message in Twilio's list, when it is there once. Raises AdapterError."""
        return outbound.outcome(message, channel)

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        """Account, number, webhook."""
        return probe(channel)
