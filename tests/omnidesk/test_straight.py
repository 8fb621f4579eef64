"""Webhooks are answered before the middleware that people need, and pages are not."""

import pytest
from django.test import Client

from omnidesk.straight import PREFIX

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", [f"{PREFIX}mail/nothing/", f"{PREFIX}mail/", f"{PREFIX}a/b/c/"])
def test_a_call_to_a_webhook_meets_no_middleware_of_pages(path):
    answer = Client().post(path, b"x", content_type="text/plain")
    assert answer.status_code == 404
    assert "Content-Security-Policy" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_its_length_is_said_and_its_method_checked():
    answer = Client().post(f"{PREFIX}mail/nothing/", b"x", content_type="text/plain")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert Client().put(f"{PREFIX}mail/nothing/").status_code == 405


def test_a_page_keeps_its_policy():
    assert "Content-Security-Policy" in Client().get("/accounts/login/").headers
