"""What works where nobody looks: live topics, lanes, Celery tasks, management commands. New ones have to be told
here how they are tried; until then these tests fail."""

import inspect
import io
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery import current_app
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import CommandError, call_command, get_commands
from django.db import transaction

from tenancy import lanes, live
from tenancy.scope import scope
from tests.isolation.addresses import OURS
from tests.isolation.worlds import FOREIGN, MINE, World

# Topics whose id is not a row's that every member may see.
OWN_TOPICS: dict[str, Callable[[World], int]] = dict.fromkeys(
    ("member", "mine", "notices"), lambda world: world.owner.pk
)
# Topics of those who chat on a site, and of browsers as such: no member asks for them.
UNASKED = {"visitor", "rights"}


def test_every_kind_of_topic_is_refused_for_foreign_rows_and_given_for_own(mine, other):
    with scope(mine.workspace.pk):
        for name, kind in live.kinds().items():
            own = OWN_TOPICS.get(name, lambda world: world.row)(mine)
            own_name = f"{name}:{own}" if kind.has_id else name
            may = live.allowed(mine.owner, [own_name]) == [own_name]
            assert may is (name not in UNASKED), name
            assert live.allowed(mine.owner, [f"{name}:{FOREIGN}"]) == [], name


def test_every_lane_works_on_its_own_workspace_alone(mine, other):
    before = other.snapshot()
    for lane in lanes.all_lanes():
        with scope(mine.workspace.pk):
            lane.table.objects.filter(pk=MINE).update(state="pending", due_at="2026-01-01T00:00Z")
        assert lanes.run_batch(lane, mine.workspace.pk) > 0
    assert other.snapshot() == before


# What the parameters of tasks stand for; those without any go through all workspaces by themselves.
TASK_PARAMETERS: dict[str, Callable[[World], Any]] = {
    "workspace_id": lambda world: world.workspace.pk,
    "channel_id": lambda _: FOREIGN,
    "delivery_id": lambda _: FOREIGN,
    "patient": lambda _: True,
    "kind": lambda _: "E",
    "below": lambda _: FOREIGN + 1,
    "lane": lambda _: "inbound",
}


def tasks() -> dict[str, Any]:
    """Every task of ours that a worker takes."""
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.partition(".")[0] in OURS}


def test_every_task_of_one_workspace_leaves_the_other_as_it_is(mine, other):
    before = other.snapshot()
    for name, task in tasks().items():
        parameters = inspect.signature(task.run).parameters
        unknown = set(parameters) - set(TASK_PARAMETERS)
        assert not unknown, f"say in TASK_PARAMETERS what {unknown} of {name} stand for"
        if parameters:
            with suppress(ObjectDoesNotExist):
                task.run(**{one: TASK_PARAMETERS[one](mine) for one in parameters})
    assert other.snapshot() == before


def test_tasks_that_go_through_all_workspaces_mix_nothing(mine, other):
    sweeps = [task for task in tasks().values() if not inspect.signature(task.run).parameters]
    assert len(sweeps) >= 6
    for task in sweeps:
        task.run()
    assert other.mark not in str(mine.snapshot())
    assert mine.mark not in str(other.snapshot())


# How each command is tried on my workspace with the other's ids; None for those that are no workspace's.
COMMANDS: dict[str, list[str] | None] = {
    "create_channel": ["acme", "email", "--name", "New", "--brand", str(FOREIGN)],
    "create_token": ["acme", "owner@globex.example"],
    "create_workspace": None,
    "demo": None,
    "demo_providers": None,
    "fsck": ["acme"],
    "makemessages": None,
    "ingest_mail": ["acme", str(FOREIGN), "-"],
    "poll_mail": None,
    "reindex": ["acme"],
    "replay": ["acme", str(FOREIGN)],
    "rotate_keys": None,
    "up": None,
}


def test_every_command_leaves_the_other_workspace_as_it_is(mine, other, monkeypatch):
    ours = {name for name, app in get_commands().items() if app in OURS}
    assert ours == set(COMMANDS)
    before = other.snapshot()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Subject: x\r\n\r\nx")))
    for name, words in COMMANDS.items():
        if words is None:
            continue
        said = io.StringIO()
        with suppress(CommandError, SystemExit), transaction.atomic():
            call_command(name, *words, stdout=said)
        assert other.mark not in said.getvalue()
    assert other.snapshot() == before
