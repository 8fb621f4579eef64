"""What many tests start from: two workspaces, people in them, and their browsers."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client
from django.test.signals import template_rendered

from omnidesk.pages import Page
from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope
from tests.people import browser_of, member_of, new_workspace
from tests.programs import Program


def pytest_configure() -> None:
    """Serve style sheets and scripts under their own names: no manifest has been collected. Time no example."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    hypothesis.settings.register_profile("any machine", deadline=None)  # a loaded one is slow, not wrong
    hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave browsers to the end: once Playwright has begun in a process, no other event loop can run in it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True, scope="session")
def told_templates() -> Iterator[None]:
    """Test clients know the context of a response, as with Django's own templates; it hides no global."""
    render = Page.render

    def told(self: Page, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        assert not (context or {}).keys() & self.template.globals.keys()
        template_rendered.send(sender=self, template=self, context=context or {})
        return render(self, context, request)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Page, "render", told)
        yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    return new_workspace("acme")


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    return new_workspace("globex")


@pytest.fixture
def in_scope(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace, with its scope open for the whole test."""
    with scope(workspace.pk):
        yield workspace


@pytest.fixture
def owner(workspace: Workspace) -> Member:
    return member_of(workspace, Role.OWNER)


@pytest.fixture
def admin(workspace: Workspace) -> Member:
    return member_of(workspace, Role.ADMIN)


@pytest.fixture
def member(workspace: Workspace) -> Member:
    """An agent of the workspace."""
    return member_of(workspace, Role.AGENT)


@pytest.fixture
def browser() -> Callable[[Member], Client]:
    """`browser(member)`: a test client in which that member has signed in."""
    return browser_of


@pytest.fixture
def client(member: Member) -> Client:
    """An agent's browser."""
    return browser_of(member)


@pytest.fixture
def program(member: Member) -> Program:
    """A program that acts for an agent, with every scope."""
    return Program(member)


@pytest.fixture
def admin_program(admin: Member) -> Program:
    """A program that acts for an admin, with every scope."""
    return Program(admin)
