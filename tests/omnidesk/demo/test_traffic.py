"""The filled demo: who signs in, and what every screen has to show."""

from io import StringIO

import pytest
from django.core.management import call_command

from channels_ingest.models import InboundEvent
from conversations.models import Conversation, Delivery, Entry, EntryBody, Reaction
from conversations.queries import lists
from conversations.services import counts
from tenancy.models import Member, User, Workspace
from tenancy.scope import scope

from .conftest import NOW


def test_the_sign_ins_are_those_of_the_contract(acme: Workspace):
    assert set(Member.objects.filter(is_bot=False).values_list("user__email", "role")) == {
        ("admin@acme.example", "owner"),
        ("agent@acme.example", "agent"),
        ("agent2@acme.example", "agent"),
        ("manager@acme.example", "manager"),
    }
    assert all(user.is_demo and user.check_password("omnidesk-demo") for user in User.objects.all())


@pytest.mark.parametrize("slug", ["acme", "globex"])
def test_kept_counts_are_true(filled: list[str], db: None, slug: str):
    with scope(Workspace.objects.get(slug=slug).pk):
        assert Conversation.objects.count() > 20
        assert counts.differences() == {}


def test_nothing_is_left_to_do_but_to_wake_what_is_snoozed(acme: Workspace):
    open_states = ("pending", "taken")
    assert not Delivery.objects.filter(state__in=open_states).exists()
    assert not InboundEvent.objects.filter(state__in=open_states).exists()
    left = Reaction.objects.filter(state__in=open_states)
    assert set(left.values_list("step", flat=True)) == {"wake"}
    assert all(reaction.due_at > NOW for reaction in left)


def test_nothing_has_happened_after_now(acme: Workspace):
    assert Entry.objects.latest("at").at <= NOW
    assert not EntryBody.objects.filter(created_at__gt=NOW).exists()


def test_the_inbox_is_alive(acme: Workspace):
    agent = Member.objects.get(user__email="agent@acme.example")
    shown = lists.page(lists.find_view("open", agent), agent, size=100).read().rows
    assert 36 <= len(shown) <= 42
    assert {row.status for row in shown} == {"open", "pending"}
    assert {row.is_unread for row in shown} == {True, False}
    assert {"resolved", "snoozed"} <= set(Conversation.objects.values_list("status", flat=True))
    assert set(Delivery.objects.values_list("status", flat=True)) >= {"failed", "uncertain", "read"}
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done", "failed", "ignored"}


def test_a_second_run_leaves_all_as_it_is(acme: Workspace):
    before, said = Entry.objects.count(), StringIO()
    call_command("demo", stdout=said)
    assert said.getvalue() == "acme is there already\n"
    assert Entry.objects.count() == before
