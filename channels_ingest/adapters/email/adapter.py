"""The e-mail channel: raw MIME by webhook or pipe and IMAP in, SMTP out."""

from collections.abc import Iterator, Mapping

from channels_ingest.adapters.email import imap, smtp
from channels_ingest.adapters.email.addresses import mailboxes, normal, on_the_wire
from channels_ingest.adapters.email.compose import compose
from channels_ingest.adapters.email.mime import read_headers
from channels_ingest.adapters.email.parse import mail_key, parse_mail
from channels_ingest.adapters.email.server import SECURITY, server_of
from channels_ingest.base import (
    MEGABYTE,
    Adapter,
    AdapterError,
    ChannelFacts,
    Check,
    ConfigKey,
    OutboundMessage,
    RawCall,
    SendResult,
)
from channels_ingest.types import Capabilities, ParsedEvent

_SECURITY_HELP = (
    "ssl: encrypted from the start. starttls: before signing in. none: for your own network only."
)


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
        ConfigKey("imap_host", "IMAP server", "Leave empty when mail comes in by webhook or pipe."),
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
        ConfigKey("smtp_host", "SMTP server", "Without it nothing can be answered."),
        ConfigKey("smtp_port", "SMTP port", "465 for ssl, 587 for starttls, 25 for none."),
        ConfigKey("smtp_security", "SMTP encryption", _SECURITY_HELP, choices=SECURITY, default="ssl"),
        ConfigKey("smtp_user", "SMTP user name"),
        ConfigKey("smtp_password", "SMTP password", secret=True),
        ConfigKey(
            "authserv_ids",
            "Trusted authentication servers",
            "Comma-separated names that your own mail server writes into Authentication-Results. Without them"
            " every sender counts as unverified. The server must remove such headers from mail that comes in.",
        ),
    )

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """Nothing to check: whoever knows the secret token in the URL is the mail server."""

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """Message-ID and body: a redelivery, or the same mail by another way, has both in common."""
        return mail_key(call.body)

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The sender, as claimed: enough to keep one person's mails in order."""
        senders = (normal(box.written) for box in mailboxes(read_headers(call.body).first("from")))
        return next(senders, "")

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """What a mail means; the envelope recipient, where a mail server tells it, may carry a reply token."""
        return parse_mail(body, channel, headers.get("x-envelope-to", ""))

    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        """Hand the mail to the channel's SMTP server, for the one recipient. Raises AdapterError."""
        said = smtp.submit(
            compose(message),
            sender=on_the_wire(message.sender),
            recipient=on_the_wire(message.recipient),
            server=server_of(channel, "smtp"),
        )
        return SendResult(aliases=(message.message_id,) if message.message_id else (), detail=said)

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        """Everything that mail can do; most servers refuse mails beyond 25 MB, files grow by a third in them."""
        return Capabilities(html=True, subject=True, cc=True, files=True, file_limit=18 * MEGABYTE)

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        """Try the servers that the channel names: reach, sign in, open the folder."""
        if channel.config.get("imap_host"):
            yield from _steps(imap.probe(channel), ("IMAP connection", "IMAP sign-in", "IMAP folder"))
        yield from _steps(smtp.probe(channel), ("SMTP connection", "SMTP sign-in"))


def _steps(done: Iterator[str], names: tuple[str, ...]) -> Iterator[Check]:
    """Each step with what it found; the first that fails is the last."""
    for name in names:
        try:
            yield Check(name, True, next(done))
        except AdapterError as error:
            yield Check(name, False, error.detail)
            return
