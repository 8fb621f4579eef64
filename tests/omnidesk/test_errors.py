"""What is said when something is wrong."""

import pytest
from django.test import Client

from tests.people import browser_of


@pytest.fixture
def strict(member):
    """A browser of a member's that is held to its tokens, as real ones are."""
    known, strict = browser_of(member), Client(enforce_csrf_checks=True)
    strict.cookies = known.cookies
    return strict


def test_a_form_of_an_earlier_session_gets_the_token_to_try_again_with(strict, member):
    path, old = "/w/acme/settings/profile/", {"name": "Ann", "csrfmiddlewaretoken": "x" * 64}
    refused = strict.post(path, old, headers={"HX-Request": "true"})
    assert refused.status_code == 403
    token = refused.headers["X-CSRFToken"]
    again = strict.post(path, old | {"csrfmiddlewaretoken": token}, headers={"HX-Request": "true"})
    assert again.status_code != 403
    assert "X-CSRFToken" not in strict.post(path, old).headers
