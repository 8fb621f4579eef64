"""Who attends a topic, over a real Redis."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings

from tenancy import attending, live
from tenancy.attending import CROWD, STAYS, Attendant, Doing, attend, attendants
from tenancy.models import Workspace
from tenancy.redis import client

LOOKS, WRITES = Doing("viewers:12"), Doing("viewers:12", "reply")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel("2026-11-19 10:00:00Z", tick=False) as moved:
        yield moved


@pytest.fixture
def told(in_scope: Workspace) -> Iterator[Callable[[], int]]:
    """`told()`: how many pushes of the topic there were since last asked."""
    group = f"{settings.LIVE_PREFIX}__group__{live.group(in_scope.pk, 'viewers:12')}"
    client().delete(attending._key(in_scope.pk, "viewers:12"), attending._key(in_scope.pk, "viewers:13"))
    with client().pubsub(ignore_subscribe_messages=True) as line:
        line.subscribe(group)

        def count() -> int:
            client().publish(group, b"end")
            found = 0
            while (message := line.get_message(timeout=1)) is None or message["data"] != b"end":
                found += message is not None
            return found

        yield count


def test_each_tab_attends_until_it_leaves(in_scope, told):
    attend(in_scope.pk, 7, "a", None, LOOKS)
    attend(in_scope.pk, 7, "b", None, LOOKS)
    attend(in_scope.pk, 8, "c", None, LOOKS)
    attend(in_scope.pk, 8, "c", LOOKS, WRITES)
    assert sorted(attendants("viewers:12")) == [(7, ""), (7, ""), (8, "reply")]
    assert told() == 4
    attend(in_scope.pk, 7, "a", LOOKS, None)
    attend(in_scope.pk, 8, "c", WRITES, Doing("viewers:13"))
    assert attendants("viewers:12") == [Attendant(7, "")]
    assert attendants("viewers:13") == [Attendant(8, "")]
    assert told() == 2


def test_a_sign_of_life_is_no_news(in_scope, told):
    for before in (None, WRITES, WRITES):
        attend(in_scope.pk, 7, "a", before, WRITES)
    assert told() == 1


def test_who_falls_silent_is_let_go_by_the_next_sign_of_life(in_scope, told, clock):
    attend(in_scope.pk, 7, "a", None, WRITES)
    clock.shift(STAYS - 1)
    attend(in_scope.pk, 8, "b", None, LOOKS)
    assert (len(attendants("viewers:12")), told()) == (2, 2)
    clock.shift(2)
    assert attendants("viewers:12") == [Attendant(8, "")]
    attend(in_scope.pk, 8, "b", LOOKS, LOOKS)
    assert told() == 1


def test_in_a_crowd_nobody_hears_who_comes_and_goes_but_who_writes(in_scope, told):
    for number in range(200):
        attend(in_scope.pk, number, "a", None, LOOKS)
    assert told() == CROWD + 1
    attend(in_scope.pk, 7, "a", LOOKS, WRITES)
    assert told() == 1
    for number in range(100, 200):
        attend(in_scope.pk, number, "a", LOOKS, None)
    assert (told(), len(attendants("viewers:12"))) == (0, 100)


def test_without_redis_nobody_attends_and_nothing_breaks(in_scope, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    attend(in_scope.pk, 7, "a", None, LOOKS)
    assert attendants("viewers:12") == []


def test_another_workspace_knows_nothing_of_it(in_scope, other_workspace, told):
    attend(other_workspace.pk, 7, "a", None, LOOKS)
    assert (attendants("viewers:12"), told()) == ([], 0)
