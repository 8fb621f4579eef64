"""The only way out to servers that a workspace names: time-outs always, internal addresses never by accident."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LONGEST = 60.0  # seconds for a whole answer: each time-out begins anew with every byte that comes
# RFC 6052: a gateway turns these into the IPv4 address of their last 32 bits.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


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
            if not is_public(address):
                raise ForbiddenHost(f"{host} resolves to the internal address {address}")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the Internet's, and not a way round to one that is not."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in NAT64:
            inner.append(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF))
        if any(one is not None and not is_public(str(one)) for one in inner):
            return False
    return found.is_global and not found.is_multicast


def _provider_hosts() -> set[str]:
    return {urlsplit(url).hostname or "" for url in settings.OMNIDESK_PROVIDER_URLS.values()}


def provider_url(provider: str, default: str) -> str:
    """A provider's base URL, as the installation may have replaced it."""
    return str(settings.OMNIDESK_PROVIDER_URLS.get(provider, default)).rstrip("/")


class _GuardedTransport(httpx.HTTPTransport):
    """Connects to the very address that was checked; the Host header and TLS name stay the host's."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host, url, deadline = request.url.host, request.url, time.monotonic() + LONGEST
        try:
            address = check_host(host, url.port or (443 if url.scheme == "https" else 80))
        except OSError as error:
            raise httpx.ConnectError(f"{host} does not resolve: {error}", request=request) from error
        answer = super().handle_request(
            httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={"sni_hostname": host, **request.extensions},
            )
        )
        assert isinstance(answer.stream, httpx.SyncByteStream)
        answer.stream = _InTime(answer.stream, deadline)
        return answer


class _InTime(httpx.SyncByteStream):
    """A body that has to be there by a time, however steadily it trickles."""

    def __init__(self, body: httpx.SyncByteStream, deadline: float) -> None:
        self._body = body
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            yield piece
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("the answer comes too slowly")

    def close(self) -> None:
        self._body.close()


def client(**options: Any) -> httpx.Client:
    """An HTTP client with time-outs and the address guard; it follows no redirects and reads no environment.

    Its requests raise ForbiddenHost beside httpx's own errors; httpx.ReadTimeout also for an answer that takes
    longer than LONGEST.
    """
    return httpx.Client(
        transport=_GuardedTransport(retries=0),
        **{"timeout": TIMEOUT, "follow_redirects": False, "trust_env": False, **options},
    )
