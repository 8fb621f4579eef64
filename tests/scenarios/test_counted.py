"""Counts kept by deltas say what counting anew says, whatever members do with conversations."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Conversation, Label
from conversations.queries import lists
from conversations.services import counts, matter, work
from conversations.services.labels import label_named
from tenancy.models import Brand, Member, Role, Team
from tenancy.services import teams
from tenancy.services.members import add_member
from tenancy.services.users import create_user
from tests.scenarios.test_properties import fresh, histories, varied

pytestmark = pytest.mark.django_db

ACTS = ("assign", "team", "resolve", "reopen", "snooze", "spam", "ham", "add", "remove", "brand", "archive")
Act = tuple[
    str, int, int
]  # what is done, to which conversation, with which of two members, teams, labels, brands


class World:
    """Two of each that a conversation can be given to, and nobody."""

    def __init__(self) -> None:
        self.members = [_colleague(name) for name in ("Aki", "Ben")]
        self.teams: list[Team | None] = [
            teams.make(name=f"Team {number}", members=[member], by=None)
            for number, member in enumerate(self.members)
        ]
        self.labels: list[Label] = [label_named(name=name) for name in ("one", "two")]
        self.brands = [Brand.objects.earliest("pk"), Brand.objects.create(name="Second")]

    def do(self, act: str, conversation: Conversation, which: int) -> None:
        about: dict[str, Any] = {"conversation": conversation, "member": self.members[0]}
        match act:
            case "assign":
                work.assign(**about, assignee=[*self.members, None][which])
            case "team":
                work.assign_team(**about, team=[*self.teams, None][which])
            case "snooze":
                work.snooze(**about, until=conversation.last_at.replace(year=2099))
            case "add" | "remove":
                verb = work.add_label if act == "add" else work.remove_label
                verb(**about, label=self.labels[which % 2])
            case "brand":
                matter.change(matter.lock(conversation), brand=self.brands[which % 2])
            case "archive":
                team = self.teams[which % 2]
                assert team
                teams.archive(team=team, by=None)
            case _:
                verbs = {"spam": work.mark_spam, "ham": work.unmark_spam}
                (verbs.get(act) or getattr(work, act))(**about)


def _colleague(name: str) -> Member:
    user = create_user(email=f"{name}@colleagues.example".lower(), password=None, name=name)
    return add_member(user=user, role=Role.AGENT)


acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=25
)


@varied
@given(history=histories(), acts=acts)
def test_counts_by_deltas_are_the_true_ones_and_those_of_the_lists(history, acts: list[Act]) -> None:
    with fresh() as story:
        for message in history:
            message.arrive(story)
        world = World()
        found = list(Conversation.objects.order_by("pk"))
        for act, at, which in acts:
            conversation = found[at % len(found)]
            conversation.refresh_from_db()
            world.do(act, conversation, which)
        assert counts.differences() == {}
        for member in world.members:
            sidebar = lists.sidebar(member).read()
            groups = (
                sidebar.own,
                sidebar.all,
                sidebar.teams,
                sidebar.channels,
                sidebar.labels,
                sidebar.brands,
            )
            for item in (item for group in groups for item in group if item.count is not None):
                listed = lists.page(item.view, member, size=200).read().rows
                assert (item.view.key, item.count) == (item.view.key, len(listed))
