from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from tenancy.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> str:
    session = SessionStore()
    session["colour"] = "blue"
    session.create()
    assert session.session_key
    return session.session_key


def test_a_session_is_read_as_it_was_kept(kept):
    assert SessionStore(kept)["colour"] == "blue"


@pytest.mark.parametrize("key", ["0" * 32, "short", "", None, "ä" * 32, "\0" + "a" * 31])
def test_an_unknown_one_is_empty(key):
    assert SessionStore(key).load() == {}


def test_an_expired_one_is_empty_and_gets_another_key(kept):
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)):
        late = SessionStore(kept)
        assert late.get("colour") is None
        assert late.session_key is None


def test_one_that_was_tampered_with_is_empty(kept):
    Session.objects.filter(pk=kept).update(session_data="broken:signature")
    assert SessionStore(kept).load() == {}
