"""Which workspaces are filled, and which are not."""

import pytest
import time_machine
from django.core.management import CommandError, call_command

from conversations.models import EntryBody, Notice
from conversations.services import counts
from omnidesk.demo import fill
from tenancy.models import User, Workspace
from tenancy.scope import scope
from tests.people import new_workspace

from .conftest import NOW


def test_sign_ins_are_made_only_where_the_demo_is_asked_for(db: None):
    with pytest.raises(CommandError, match="say DEMO=1"):
        call_command("demo")
    assert not User.objects.exists()


def test_no_other_workspace_is_made(db: None, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="there is no workspace initech"):
        call_command("demo", workspace="initech")


def test_the_same_seed_tells_the_same_in_any_workspace(db: None):
    def told(slug: str, seed: int) -> list[tuple[object, ...]]:
        workspace = new_workspace(slug)
        with time_machine.travel(NOW, tick=False):
            fill(slug=slug, days=1, seed=seed, say=lambda _: None)
        with scope(workspace.pk):
            assert counts.differences() == {}
            bodies = EntryBody.objects.order_by("entry__at", "entry_id").select_related("entry")
            return [(body.entry.at, body.text.replace(workspace.name, "Us")) for body in bodies]

    assert told("initech", 5) == told("hooli", 5)
    assert not User.objects.filter(is_demo=True).exists()


@pytest.mark.parametrize("slug", ["acme", "globex"])
def test_all_that_is_derived_is_as_it_would_be_told_again(filled: list[str], db: None, slug: str):
    call_command("fsck", slug)


def test_members_are_told_of_what_happened_last(acme: Workspace):
    assert {"customer", "colleague"} <= set(Notice.objects.values_list("kind", flat=True))
