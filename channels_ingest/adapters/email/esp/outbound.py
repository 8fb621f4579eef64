"""Sending through a channel's e-mail service, by anymail, with the channel's own credentials."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

import requests
from anymail.backends import amazon_ses, mailgun, postmark, sendgrid
from anymail.backends.base import AnymailBaseBackend
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import AnymailError
from anymail.message import AnymailMessage
from anymail.utils import EmailAddress

from channels_ingest.adapters.email.addresses import normal, on_the_wire
from channels_ingest.adapters.email.compose import MAX_SUBJECT, marks, media_type
from channels_ingest.adapters.email.esp.aws import DEFAULT_REGION, client_for, region_of
from channels_ingest.adapters.email.esp.faults import fault_of, refused_words
from channels_ingest.adapters.email.esp.places import OUR_ID, base_url, sending_domain
from channels_ingest.adapters.email.headers import one_line
from channels_ingest.base import AdapterError, ChannelFacts, OutboundMessage, SendResult
from channels_ingest.types import Address, IncomingFile

TIMEOUT = (5, 60)  # seconds to connect, and for each piece of the answer
MAX_METADATA = 80  # characters, says Postmark
NOT_SENT = frozenset({"invalid", "rejected", "failed"})


class Session(requests.Session):
    """Calls that go where they are told: no redirects, no proxy and no credentials out of the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["User-Agent"] = "Omnidesk"

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """As ever, without following anybody."""
        return super().request(*args, **options | {"allow_redirects": False})


@dataclass(frozen=True, slots=True)
class Service:
    """How one service is sent through.

    `changes_id`: it puts a Message-ID of its own into mails. `carries_id`: ours can travel along, to come
    back with the service's news of the mail. `tracks`: it would rewrite links and count openings unless told
    not to.
    """

    backend: Callable[[ChannelFacts], AnymailBaseBackend]
    headers: tuple[tuple[str, str], ...] = ()
    changes_id: bool = False
    carries_id: bool = False
    tracks: bool = True


def send(message: OutboundMessage, channel: ChannelFacts) -> SendResult:
    """Hand a mail over to the channel's service for the recipient and those in `also`. Raises
    AdapterError."""
    service = SERVICES[channel.config["esp"]]
    mail = _mail(message, service)
    try:
        with closing(service.backend(channel)) as backend:
            backend.send_messages([mail])
    except AnymailError as error:
        raise fault_of(error) from error
    return _result(message, mail, channel)


