"""Who attends a topic: which members have on screen what it is about, and what they do there.

Kept in Redis alone, an entry for each browser tab, for as long as the tab gives signs of life: no row is written
and none is read. Without Redis nobody attends anything.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import structlog

from tenancy import live
from tenancy.redis import client
from tenancy.scope import current_workspace_id

log = structlog.get_logger(__name__)

STAYS = 12  # seconds; tabs give a sign of life every 5
CROWD = 20  # tabs; of more, screens say only that they are many, so nobody has to hear who comes and goes


class Doing(NamedTuple):
    """What a tab says: the topic that it attends, and in a word what its member does there; empty for looking."""

    topic: str
    what: str = ""


class Attendant(NamedTuple):
    """A tab of a member that attends a topic."""

    member_id: int
    what: str


def attend(workspace_id: int, member_id: int, tab: str, before: Doing | None, now: Doing | None) -> None:
    """A tab that did `before` does `now`; where that is the same, it gives a sign of life. None is nothing.
    Whoever hears of the topic is told where this changes what they see."""
    if before and (now is None or now.topic != before.topic):
        _note(workspace_id, before.topic, gone=_entry(member_id, before, tab))
        before = None
    if now:
        gone = _entry(member_id, before, tab) if before and before != now else ""
        _note(workspace_id, now.topic, gone=gone, here=_entry(member_id, now, tab))


def attendants(topic: str) -> list[Attendant]:
    """Every tab that attends a topic of the open scope's workspace."""
    try:
        found: Any = client().zrangebyscore(_key(current_workspace_id(), topic), time.time(), "inf")
    except Exception as error:  # noqa: BLE001 - Redis down must not take a page away
        log.warning("attendants not known", error=str(error))
        return []
    return list(_read(found))


def _note(workspace_id: int, topic: str, *, gone: str = "", here: str = "") -> None:
    """Take an entry out and put one in, let go who has given no sign of life, and tell of changes."""
    key, now = _key(workspace_id, topic), time.time()
    try:
        pipe = client().pipeline()
        pipe.zremrangebyscore(key, "-inf", now)
        pipe.zrem(key, gone)
        if here:
            pipe.zadd(key, {here: now + STAYS})
        pipe.expire(key, STAYS)
        pipe.zcard(key)
        lapsed, left, *come, _, count = pipe.execute()
    except Exception as error:  # noqa: BLE001 - as above
        log.warning("attendance not noted", error=str(error))
        return
    came = int(come[0]) if come else 0
    does_more = bool(_what(gone) or _what(here))
    if (lapsed or left or came) and (lapsed or does_more or _is_shown(count, count - came + left)):
        live.push_now(workspace_id, topic)


def _is_shown(after: int, before: int) -> bool:
    """Whether screens that name those who attend look different after one came or left."""
    return min(after, before) <= CROWD


def _key(workspace_id: int, topic: str) -> str:
    return f"attend:{live.group(workspace_id, topic)}"


def _entry(member_id: int, doing: Doing, tab: str) -> str:
    return f"{member_id}:{doing.what}:{tab}"


def _what(entry: str) -> str:
    return entry.partition(":")[2].partition(":")[0]


def _read(entries: list[bytes]) -> Iterator[Attendant]:
    for entry in entries:
        member_id, what, _ = entry.decode().split(":", 2)
        yield Attendant(int(member_id), what)
