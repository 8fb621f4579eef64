"""Promise 6 over random teams, needs and orders, and the choice's rules one by one."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.choice import (
    FOREVER,
    Ageing,
    Agent,
    Needs,
    Presence,
    Skill,
    Waiting,
    Why,
    decide,
    in_order,
    settle,
)

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KINDS = ["chat", "email", "phone"]
levels = st.integers(1, 4)
skills = st.builds(Skill, st.integers(1, 3), levels, st.booleans())
needs = st.builds(
    Needs, st.lists(skills, max_size=2).map(tuple), st.sampled_from([None, None, 1, 2]), st.booleans()
)
ago = st.integers(0, 300).map(lambda minutes: NOW - timedelta(minutes=minutes))
ageings = st.sampled_from([Ageing(), Ageing(timedelta(minutes=30)), Ageing(timedelta(hours=1), most=3)])


@st.composite
def queues(draw):
    count = draw(st.integers(0, 12))
    return [
        Waiting(
            conversation=number,
            needs=draw(needs),
            kind=draw(st.sampled_from(KINDS)),
            weight=draw(st.integers(1, 4)),
            priority=draw(levels),
            since=draw(ago),
            due_at=draw(st.none() | ago),
            sticky=draw(st.sampled_from([None, 1, 2])),
            passed=draw(st.frozensets(st.integers(1, 4), max_size=2)),
        )
        for number in range(count)
    ]


@st.composite
def teams(draw):
    return [
        Agent(
            member=number,
            skills=draw(st.dictionaries(st.integers(1, 3), levels, max_size=3)),
            teams=draw(st.frozensets(st.sampled_from([1, 2]))),
            presence=draw(st.sampled_from([*Presence, Presence.ONLINE, Presence.ONLINE])),
            in_hours=draw(st.integers(0, 3)) > 0,
            is_bot=draw(st.booleans()),
            budget=draw(st.integers(0, 8)),
            used=draw(st.integers(0, 6)),
            open=draw(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 2))),
            caps=draw(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 3))),
            idle_since=draw(ago),
        )
        for number in range(1, draw(st.integers(0, 5)) + 1)
    ]


def fits(one, agent):
    """The rules, said once more in the plainest way."""
    return (
        agent.presence == Presence.ONLINE
        and agent.in_hours
        and (one.needs.bots or not agent.is_bot)
        and (one.needs.team is None or one.needs.team in agent.teams)
        and all(agent.skills.get(each.id, 0) >= each.level for each in one.needs.skills if each.must)
        and agent.member not in one.passed
        and agent.used + one.weight <= agent.budget
        and agent.open.get(one.kind, 0) + 1 <= agent.caps.get(one.kind, 99)
    )


@given(queues(), teams(), ageings)
def test_nobody_is_passed_over_and_nobody_has_too_much(queue, team, ageing):
    settled = list(settle(queue, deepcopy(team), now=NOW, ageing=ageing))
    taken = {each.conversation: each.member for each in settled}
    agents = {agent.member: agent for agent in deepcopy(team)}
    for one in sorted(
        queue,
        key=lambda one: (-ageing.priority(one, NOW), one.due_at or FOREVER, one.since, one.conversation),
    ):
        able = [agent for agent in agents.values() if fits(one, agent)]
        assert (taken.get(one.conversation) in {agent.member for agent in able}) == bool(able)
        if able:
            agents[taken[one.conversation]].take(one.kind, one.weight, NOW)


@given(queues(), teams(), ageings, st.randoms())
def test_the_order_in_which_things_are_told_changes_nothing(queue, team, ageing, chance):
    once = list(settle(queue, deepcopy(team), now=NOW, ageing=ageing))
    chance.shuffle(queue)
    chance.shuffle(team)
    assert list(settle(queue, deepcopy(team), now=NOW, ageing=ageing)) == once


@given(queues(), teams())
def test_everybody_who_was_considered_has_a_reason_and_one_was_taken_at_most(queue, team):
    for one in queue:
        decision = decide(one, team, now=NOW)
        assert sorted(each.member for each in decision.considered) == [agent.member for agent in team]
        assert [each.member for each in decision.considered if each.why is None] == (
            [] if decision.member is None else [decision.member]
        )
        able = {agent.member for agent in team if fits(one, agent)}
        assert able == {each.member for each in decision.considered if each.why in {None, Why.OTHER}}


@given(queues(), ageings)
def test_age_never_lets_the_younger_pass_the_older_of_the_same_kind(queue, ageing):
    served = in_order(queue, now=NOW, ageing=ageing)
    for before, after in pairwise(served):
        if (before.priority, before.due_at) == (after.priority, after.due_at):
            assert before.since <= after.since


def waiting(**facts: Any) -> Waiting:
    usual: dict[str, Any] = {
        "conversation": 1,
        "needs": Needs(),
        "kind": "chat",
        "weight": 1,
        "priority": 2,
        "since": NOW,
    }
    return Waiting(**usual | facts)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"member": 9, "used": 5}, {"member": 1}),  # who knows the customer
        ({"skills": {1: 3}}, {"skills": {1: 2}, "used": 0}),  # whose skills fit
        ({"used": 1, "budget": 10}, {"used": 1, "budget": 4}),  # who has more room
        ({"idle_since": NOW - timedelta(hours=2)}, {"idle_since": NOW - timedelta(hours=1)}),
    ],
)
def test_who_is_ranked_first(better, worse):
    one = waiting(needs=Needs((Skill(1, 3, must=False),)), sticky=9)
    first, second = Agent(**{"member": 5} | better), Agent(**{"member": 3} | worse)
    assert decide(one, [second, first], now=NOW).member == first.member


def test_more_than_is_asked_for_counts_for_nothing():
    one = waiting(needs=Needs((Skill(1, 2, must=False),)))
    expert = Agent(1, {1: 4}, used=2)
    assert decide(one, [expert, Agent(2, {1: 2}, used=1)], now=NOW).member == 2


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        ({"is_bot": True}, Why.BOT),
        ({"teams": {2}}, Why.TEAM),
        ({"skills": {1: 2}}, Why.SKILL),
        ({"member": 7}, Why.PASSED),
        ({"in_hours": False}, Why.HOURS),
        ({"presence": Presence.AWAY}, Why.AWAY),
        ({"presence": Presence.BUSY}, Why.AWAY),
        ({"open": {"chat": 2}, "caps": {"chat": 2}}, Why.CAPPED),
        ({"used": 9, "budget": 10}, Why.FULL),
    ],
)
def test_each_filter_says_so(agent: dict[str, Any], why: Why):
    one = waiting(needs=Needs((Skill(1, 3),), team=1, bots=False), weight=2, passed=frozenset({7}))
    facts: dict[str, Any] = {"member": 1, "teams": {1}, "skills": {1: 3}}
    assert decide(one, [Agent(**facts)], now=NOW).member == 1
    (said,) = decide(one, [Agent(**facts | agent)], now=NOW).considered
    assert said.why == why
    assert said.skill == (Skill(1, 3) if why == Why.SKILL else None)


def test_who_waits_long_enough_comes_before_what_is_more_urgent():
    old, urgent = waiting(conversation=1, since=NOW - timedelta(hours=2)), waiting(conversation=2, priority=3)
    (first,) = settle([urgent, old], [Agent(1, budget=1)], now=NOW, ageing=Ageing(timedelta(hours=1)))
    assert first.conversation == 1
    (first,) = settle([urgent, old], [Agent(1, budget=1)], now=NOW)
    assert first.conversation == 2
