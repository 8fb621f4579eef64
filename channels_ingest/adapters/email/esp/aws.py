"""Amazon's API for a channel: its own keys, time-outs, and no second try that we do not know of."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from channels_ingest.adapters.email.esp.faults import amazons_fault
from channels_ingest.base import AdapterError, ChannelFacts
from tenancy.http import provider_url

DEFAULT_REGION = "us-east-1"

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}")


def region_of(channel: ChannelFacts) -> str:
    """The channel's region; it becomes part of a host's name. Raises AdapterError for what is none."""
    region = channel.config.get("esp_region", "").strip().lower() or _region_in(channel) or DEFAULT_REGION
    if not _REGION.fullmatch(region):
        raise AdapterError("config", f"{region} is no region of Amazon's.", retryable=False)
    return region


def _region_in(channel: ChannelFacts) -> str:
    """The region that the channel's topic names: arn:aws:sns:eu-west-1:123456789012:mail."""
    parts = channel.config.get("esp_topic", "").split(":")
    return parts[3] if len(parts) == 6 else ""


def client_for(service: str, channel: ChannelFacts) -> Any:
    """A client of one service of Amazon's (sesv2, s3), for the channel's own keys alone: neither the
    machine's environment nor its role is asked. Raises AdapterError when the channel has no keys.

    One attempt: the library's own would hand a mail over again after an answer that did not come.
    """
    user, secret = channel.config.get("esp_user", ""), channel.secrets.get("esp_api_key", "")
    if not (user and secret):
        raise AdapterError("config", "Enter an access key id and its secret.", retryable=False)
    session = boto3.session.Session(
        aws_access_key_id=user, aws_secret_access_key=secret, region_name=region_of(channel)
    )
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": 1},
        proxies={},
        user_agent="Omnidesk",
    )
    provider = "ses" if service == "sesv2" else service
    return session.client(service, endpoint_url=provider_url(provider, "") or None, config=config)


@contextmanager
def failing() -> Iterator[None]:
    """Say what went wrong while Amazon was asked for something. Raises AdapterError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise amazons_fault(error) from error
