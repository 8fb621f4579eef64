"""Where the services' APIs are: at hosts of their own, by region, or where the installation sends them."""

from channels_ingest.base import MEGABYTE, ChannelFacts
from tenancy.http import provider_url

SERVICES = ("mailgun", "postmark", "ses", "sendgrid")
EUROPE = "eu"
# The name under which our Message-ID travels with a mail, and comes back with the service's news of it.
OUR_ID = "message-id"
# What files may come to: servers refuse mails beyond 25 MB, Postmark those beyond 10, and files grow by a
# third.
FILE_LIMIT = 18 * MEGABYTE
FILE_LIMITS = {"postmark": 7 * MEGABYTE}

_BASE = {
    "mailgun": "https://api.mailgun.net",
    "postmark": "https://api.postmarkapp.com",
    "sendgrid": "https://api.sendgrid.com",
}
_IN_EUROPE = {"mailgun": "https://api.eu.mailgun.net", "sendgrid": "https://api.eu.sendgrid.com"}


def base_url(channel: ChannelFacts) -> str:
    """The address of the API of a channel's service, without a path. A channel chooses among hosts, never
    names one."""
    service = channel.config["esp"]
    is_european = channel.config.get("esp_region", "").strip().lower().startswith(EUROPE)
    default = (_IN_EUROPE if is_european else _BASE).get(service, _BASE[service])
    return provider_url(service, default)


def sending_domain(channel: ChannelFacts) -> str:
    """The domain that Mailgun sends for: the channel's own word, else that of its address."""
    return (
        channel.config.get("esp_domain", "").strip() or channel.config.get("address", "").rpartition("@")[2]
    )


def sends(channel: ChannelFacts) -> bool:
    """Whether mail leaves through the channel's service: it may also only bring mail, with an SMTP server to
    answer."""
    return channel.config.get("esp", "") in SERVICES and not channel.config.get("smtp_host")
