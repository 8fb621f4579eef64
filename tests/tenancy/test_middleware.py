"""Which workspace a request is in, and that a failed one writes nothing."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory

from tenancy.middleware import WorkspaceMiddleware, workspace_slug, zone_of
from tenancy.models import Brand, User, Workspace
from tenancy.scope import current_workspace_id, scope


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/w/acme/inbox/", "acme"),
        ("/w/acme/", "acme"),
        ("/w/acme", None),
        ("/w/", None),
        ("/", None),
        ("/accounts/login/", None),
        ("/x/w/acme/", None),
        ("/w//acme/", ""),
    ],
)
def test_the_slug_of_a_path(path, slug):
    assert workspace_slug(path) == slug


def answer(member, view, slug="acme"):
    """What a view says to a member, through the middleware alone."""
    request = RequestFactory().get(f"/w/{slug}/")
    request.user, request.session = member.user, SessionStore()
    return WorkspaceMiddleware(view)(request), request


def test_a_view_runs_in_its_workspaces_scope(member):
    seen = []

    def view(request):
        seen.extend([current_workspace_id(), request.workspace.slug, request.member])
        return HttpResponse()

    response, request = answer(member, view)
    assert (response.status_code, seen) == (200, [member.workspace_id, "acme", member])
    assert dict(request.session.items()) == {"workspace": "acme"}


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (302, True), (400, False), (422, False), (500, False)]
)
def test_an_answer_that_something_went_wrong_writes_nothing(member, status, kept):
    def view(request):
        Brand.objects.create(name="Second")
        return HttpResponse(status=status)

    answer(member, view)
    with scope(member.workspace_id):
        assert Brand.objects.filter(name="Second").exists() is kept


@pytest.mark.parametrize(("status", "code"), [("active", 200), ("suspended", 403), ("deleting", 404)])
def test_a_workspace_that_is_closed_shows_nothing(client, workspace, status, code):
    Workspace.objects.filter(pk=workspace.pk).update(status=status)
    assert client.get("/w/acme/settings/profile/").status_code == code


def test_a_stranger_and_nobody_at_all_get_the_same_answer(client, other_workspace):
    answers = {client.get(f"/w/{slug}/settings/profile/").content for slug in ("globex", "nowhere")}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("name", "key"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC")]
)
def test_the_zone_of_a_user(name, key):
    assert zone_of(User(time_zone=name)).key == key


def test_finding_workspace_and_member_costs_two_queries(member, django_assert_num_queries):
    with django_assert_num_queries(6):  # and a savepoint, and the setting, set and put back
        answer(member, lambda _: HttpResponse())
