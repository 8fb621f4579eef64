"""Every route of the API, as the URL resolver knows it, asked by a token of mine for what is somebody else's."""

import json

import pytest
from django.db import transaction
from django.test import Client

from tenancy.scope import scope
from tenancy.services import tokens
from tests.isolation.addresses import addresses, forged
from tests.isolation.worlds import FOREIGN, MINE, World

ROUTES = [address for address in addresses() if address.is_api]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def token(mine: World) -> str:
    """One that may do everything its owner may."""
    with scope(mine.workspace.pk):
        return tokens.create(member=mine.owner, name="forger")[1]


def ask(token: str, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
    """The status of an answer, and what it says; undone."""
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    with transaction.atomic():
        if method == "GET":
            response = client.get(path, body or {})
        else:
            response = client.generic(method, path, json.dumps(body or {}), "application/json")
        words = response.getvalue().decode(errors="replace")
        transaction.set_rollback(True)
    return response.status_code, words


NOBODYS = 77_000_001


def test_a_foreign_id_is_answered_like_one_that_nobody_has(token, mine, other):
    before, wrong = other.snapshot(), {}
    for route in (route for route in ROUTES if route.numbers):
        for method in METHODS:
            for body in forged(FOREIGN):
                status, words = ask(token, method, route.at(mine, FOREIGN), body)
                unknown, _ = ask(token, method, route.at(mine, NOBODYS), body)
                if status not in {400, 404, 405} or status != unknown or other.mark in words:
                    wrong[f"{method} {route.name}"] = status
    assert wrong == {}
    assert other.snapshot() == before


# A private note is about a contact or an account, and mine is about the contact; drafts and notices are their
# members' alone.
NOT_THERE = {"api:account-note-detail", "api:draft-detail", "api:notice-detail"}


def test_lists_and_rows_say_nothing_of_the_other_workspace(token, mine, other):
    readable = 0
    for route in ROUTES:
        status, words = ask(token, "GET", route.at(mine, MINE))
        assert status in {200, 405} or route.name in NOT_THERE, route.name
        assert other.mark not in words
        readable += mine.mark in words
    assert readable > len(ROUTES) / 3


def test_filters_by_foreign_ids_find_nothing(token, mine, other):
    filtered = set()
    names = forged(FOREIGN)[0]
    for route in ROUTES:
        status, words = ask(token, "GET", route.at(mine, MINE), names)
        assert status in {200, 400, 405} or route.name in NOT_THERE, route.name
        assert other.mark not in words, route.name
        # A list says at once which names it does not know; whatever takes all of them reads none.
        known = names.keys() - json.loads(words)["errors"].keys() if status == 400 else ()
        for name in known:
            status, words = ask(token, "GET", route.at(mine, MINE), {name: str(FOREIGN)})
            assert status < 500, (route.name, name)
            assert other.mark not in words, (route.name, name)
            filtered.add(name)
    assert filtered >= {"account", "assignee", "channel", "contact"}


def test_bodies_full_of_foreign_ids_change_nothing_there_and_break_nothing_here(token, mine, other):
    before, wrong = other.snapshot(), {}
    for route in ROUTES:
        for method in ("POST", "PATCH"):
            for body in forged(FOREIGN):
                status, words = ask(token, method, route.at(mine, MINE), body)
                if status >= 500 or other.mark in words:
                    wrong[f"{method} {route.name}"] = status
    assert wrong == {}
    assert other.snapshot() == before


@pytest.mark.parametrize("bearer", ["", "omni_00000000_madeup", "x"])
def test_without_a_good_token_every_route_is_closed(mine, bearer):
    for route in ROUTES:
        assert ask(bearer, "GET", route.at(mine, MINE))[0] == 401
        assert ask(bearer, "POST", route.at(mine, MINE))[0] == 401


def test_a_session_does_not_open_the_api(mine):
    client = Client()
    client.force_login(mine.owner.user)
    assert {client.get(route.at(mine, MINE)).status_code for route in ROUTES} == {401}
