"""The way out: which addresses are refused, and where a request really goes."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from tenancy.http import ForbiddenHost, check_host, client, is_public, provider_url


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"],
)
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


INTERNAL = """
    127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
    ::1 :: fe80::1%eth0 fd00::1 ff02::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1::
"""


@pytest.mark.parametrize("address", INTERNAL.split())
def test_internal_addresses_are_not_however_they_are_written(address):
    assert not is_public(address)


@pytest.fixture
def guarded(settings):
    """An installation that is not on one machine alone."""
    settings.OMNIDESK_PRIVATE_HOSTS = False
    settings.OMNIDESK_PROVIDER_URLS = {}
    return settings


class Echo(BaseHTTPRequestHandler):
    """Says which host was asked for; sends the curious elsewhere."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a web server on this machine."""
    web = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    yield web.server_port
    web.shutdown()
    thread.join()
    web.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
def test_this_machine_cannot_be_reached_by_any_name(guarded, server, host):
    with client() as http, pytest.raises((ForbiddenHost, httpx.ConnectError, httpx.InvalidURL)):
        http.get(f"http://{host}:{server}/")


def test_an_installation_on_one_machine_may_name_it(settings, server):
    settings.OMNIDESK_PRIVATE_HOSTS = True
    with client() as http:
        answer = http.get(f"http://localhost:{server}/")
    assert (answer.status_code, answer.text) == (200, f"localhost:{server}")


def test_a_host_that_the_installation_named_as_a_provider_is_good(guarded, server):
    guarded.OMNIDESK_PROVIDER_URLS = {"twilio": f"http://localhost:{server}/"}
    with client(base_url=provider_url("twilio", "https://api.twilio.com")) as http:
        assert http.get("/x").status_code == 200
    assert provider_url("meta", "https://graph.facebook.com/") == "https://graph.facebook.com"


def test_a_redirect_is_not_followed(settings, server):
    settings.OMNIDESK_PRIVATE_HOSTS = True
    with client() as http:
        assert http.get(f"http://localhost:{server}/away").status_code == 302


def test_a_name_that_does_not_resolve_is_an_error_of_connecting(guarded):
    with client() as http, pytest.raises(httpx.ConnectError, match="does not resolve"):
        http.get("http://nowhere.invalid/")
    with pytest.raises(OSError, match=r"."):
        check_host("nowhere.invalid", 25)


def test_one_internal_address_among_several_is_enough(guarded, monkeypatch):
    def lookup(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ForbiddenHost, match=r"internal address 10\.0\.0\.1"):
        check_host("rebinding.example", 443)


def test_the_address_that_was_checked_is_the_one_connected_to(guarded, monkeypatch, server):
    """A name server that answers differently the second time gains nothing: there is no second time."""
    answers = iter(["8.8.8.8", "127.0.0.1"])

    def lookup(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert check_host("rebinding.example", server) == "8.8.8.8"
    with pytest.raises(ForbiddenHost):
        check_host("rebinding.example", server)
