"""The e-mail channel: raw MIME by webhook or pipe and IMAP in, SMTP out."""

from collections.abc import Iterator, Mapping

from channels_ingest.adapters.email import imap, smtp
from channels_ingest.adapters.email.addresses import on_the_wire
from channels_ingest.adapters.email.compose import compose
from channels_ingest.adapters.email.esp.places import FILE_LIMIT, FILE_LIMITS, SERVICES, sends
from channels_ingest.adapters.email.parse import Envelope, mail_key, parse_mail, sender_of
from channels_ingest.adapters.email.server import SECURITY, server_of
from channels_ingest.base import (
    MEGABYTE,
    Adapter,
    AdapterError,
    ChannelFacts,
    Check,
    ConfigKey,
    Forged,
    OutboundMessage,
    RawCall,
    SendResult,
)
from channels_ingest.types import Capabilities, ParsedEvent

_SECURITY_HELP = (
    "ssl: encrypted from the start. starttls: before signing in. none: for your own network only."
)
_BASIC_AUTH_HELP = "The user:password, or the password alone, that you put into the webhook's address."


class EmailAdapter(Adapter):
    """A mailbox such as support@…, with the workspace's own servers."""

    kind = "email"
    max_body = 35 * MEGABYTE
    config_keys = (
        ConfigKey(
            "address",
            "E-mail address",
            "Where customers write to, and where answers come from.",
            required=True,
        ),
        ConfigKey(
            "imap_host",
            "IMAP server",
            "Leave empty when mail comes in by webhook or pipe.",
            section="A mailbox that mail is fetched from",
        ),
        ConfigKey("imap_port", "IMAP port", "993 for ssl, 143 otherwise."),
        ConfigKey("imap_security", "IMAP encryption", _SECURITY_HELP, choices=SECURITY, default="ssl"),
        ConfigKey("imap_user", "IMAP user name"),
        ConfigKey("imap_password", "IMAP password", secret=True),
        ConfigKey("imap_folder", "IMAP folder", default="INBOX"),
        ConfigKey(
            "imap_after",
            "Once a mail is stored",
            "leave: touch nothing. seen: mark it as read. move: also move it, where the server can.",
            choices=("leave", "seen", "move"),
            default="leave",
        ),
        ConfigKey("imap_move_to", "Folder to move to"),
        ConfigKey(
            "smtp_host",
            "SMTP server",
            "Leave empty when an e-mail service sends. One of the two is needed to answer.",
            section="A server that mail leaves by",
        ),
        ConfigKey("smtp_port", "SMTP port", "465 for ssl, 587 for starttls, 25 for none."),
        ConfigKey("smtp_security", "SMTP encryption", _SECURITY_HELP, choices=SECURITY, default="ssl"),
        ConfigKey("smtp_user", "SMTP user name"),
        ConfigKey("smtp_password", "SMTP password", secret=True),
        ConfigKey(
            "esp",
            "E-mail service",
            "Brings mail by webhook, and sends it unless there is an SMTP server above.",
            choices=SERVICES,
            section="The e-mail service",
        ),
        ConfigKey(
            "esp_secret",
            "Webhook secret",
            secret=True,
            when=(
                "esp",
                {
                    "mailgun": "The HTTP webhook signing key.",
                    "postmark": _BASIC_AUTH_HELP,
                    "sendgrid": _BASIC_AUTH_HELP,
                },
            ),
        ),
        ConfigKey("esp_user", "Access key id", when=("esp", {"ses": "Of a user who may send mail."})),
        ConfigKey(
            "esp_api_key",
            "API key",
            secret=True,
            when=(
                "esp",
                {
                    "mailgun": "A sending key.",
                    "postmark": "The server token.",
                    "ses": "The secret access key.",
                    "sendgrid": "A key that may send.",
                },
            ),
        ),
        ConfigKey(
            "esp_domain",
            "Sending domain",
            when=("esp", {"mailgun": "Empty: that of the address above."}),
        ),
        ConfigKey(
            "esp_region",
            "Region",
            when=(
                "esp",
                {"mailgun": "eu, or empty.", "sendgrid": "eu, or empty.", "ses": "Such as eu-west-1."},
            ),
        ),
        ConfigKey(
            "esp_topic",
            "SNS topic",
            when=("esp", {"ses": "The ARN of the topic that may bring mail and news."}),
        ),
        ConfigKey(
            "esp_event_key",
            "Event verification key",
            when=("esp", {"sendgrid": "The public key of its signed event webhook."}),
        ),
        ConfigKey(
            "authserv_ids",
            "Trusted authentication servers",
            "Comma-separated names that your own mail server writes into Authentication-Results. Without them"
            " every sender counts as unverified. The server must remove such headers from mail that comes in.",
            section="Who vouches for senders",
        ),
    )

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """Whoever knows the secret token in the URL is the mail server; a channel whose e-mail service shows
        a secret or a signature besides has no second door without one. Raises Forged."""
        proves = channel.secrets.get("esp_secret") or channel.config.get("esp_topic")
        if channel.config.get("esp") and proves:
            raise Forged("The mail of this channel comes from its e-mail service", 403)

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """Message-ID and body: a redelivery, or the same mail by another way, has both in common."""
        return mail_key(call.body)

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The sender, as claimed: enough to keep one person's mails in order."""
        return sender_of(call.body)

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """What a mail means; the envelope recipient, where a mail server tells it, may carry a reply token."""
        return parse_mail(body, channel, Envelope(recipient=headers.get("x-envelope-to", "")))

    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        """Hand the mail to the channel's e-mail service, for all its recipients, or to its SMTP server for
        the one. Raises AdapterError."""
        if sends(channel):
            from channels_ingest.adapters.email.esp import outbound

            return outbound.send(message, channel)
        said = smtp.submit(
            compose(message),
            sender=on_the_wire(message.sender),
            recipient=on_the_wire(message.recipient),
            server=server_of(channel, "smtp"),
        )
        return SendResult(aliases=(message.message_id,) if message.message_id else (), detail=said)

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        """Everything that mail can do."""
        limit = FILE_LIMITS.get(channel.config.get("esp", ""), FILE_LIMIT) if sends(channel) else FILE_LIMIT
        return Capabilities(
            html=True,
            subject=True,
            cc=True,
            files=True,
            file_limit=limit,
            together=self.carries_copies(channel),
        )

    def carries_copies(self, channel: ChannelFacts) -> bool:
        """A service sends one mail to all that it shows; an SMTP server is told each recipient apart."""
        return sends(channel)

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        """Try what the channel names: reach the servers, sign in, open the folder; ask the e-mail service."""
        if channel.config.get("imap_host"):
            yield from _steps(imap.probe(channel), ("IMAP connection", "IMAP sign-in", "IMAP folder"))
        if channel.config.get("esp"):
            from channels_ingest.adapters.email.esp import probe

            yield from probe.check(channel)
        if not sends(channel):
            yield from _steps(smtp.probe(channel), ("SMTP connection", "SMTP sign-in"))


def _steps(done: Iterator[str], names: tuple[str, ...]) -> Iterator[Check]:
    """Each step with what it found; the first that fails is the last."""
    for name in names:
        try:
            yield Check(name, True, next(done))
        except AdapterError as error:
            yield Check(name, False, error.detail)
            return
