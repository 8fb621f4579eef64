"""Every page, as the URL resolver knows it: foreign addresses, foreign ids, foreign words."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client

from tenancy.models import Role
from tests.isolation.addresses import PUBLIC, Address, addresses, forged
from tests.isolation.worlds import FOREIGN, MINE, World
from tests.people import browser_of, member_of

PAGES = [address for address in addresses() if address.is_page]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FORGED = forged(FOREIGN)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in the block did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Client, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
    """The status of an answer, and what it says."""
    with undone():
        if method in {"GET", "POST"}:
            response = getattr(browser, method.lower())(path, data or {})
        else:
            response = browser.generic(method, path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body.decode(errors="replace")


@pytest.fixture
def browser(mine: World) -> Client:
    """My workspace's owner, who may do everything there; an error is an answer."""
    signed_in = browser_of(mine.owner)
    signed_in.raise_request_exception = False
    return signed_in


def test_every_address_is_a_page_or_the_api_or_known_to_be_public():
    unknown = [one.name or one.route for one in addresses() if not (one.is_page or one.is_api)]
    assert sorted(unknown) == sorted(PUBLIC)


def test_every_page_names_the_role_that_it_needs():
    assert [page.name for page in PAGES if not isinstance(getattr(page.callback, "needs", None), Role)] == []


def test_a_foreign_id_is_a_404_however_it_is_asked_for(browser, mine, other):
    before = other.snapshot()
    wrong = {}
    for page in (page for page in PAGES if page.numbers):
        for method in METHODS:
            for data in FORGED:
                status, _ = ask(browser, method, page.at(mine, FOREIGN), data)
                if status not in {404, 405}:
                    wrong[f"{method} {page.name}"] = status
    assert wrong == {}
    assert other.snapshot() == before


def test_a_foreign_workspace_is_a_404_for_every_page(browser, other):
    wrong = {}
    for page in PAGES:
        for method in ("GET", "POST"):
            status, _ = ask(browser, method, page.at(other, FOREIGN))
            if status != 404:
                wrong[f"{method} {page.name}"] = status
    assert wrong == {}


def test_own_pages_say_nothing_of_the_other_workspace(browser, mine, other):
    seen, wrong = set(), {}
    for page in PAGES:
        for data in ({}, *FORGED):
            status, words = ask(browser, "GET", page.at(mine, MINE), data)
            if other.mark in words or status >= 500:
                wrong[page.name] = status
            if status == 200:
                seen.add(page.name)
    assert wrong == {}
    readable = {page.name for page in PAGES if ask(browser, "GET", page.at(mine, MINE))[0] != 405}
    assert readable - seen <= NOT_SHOWN


# Pages that answer a plain GET with something else than themselves.
NOT_SHOWN: set[str] = {"contacts:account_line", "conversations:entry"}  # a line is asked for by its name


def test_forms_full_of_foreign_ids_change_nothing_there_and_store_nothing_here(browser, mine, other):
    before = other.snapshot()
    wrong = {}
    for page in PAGES:
        for data in FORGED:
            status, words = ask(browser, "POST", page.at(mine, MINE), data)
            if other.mark in words or status >= 500:
                wrong[page.name] = status
    assert wrong == {}
    assert other.snapshot() == before


def test_who_has_not_signed_in_is_sent_to_do_so(mine):
    for page in PAGES:
        path = page.at(mine, MINE)
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
        assert Client().get(path, headers={"HX-Request": "true"}).status_code == 401


def roles_below(page: Address) -> list[Role]:
    return [role for role in Role if not role.includes(page.callback.needs)]


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN])
def test_a_page_is_closed_to_lower_roles(mine, role):
    browser = browser_of(member_of(mine.workspace, role))
    closed = [page for page in PAGES if role in roles_below(page)]
    assert [page.name for page in closed if ask(browser, "POST", page.at(mine, MINE))[0] != 403] == []
    assert [page.name for page in closed if ask(browser, "GET", page.at(mine, MINE))[0] != 403] == []
