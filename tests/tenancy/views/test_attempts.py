"""How often one may try to sign in: from an address, and at an account."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tenancy.models import Role
from tests.people import new_member

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-9-battery"
TOO_MANY = "Too many failed login attempts. Try again later."


@pytest.fixture(autouse=True)
def uncounted(workspace, settings) -> Iterator[None]:
    """Two members who sign in with a password, at a minute when nobody has tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("ann", "bea"):
        user = new_member(workspace, Role.AGENT, name=name.title(), email=f"{name}@acme.example").user
        assert user
        user.set_password(PASSWORD)
        user.save()
    cache.clear()
    yield
    cache.clear()


def tried(login: str, password: str, address: str) -> Any:
    return Client(REMOTE_ADDR=address).post("/accounts/login/", {"login": login, "password": password})


def words(response: Any) -> str:
    return str(response.content.decode())


def test_an_account_that_many_try_is_closed_for_five_minutes(time_machine):
    time_machine.move_to("2026-11-23 10:00:00Z", tick=False)
    for number in range(5):
        assert "not correct" in words(tried("ann@acme.example", "wrong", f"192.0.2.{number}"))
    assert TOO_MANY in words(tried("ANN@acme.example", PASSWORD, "192.0.2.9"))
    assert tried("bea@acme.example", PASSWORD, "192.0.2.9")["Location"] == "/"
    time_machine.shift(301)
    assert tried("ann@acme.example", PASSWORD, "192.0.2.9")["Location"] == "/"


def test_an_address_that_tries_many_accounts_is_refused_for_a_minute(time_machine):
    time_machine.move_to("2026-11-23 10:00:00Z", tick=False)
    for number in range(10):
        assert "not correct" in words(tried(f"nobody{number}@acme.example", "wrong", "2001:db8::1"))
    assert TOO_MANY in words(tried("ann@acme.example", PASSWORD, "2001:db8::2"))
    assert tried("ann@acme.example", PASSWORD, "2001:db8:1::1")["Location"] == "/"
    time_machine.shift(61)
    assert tried("ann@acme.example", PASSWORD, "2001:db8::1")["Location"] == "/"


def test_an_address_that_only_ever_tries_gets_a_page_that_says_so(time_machine):
    time_machine.move_to("2026-11-23 10:00:00Z", tick=False)
    assert {tried("", "", "192.0.2.1").status_code for _ in range(30)} == {200}
    response = tried("ann@acme.example", PASSWORD, "192.0.2.1")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute, then try again." in words(response)
    time_machine.shift(61)
    assert tried("ann@acme.example", PASSWORD, "192.0.2.1")["Location"] == "/"


def test_a_forgotten_password_is_asked_for_five_times_a_minute():
    def asked() -> int:
        return Client().post("/accounts/password/reset/", {"email": "ann@acme.example"}).status_code

    assert [asked() for _ in range(5)] == [302] * 5
    assert asked() == 429
