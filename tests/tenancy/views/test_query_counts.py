"""A list costs the same queries for one row and for three."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenancy.models import Role
from tenancy.scope import scope
from tenancy.services import audit, invitations, tokens
from tests.people import browser_of, new_member


def add(page: str, owner, workspace, number: int) -> None:
    """One more row for a page to show."""
    if page == "members":
        new_member(workspace, Role.AGENT, name=f"New {number}", email=f"new{number}@acme.example")
    with scope(workspace.pk):
        invitations.invite(email=f"guest{number}@acme.example", role=Role.AGENT, by=owner)
        tokens.create(member=owner, name=f"token {number}")
        audit.record(member=owner, action="test.noted")


@pytest.mark.parametrize("page", ["members", "tokens", "audit"])
def test_a_list_asks_no_more_for_more_rows(owner, workspace, page):
    browser, counts = browser_of(owner), []
    for number in range(3):
        add(page, owner, workspace, number)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"/w/acme/settings/{page}/").status_code == 200
        counts.append(len(captured))
    assert counts[1] == counts[2]
    assert counts[2] <= 14
