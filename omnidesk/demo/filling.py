"""Filling a workspace: one transaction, so that a demo is there whole or not at all."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from conversations.services import reindexing
from omnidesk.demo import desk, effort, health, ledger, stories, telling, tools, traffic
from omnidesk.demo.cast import COLLEAGUES, NEIGHBOUR, Colleague
from omnidesk.demo.customers import settle_in, suspect_doubles
from omnidesk.demo.office import LINES, join, make_user, open_office
from omnidesk.demo.scribe import Scribe
from tenancy.models import AuditEntry, Workspace
from tenancy.scope import scope
from tenancy.services import audit
from tenancy.services.workspaces import create_workspace

WORKSPACE, NEIGHBOURS = "acme", "globex"
DAYS, SEED = 30, 1
PER_DAY = 12  # conversations
FILLED = "workspace.filled"

Say = Callable[[str], None]


class CannotFill(Exception):
    """Why there will be no demo, for the person who asked for it."""


def fill(*, slug: str = WORKSPACE, days: int = DAYS, seed: int = SEED, say: Say = print) -> None:
    """Fill a workspace with the three stories and `days` days of traffic, unless that has been done.

    The demo's own workspace is made, with its sign-ins and its neighbour `globex`, where it is missing.
    Raises CannotFill for another workspace that is not there, and where DEMO=1 has not been said.
    """
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is not None and _is_filled(workspace):
        say(f"{slug} is there already")
        return
    now = timezone.now()
    with transaction.atomic():
        if workspace is None:
            workspace = _make(slug, now=now, seed=seed, say=say)
        with scope(workspace.pk):
            _fill(workspace, now=now, days=days, seed=seed, say=say)
    _analyse()


def _analyse() -> None:
    """Tell the planner what there is now: until autovacuum does, it would take the tables for empty."""
    with connection.cursor() as cursor:
        for table in apps.get_models():
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def _is_filled(workspace: Workspace) -> bool:
    with scope(workspace.pk):
        return AuditEntry.objects.filter(action=FILLED).exists()


def _make(slug: str, *, now: datetime, seed: int, say: Say) -> Workspace:
    if slug != WORKSPACE:
        raise CannotFill(f"there is no workspace {slug}")
    if not settings.DEMO:
        raise CannotFill("the demo's passwords are known to everybody: say DEMO=1 to have its sign-ins")
    if not Workspace.objects.filter(slug=NEIGHBOURS).exists():
        say(f"{NEIGHBOURS}, a neighbour")
        _fill_neighbours(_found(NEIGHBOURS, "Globex", (NEIGHBOUR,)), now=now, seed=seed)
    return _found(WORKSPACE, "Acme", COLLEAGUES)


def _found(slug: str, name: str, colleagues: Sequence[Colleague]) -> Workspace:
    """A workspace with its members; the first of them owns it."""
    owner = make_user(colleagues[0])
    workspace = create_workspace(slug=slug, name=name, owner=owner)
    with scope(workspace.pk):
        join(owner, colleagues[0])
        for colleague in colleagues[1:]:
            join(make_user(colleague), colleague)
    return workspace


def _fill(workspace: Workspace, *, now: datetime, days: int, seed: int, say: Say) -> None:
    rng = random.Random(seed)  # noqa: S311 - a play, not a secret
    say(f"{workspace.slug}: channels, accounts and contacts")
    office = open_office(workspace=workspace, now=now, days=days)
    tools.lay_out(office)
    parties, accounts = settle_in(office, rng)
    parties = [*parties, *suspect_doubles(parties, office)]
    say(f"{workspace.slug}: three stories")
    stories.tell(office, accounts)
    say(f"{workspace.slug}: {days} days of traffic")
    scribe = Scribe(workspace_id=workspace.pk, rng=rng)
    told = traffic.tell(office, parties, scribe, days=days, per_day=PER_DAY)
    scribe.write()
    desk.arrange(office, accounts)
    effort.record(rng)
    ledger.record(office, list(scribe.inbound()))
    health.note(office)
    reindexing.put_all()
    telling.tell(now)
    audit.record(member=None, action=FILLED, target=workspace.slug, data={"days": days, "seed": seed})
    say(f"{workspace.slug}: {told + 3} conversations")


def _fill_neighbours(workspace: Workspace, *, now: datetime, seed: int) -> None:
    """A little of the same, so that a leak between workspaces would be seen."""
    rng = random.Random(seed + 1)  # noqa: S311
    with scope(workspace.pk):
        office = open_office(workspace=workspace, now=now, days=DAYS, lines=LINES[:2], brands=False)
        parties, _ = settle_in(office, rng)
        scribe = Scribe(workspace_id=workspace.pk, rng=rng)
        traffic.tell(office, parties, scribe, days=DAYS, per_day=1)
        scribe.write()
        ledger.record(office, list(scribe.inbound()))
        health.note(office)
        reindexing.put_all()
