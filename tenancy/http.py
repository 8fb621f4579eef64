"""The only way out to servers that a workspace names: time-outs always, private addresses never by accident."""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class ForbiddenHost(ValueError):
    """A host that resolves to a private, loopback or otherwise internal address."""


def check_host(host: str, port: int) -> str:
    """Resolve a host and return the address to connect to, so that a second look-up cannot differ.

    Raises ForbiddenHost when any of its addresses is internal (unless OMNIDESK_PRIVATE_HOSTS, or the host is
    one of OMNIDESK_PROVIDER_URLS), and OSError when it does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in found]
    if not (settings.OMNIDESK_PRIVATE_HOSTS or host in _provider_hosts()):
        for address in addresses:
            if not ipaddress.ip_address(address.split("%")[0]).is_global:
                raise ForbiddenHost(f"{host} resolves to the internal address {address}")
    return addresses[0]


def _provider_hosts() -> set[str]:
    return {urlsplit(url).hostname or "" for url in settings.OMNIDESK_PROVIDER_URLS.values()}


def provider_url(provider: str, default: str) -> str:
    """A provider's base URL, as the installation may have replaced it."""
    return str(settings.OMNIDESK_PROVIDER_URLS.get(provider, default)).rstrip("/")


class _GuardedTransport(httpx.HTTPTransport):
    """Connects to the very address that was checked; the Host header and TLS name stay the host's."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = check_host(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        request.extensions = {"sni_hostname": host, **request.extensions}
        request.url = request.url.copy_with(host=address)
        return super().handle_request(request)


def client(**options: Any) -> httpx.Client:
    """An HTTP client with time-outs and the address guard; it follows no redirects and reads no environment."""
    return httpx.Client(
        transport=_GuardedTransport(retries=0),
        **{"timeout": TIMEOUT, "follow_redirects": False, "trust_env": False, **options},
    )
