"""Who takes what: a pure function of what waits and who is there, without a database or a clock.

The same function decides live, in tests and over past traffic (docs/decisions/0020-routing.md). What waits is
taken in order: most urgent first, with urgency that grows with age; then due first; then longest waiting. Whoever
may take it is found by filters, of which the first that fails is the reason, and ranked: who knows the customer,
whose skills fit best, who has most room, who has been without new work longest.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MOST_URGENT = 4
NEVER, FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Presence(StrEnum):
    """Whether somebody takes new work. Busy people keep what they have."""

    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Skill:
    """That a skill is needed at a level of 1 to 4; what is only preferred keeps nobody out."""

    id: int
    level: int = 1
    must: bool = True


@dataclass(frozen=True, slots=True)
class Needs:
    """What a conversation asks of who takes it. `team` None is everybody."""

    skills: tuple[Skill, ...] = ()
    team: int | None = None
    bots: bool = True

    @property
    def musts(self) -> tuple[Skill, ...]:
        """The skills without which nobody may take it."""
        return tuple(skill for skill in self.skills if skill.must)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits for somebody.

    `kind` is that of its channel and `weight` what it takes of a capacity. `sticky` is who had it, or had the
    customer, last; `passed` are those who did not answer or handed it on.
    """

    conversation: int
    needs: Needs
    kind: str
    weight: int
    priority: int
    since: datetime
    due_at: datetime | None = None
    sticky: int | None = None
    passed: frozenset[int] = frozenset()


@dataclass(slots=True)
class Agent:
    """A member, human or bot, as they are now. `used` is the weight of what they have, `open` how many of each
    kind of channel, `caps` how many of a kind they take at most."""

    member: int
    skills: Mapping[int, int] = field(default_factory=dict)
    teams: Collection[int] = ()
    presence: Presence = Presence.ONLINE
    in_hours: bool = True
    is_bot: bool = False
    budget: int = 10
    used: int = 0
    open: dict[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)
    idle_since: datetime = NEVER

    def has_room(self, kind: str, weight: int) -> bool:
        """Whether that much of a kind still fits."""
        return self.used + weight <= self.budget and not self.is_capped(kind)

    def is_capped(self, kind: str) -> bool:
        """Whether they have as many of a kind as they take."""
        cap = self.caps.get(kind)
        return cap is not None and self.open.get(kind, 0) >= cap

    def take(self, kind: str, weight: int, at: datetime) -> None:
        """Have one more."""
        self.used += weight
        self.open[kind] = self.open.get(kind, 0) + 1
        self.idle_since = at


class Why(StrEnum):
    """Why somebody was not taken; the filters are tried in this order."""

    BOT = "bot"  # no bots may
    TEAM = "team"
    SKILL = "skill"
    PASSED = "passed"  # they did not answer, or handed it on
    HOURS = "hours"
    AWAY = "away"
    CAPPED = "capped"  # as many of this kind as they take
    FULL = "full"
    OTHER = "other"  # somebody ranked before them


