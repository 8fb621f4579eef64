"""Who is told of a change: all whose list shows something else after it, and as few others as can be known."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conversations.models import Conversation
from conversations.queries import lists
from conversations.services import counts, matter, work
from conversations.services.labels import label_named
from tenancy.models import Member
from tests.conversations.services.conftest import NOW

Verb = Callable[..., object]


def mail(conversation: Conversation, write: Callable[..., Any], **_: Any) -> None:
    write("m2", thread_keys=("m1",), starts_thread=False, text="Still broken.")


def snooze(conversation: Conversation, member: Member, **_: Any) -> None:
    work.snooze(conversation=conversation, until=NOW + timedelta(days=1), member=member)


def label(conversation: Conversation, member: Member, **_: Any) -> None:
    work.add_label(conversation=conversation, label=label_named(name="vip"), member=member)


def verb(name: str, **facts: Any) -> Verb:
    """A service of `work` with these facts."""

    def called(conversation: Conversation, member: Member, **_: Any) -> None:
        getattr(work, name)(conversation=conversation, member=member, **facts)

    return called


# What is done to a conversation that the member has taken, and who hears of it beside its own thread.
CHANGES: dict[str, tuple[Verb, set[str]]] = {
    "a message": (mail, {"open", "mine"}),
    "a priority": (verb("set_priority", priority=4), {"open", "mine"}),
    "a subject": (verb("rename", subject="Another"), {"open", "mine"}),
    "a label": (label, {"open", "mine", "counts"}),
    "given up": (verb("assign", assignee=None), {"open", "mine", "unassigned", "counts"}),
    "waiting": (verb("set_status", status="pending"), {"open", "mine"}),
    "snoozed": (snooze, {"open", "mine", "snoozed", "counts"}),
    "resolved": (verb("resolve"), {"open", "mine", "resolved", "counts"}),
    "spam": (verb("mark_spam"), {"open", "mine", "spam", "counts"}),
}


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The topics of lists and counts that browsers are told of."""
    topics: set[str] = set()
    for module in (matter, counts):
        monkeypatch.setattr(module, "push", lambda _workspace, topic, ids=(): topics.add(topic))
    return topics


def pages(member: Member) -> dict[str, list[Any]]:
    """What each view shows."""
    sidebar = lists.sidebar(member).read()
    views = [item.view for item in (*sidebar.own, *sidebar.all, *sidebar.channels, *sidebar.labels)]
    return {view.key: list(lists.page(view, member).read().rows) for view in views}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_to_every_list_that_it_changes(name, write, member, pushed, clock):
    change, wanted = CHANGES[name]
    conversation = write("m1").conversation
    work.take(conversation=conversation, member=member)
    label_named(name="vip")
    before = pages(member)
    pushed.clear()
    clock.shift(60)
    change(conversation=conversation, member=member, write=write)
    names = {f"mine:{member.pk}" if topic == "mine" else topic for topic in wanted}
    assert pushed == {*names, f"conversation:{conversation.pk}"}
    after = pages(member)
    changed = [key for key in before if before[key] != after[key]]
    assert changed
    deaf = [key for key in changed if not pushed & {*lists.find_view(key, member).topics.split()}]
    assert deaf == []


def test_a_first_message_changes_lists_and_counts(write, pushed):
    conversation = write("m1").conversation
    assert pushed == {"open", "unassigned", "counts", f"conversation:{conversation.pk}"}


def test_an_aside_is_in_no_list(write, pushed):
    brand = write("m1").conversation.brand
    pushed.clear()
    side = matter.create(brand=brand, kind=Conversation.Kind.SIDE)
    assert pushed == {f"conversation:{side.pk}"}