def _mail(message: OutboundMessage, service: Service) -> AnymailMessage:
    to, cc = _recipients(message)
    mail = AnymailMessage(
        subject=one_line(message.subject)[:MAX_SUBJECT],
        body=message.text,
        from_email=_written(message.sender),
        to=[_written(each) for each in to],
        cc=[_written(each) for each in cc],
        reply_to=[_written(message.reply_to)] if message.reply_to else None,
        headers=marks(message, id_may_change=service.changes_id) | dict(service.headers),
        attachments=[_part(file, is_inline=_is_shown(file, message)) for file in message.files],
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    if service.tracks:
        mail.track_opens = mail.track_clicks = False
    if service.carries_id and len(message.message_id) <= MAX_METADATA:
        mail.metadata = {OUR_ID: message.message_id}
    return mail


def _recipients(message: OutboundMessage) -> tuple[list[Address], list[Address]]:
    """Whom the mail goes to and who gets a copy: it shows those alone, since a service sends to all that it
    shows."""
    sent_to = {each.value for each in (message.recipient, *message.also)}
    to = [each for each in message.to if each.value in sent_to]
    cc = [each for each in message.cc if each.value in sent_to]
    known = {each.value for each in (*to, *cc)}
    to += [each for each in (message.recipient, *message.also) if each.value not in known]
    return (to, cc) if to else (cc, [])


def _written(address: Address) -> str:
    return str(EmailAddress(one_line(address.name), on_the_wire(address)))


def _is_shown(file: IncomingFile, message: OutboundMessage) -> bool:
    return bool(message.html and file.inline and file.content_id)


def _part(file: IncomingFile, *, is_inline: bool) -> MIMEBase:
    part = MIMEBase(*_type_of(file))
    part.set_payload(file.content)
    encode_base64(part)
    name = one_line(file.name) or ("image" if is_inline else "attachment")
    part.add_header("Content-Disposition", "inline" if is_inline else "attachment", filename=name)
    if is_inline:
        part["Content-ID"] = f"<{one_line(file.content_id).strip('<> ')}>"
    return part


def _type_of(file: IncomingFile) -> tuple[str, str]:
    """The type of a file as it leaves. A text of which nobody knows the charset is octets: anymail would write it
    anew, in UTF-8."""
    main, sub = media_type(file.content_type)
    try:
        file.content.decode("utf-8" if main == "text" else "latin-1")
    except UnicodeDecodeError:
        return "application", "octet-stream"
    return main, sub


def _result(message: OutboundMessage, mail: AnymailMessage, channel: ChannelFacts) -> SendResult:
    status = mail.anymail_status
    told = [each.message_id for each in status.recipients.values() if each.message_id]
    aliases = [message.message_id, *(one_line(str(each)).strip("<> ") for each in told)]
    response = status.esp_response
    if isinstance(response, requests.Response):
        aliases.append(response.headers.get("X-Message-Id", ""))  # SendGrid's
    else:
        aliases += [f"{alias}@{_amazons_domain(channel)}" for alias in aliases[1:]]
    refused = {
        normal(address): refused_words(response)
        for address, each in status.recipients.items()
        if each.status in NOT_SENT
    }
    return SendResult(tuple(filter(None, dict.fromkeys(aliases))), refused=refused)


def _amazons_domain(channel: ChannelFacts) -> str:
    """What SES puts behind its id to make a Message-ID of it."""
    region = region_of(channel)
    return "email.amazonses.com" if region == DEFAULT_REGION else f"{region}.amazonses.com"


def api_key(channel: ChannelFacts) -> str:
    """The key that the channel's service asks for. Raises AdapterError when it has none."""
    key = channel.secrets.get("esp_api_key", "").strip()
    if not key:
        raise AdapterError("config", "Enter the API key of the e-mail service.", retryable=False)
    if not key.isascii() or not key.isprintable():
        raise AdapterError("auth", "The API key holds characters that no key has.", retryable=False)
    return key


def _ready(backend: AnymailRequestsBackend) -> AnymailBaseBackend:
    backend.session = Session()
    return backend


def _mailgun(channel: ChannelFacts) -> AnymailBaseBackend:
    url, domain = f"{base_url(channel)}/v3", sending_domain(channel)
    return _ready(
        mailgun.EmailBackend(api_key=api_key(channel), sender_domain=domain, api_url=url, timeout=TIMEOUT)
    )


def _postmark(channel: ChannelFacts) -> AnymailBaseBackend:
    return _ready(
        postmark.EmailBackend(server_token=api_key(channel), api_url=base_url(channel), timeout=TIMEOUT)
    )


def _sendgrid(channel: ChannelFacts) -> AnymailBaseBackend:
    # Its constructor warns each time that its authors have no account to try it with any more; the rest is
    # this.
    backend = sendgrid.EmailBackend.__new__(sendgrid.EmailBackend)
    backend.api_key, backend.generate_message_id, backend.merge_field_format = api_key(channel), True, None
    AnymailRequestsBackend.__init__(backend, f"{base_url(channel)}/v3/", timeout=TIMEOUT)
    return _ready(backend)


def _ses(channel: ChannelFacts) -> AnymailBaseBackend:
    backend = amazon_ses.EmailBackend()
    backend.client = client_for("sesv2", channel)
    return backend


SERVICES = {
    "mailgun": Service(_mailgun),
    "postmark": Service(_postmark, headers=(("X-PM-KeepID", "true"),), carries_id=True),
    "ses": Service(_ses, changes_id=True, tracks=False),
    "sendgrid": Service(_sendgrid, changes_id=True, carries_id=True),
}