@dataclass(frozen=True, slots=True)
class Considered:
    """One member as they were looked at. `why` is None for who was taken; `skill` is the one that they lack.

    `used` and `budget` are as they were before.
    """

    member: int
    why: Why | None
    used: int
    budget: int
    skill: Skill | None = None
    fit: int = 0
    is_sticky: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Who takes a conversation; `considered` are all who could be asked, the best first."""

    conversation: int
    member: int | None
    considered: Sequence[Considered] = ()


@dataclass(frozen=True, slots=True)
class Ageing:
    """Urgency grows by one for each `after` of waiting, up to `most`; never without `after`."""

    after: timedelta | None = None
    most: int = MOST_URGENT

    def priority(self, waiting: Waiting, now: datetime) -> int:
        """How urgent it is by now."""
        if not self.after or waiting.priority >= self.most:
            return waiting.priority
        return min(waiting.priority + (now - waiting.since) // self.after, self.most)


NO_AGEING = Ageing()


def in_order(waiting: Iterable[Waiting], *, now: datetime, ageing: Ageing = NO_AGEING) -> list[Waiting]:
    """What waits, in the order in which it is served."""
    return sorted(
        waiting,
        key=lambda one: (-ageing.priority(one, now), one.due_at or FOREVER, one.since, one.conversation),
    )


def decide(waiting: Waiting, agents: Iterable[Agent], *, now: datetime) -> Decision:
    """Who takes one conversation, with everybody who was considered and why they were not taken.

    Changes nothing; see `settle` for many.
    """
    looked = [_considered(waiting, agent) for agent in agents]
    able = sorted((rank for agent, said in looked if said is None for rank in [_rank(waiting, agent)]))
    order = {rank.member: place for place, rank in enumerate(able)}
    considered = [_told(waiting, agent, said, order) for agent, said in looked]
    considered.sort(key=lambda each: (order.get(each.member, len(order)), _late(each.why), each.member))
    return Decision(waiting.conversation, able[0].member if able else None, considered)


def settle(
    waiting: Iterable[Waiting], agents: Sequence[Agent], *, now: datetime, ageing: Ageing = NO_AGEING
) -> Iterator[Decision]:
    """Decide for all that waits, in order; who is taken has less room for the next.

    Gives the decisions that assign somebody. `agents` are changed as they take work. Agents are sifted once for
    all that need the same, so that ten thousand cost little more than the few who have room.
    """
    pools: dict[tuple[Needs, str], list[Agent]] = {}
    for one in in_order(waiting, now=now, ageing=ageing):
        key = (one.needs, one.kind)
        if key not in pools:
            pools[key] = [agent for agent in agents if _barred(one.needs, agent) is None]
        pool = pools[key]
        pool[:] = [agent for agent in pool if agent.has_room(one.kind, 1)]
        if not any(agent.member not in one.passed and agent.has_room(one.kind, one.weight) for agent in pool):
            continue
        decision = decide(one, agents, now=now)
        if decision.member is not None:
            next(agent for agent in pool if agent.member == decision.member).take(one.kind, one.weight, now)
            yield decision


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    """Less is better."""

    is_other: bool  # than who knows the customer
    unfit: int
    load: float
    idle_since: datetime
    member: int


def _rank(waiting: Waiting, agent: Agent) -> _Rank:
    load = agent.used / agent.budget if agent.budget else 1.0
    is_other = waiting.sticky != agent.member
    return _Rank(is_other, -_fit(waiting.needs, agent), load, agent.idle_since, agent.member)


def _fit(needs: Needs, agent: Agent) -> int:
    """How well what is preferred is met: a level for each, up to what is asked. More than is asked counts for
    nothing, so that experts stay free for what needs them."""
    return sum(min(agent.skills.get(one.id, 0), one.level) for one in needs.skills if not one.must)


def _barred(needs: Needs, agent: Agent) -> tuple[Why, Skill | None] | None:
    """What keeps somebody out for as long as neither they nor the needs change."""
    if agent.is_bot and not needs.bots:
        return Why.BOT, None
    if needs.team is not None and needs.team not in agent.teams:
        return Why.TEAM, None
    lacking = next((one for one in needs.musts if agent.skills.get(one.id, 0) < one.level), None)
    if lacking:
        return Why.SKILL, lacking
    if not agent.in_hours:
        return Why.HOURS, None
    return (Why.AWAY, None) if agent.presence != Presence.ONLINE else None


def _considered(waiting: Waiting, agent: Agent) -> tuple[Agent, tuple[Why, Skill | None] | None]:
    """Whether somebody may take it, or the first filter that they fail."""
    barred = _barred(waiting.needs, agent)
    if barred and barred[0] in {Why.BOT, Why.TEAM, Why.SKILL}:
        return agent, barred
    if agent.member in waiting.passed:
        return agent, (Why.PASSED, None)
    if barred:
        return agent, barred
    if agent.is_capped(waiting.kind):
        return agent, (Why.CAPPED, None)
    return agent, None if agent.has_room(waiting.kind, waiting.weight) else (Why.FULL, None)


def _told(
    waiting: Waiting, agent: Agent, said: tuple[Why, Skill | None] | None, order: Mapping[int, int]
) -> Considered:
    why, skill = said or (None if order[agent.member] == 0 else Why.OTHER, None)
    return Considered(
        member=agent.member,
        why=why,
        used=agent.used,
        budget=agent.budget,
        skill=skill,
        fit=_fit(waiting.needs, agent),
        is_sticky=agent.member == waiting.sticky,
    )


_LATE = {why: place for place, why in enumerate(reversed(Why))}


def _late(why: Why | None) -> int:
    """Who came furthest through the filters is told of first."""
    return -1 if why is None else _LATE[why]
