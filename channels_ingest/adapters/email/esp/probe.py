"""Testing a channel's e-mail service: is the key right, may it send, and does its webhook come here?"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import httpx

from channels_ingest.adapters.email.esp import aws
from channels_ingest.adapters.email.esp.faults import refusal, words_in
from channels_ingest.adapters.email.esp.forms import Malformed, object_in, read_object, text_in
from channels_ingest.adapters.email.esp.outbound import api_key
from channels_ingest.adapters.email.esp.places import base_url, sending_domain, sends
from channels_ingest.base import AdapterError, ChannelFacts, Check
from tenancy import http

_WEBHOOK = {
    "mailgun": "in a route, with ?mime at its end so that raw mail comes, and without it under Webhooks",
    "postmark": "as the inbound webhook, with raw mail included, and as the webhook of the message stream",
    "ses": "as an HTTPS subscription of the SNS topic",
    "sendgrid": "in Inbound Parse, with raw mail, and as the event webhook",
}


def check(channel: ChannelFacts) -> Iterator[Check]:
    """Ask the service about itself, then say what is missing for its webhook; ends with the first that
    fails."""
    try:
        if sends(channel):
            yield Check("E-mail service", True, _PROBES[channel.config["esp"]](channel))
        yield Check("Webhook", True, _webhook(channel))
    except AdapterError as error:
        name = "Webhook" if error.code == "webhook" else "E-mail service"
        yield Check(name, False, error.detail)


def _webhook(channel: ChannelFacts) -> str:
    """What is to be pasted where. Raises AdapterError when calls could not be checked."""
    service = channel.config["esp"]
    if service == "mailgun" and not channel.secrets.get("esp_secret"):
        raise AdapterError(
            "webhook", "Enter the HTTP webhook signing key: without it no call is taken.", retryable=False
        )
    address = channel.hook_url or "the address that the channel's page shows"
    open_topic = service == "ses" and not channel.config.get("esp_topic")
    hint = " Name the topic, so that no other is taken." if open_topic else ""
    return f"Paste {address} {_WEBHOOK[service]}.{hint}"


def _mailgun(channel: ChannelFacts) -> str:
    domain = sending_domain(channel)
    found = _get(channel, f"/v3/domains/{quote(domain, safe='')}", auth=("api", api_key(channel)))
    state = text_in(object_in(found, "domain"), "state")
    if state != "active":
        raise AdapterError(
            "config",
            f"Mailgun knows {domain} as {state or 'unknown'}: verify its DNS records.",
            retryable=False,
        )
    return f"Mailgun sends for {domain}."


def _postmark(channel: ChannelFacts) -> str:
    found = _get(channel, "/server", headers={"X-Postmark-Server-Token": api_key(channel)})
    inbound = text_in(found, "InboundHookUrl")
    elsewhere = channel.hook_url and inbound.rpartition("@")[2] != channel.hook_url.partition("//")[2]
    hint = " Its inbound webhook does not point here yet." if elsewhere else ""
    return f"Signed in to the Postmark server {text_in(found, 'Name')}.{hint}"


def _sendgrid(channel: ChannelFacts) -> str:
    found = _get(channel, "/v3/scopes", headers={"Authorization": f"Bearer {api_key(channel)}"})
    scopes = found.get("scopes")
    if not isinstance(scopes, list) or "mail.send" not in scopes:
        raise AdapterError("auth", "This API key may not send: give it Mail Send.", retryable=False)
    return "The API key may send mail."


def _ses(channel: ChannelFacts) -> str:
    with aws.failing(), closing(aws.client_for("sesv2", channel)) as client:
        found = client.get_account()
    if not found.get("SendingEnabled"):
        raise AdapterError("config", "Amazon has paused sending for this account.", retryable=False)
    region = aws.region_of(channel)
    if not found.get("ProductionAccessEnabled"):
        return f"SES in {region} is in its sandbox: it sends to verified addresses alone."
    return f"SES in {region} sends for this account."


def _get(channel: ChannelFacts, path: str, **options: Any) -> dict[str, Any]:
    """What the service's API answers. Raises AdapterError."""
    url = f"{base_url(channel)}{path}"
    try:
        with http.client() as client:
            answer = client.get(url, **options)
    except (httpx.HTTPError, http.ForbiddenHost) as error:
        raise AdapterError(
            "connect", f"{httpx.URL(url).host} cannot be reached: {error}", retryable=True
        ) from error
    try:
        found = read_object(answer.content)
    except Malformed:
        found = {}
    if answer.status_code != 200:
        raise refusal(
            answer.status_code, "", f"{answer.status_code} {words_in(found) or answer.reason_phrase}"
        )
    return found


_PROBES = {"mailgun": _mailgun, "postmark": _postmark, "ses": _ses, "sendgrid": _sendgrid}
