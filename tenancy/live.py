"""Live push: tell open browsers that something they show has changed.

Only names and ids travel; the browser fetches the fragment again through the ordinary view, so there is one
permission path. A lost push costs freshness, never data: on reconnect a browser refetches all that it shows, and
is made to reconnect when Redis was started anew.

A topic is a kind, alone (`open`) or with the id of a row (`conversation:12`). Each app registers its kinds, with
what decides who may subscribe.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from tenancy.models import Member
from tenancy.redis import client
from tenancy.tables import TenantModel

log = structlog.get_logger(__name__)

# 18 digits fit a bigint, so that no id that somebody makes up becomes a database error.
_TOPIC = re.compile(r"([a-z_]{1,40})(?::([0-9]{1,18}))?")
# The group of every connection, of whatever workspace; no topic can be named so.
PULSE = "pulse"
# The kind of topic, with a user's id, that every browser of theirs hears of and none can ask for.
RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of topic; `among(member, ids)` gives those of the ids that the member may hear of, inside the scope
    of the member's workspace. Who hears of one that `is_attended` may say that they attend it."""

    among: Callable[[Member, set[int]], Iterable[int]]
    has_id: bool = True
    is_attended: bool = False


_kinds: dict[str, Kind] = {}


def topic(
    kind: str,
    among: Callable[[Member, set[int]], Iterable[int]],
    *,
    has_id: bool = True,
    is_attended: bool = False,
) -> None:
    """Make a kind of topic known; called by AppConfig.ready(). Without ids, `among` is asked for those of {0}."""
    _kinds[kind] = Kind(among, has_id, is_attended)


def existing(table: type[TenantModel]) -> Callable[[Member, set[int]], Iterable[int]]:
    """For `topic`: every member may hear of every row of the table that their workspace has."""
    return lambda _member, ids: table.objects.filter(pk__in=ids).values_list("pk", flat=True)


def everybody(_member: Member, ids: set[int]) -> Iterable[int]:
    """For `topic`: every member may hear of it."""
    return ids


def nobody(_member: Member, _ids: set[int]) -> Iterable[int]:
    """For `topic`: no member may hear of it."""
    return ()


def kinds() -> dict[str, Kind]:
    """Every registered kind of topic."""
    return dict(_kinds)


def allowed(member: Member, names: Iterable[str]) -> list[str]:
    """Those of the topics that a member may hear of, each once, in the order asked; nothing that is no topic. Asks
    once for each kind, however many ids there are. Inside the workspace's scope."""
    known = {name: parts for name in names if (parts := _parse(name))}
    asked: dict[str, set[int]] = {}
    for kind, number in known.values():
        asked.setdefault(kind, set()).add(number)
    found = {kind: set(_kinds[kind].among(member, ids)) for kind, ids in asked.items()}
    return [name for name, (kind, number) in known.items() if number in found[kind]]


def _parse(name: str) -> tuple[str, int] | None:
    """A topic's kind and id, which is 0 for a kind without; None for what is no topic."""
    if not (parts := _TOPIC.fullmatch(name)):
        return None
    kind, number = _kinds.get(parts[1]), parts[2]
    if kind is None or kind.has_id != (number is not None):
        return None
    return parts[1], int(number or 0)


def may_be_attended(topic: str) -> bool:
    """Whether members can say that they attend a topic of this kind."""
    parts = _parse(topic)
    return parts is not None and _kinds[parts[0]].is_attended


def push(workspace_id: int, topic: str, ids: Iterable[int] = ()) -> None:
    """After commit, send `topic` with the ids of what changed to every browser that subscribed to it."""
    if topic.partition(":")[0] not in _kinds:
        raise LookupError(f"no app has registered topics like {topic}")
    transaction.on_commit(lambda: _tell(group(workspace_id, topic), topic, ids), robust=True)


def push_now(workspace_id: int, topic: str) -> None:
    """Send `topic` at once, for what is in no table and so commits with nothing; asks nothing of the database."""
    _publish({group(workspace_id, topic): _changed(topic, ())})


# What is pushed, by group: the topic and the ids of what changed.
Pushes = dict[str, tuple[str, set[int]]]
_gathered: ContextVar[Pushes | None] = ContextVar("omnidesk_pushes", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Send what commits in this block together, once for each topic, when the block ends."""
    pushes: Pushes = {}
    token = _gathered.set(pushes)
    try:
        yield
    finally:
        _gathered.reset(token)
        _publish({name: _changed(topic, ids) for name, (topic, ids) in pushes.items()})


def _tell(name: str, topic: str, ids: Iterable[int]) -> None:
    pushes = _gathered.get()
    if pushes is None:
        _publish({name: _changed(topic, ids)})
    else:
        pushes.setdefault(name, (topic, set()))[1].update(ids)


def _changed(topic: str, ids: Iterable[int]) -> dict[str, object]:
    return {"type": "changed", "topic": topic, "ids": sorted(set(ids))}


def pulse() -> None:
    """Tell every browser's connection which run of Redis it hangs on: one that hears of another missed pushes."""
    run = client().info("server")["run_id"]
    cache.set(PULSE, run, timeout=None)
    _publish({PULSE: {"type": "pulse", "run": run}})


def current_run() -> str:
    """The run of Redis that the last pulse told of; empty before the first."""
    return str(cache.get(PULSE, ""))


def group(workspace_id: int, topic: str) -> str:
    """The channel layer's group for a topic; a workspace's id is always part of it."""
    return f"w{workspace_id}.{topic}"


def _publish(messages: Mapping[str, dict[str, object]]) -> None:
    """Publish a message to each group as channels_redis does, without starting an event loop and a connection for
    each: the layer's own `group_send` takes 4 ms from synchronous code, this 0.1 ms for all."""
    if not messages:
        return
    try:
        pipeline = client().pipeline(transaction=False)
        for name, message in messages.items():
            packed = get_channel_layer().serialize(message)
            pipeline.publish(f"{settings.LIVE_PREFIX}__group__{name}", packed)
        pipeline.execute()
    except Exception as error:  # noqa: BLE001 - Redis down must not fail what has been committed
        log.warning("live push lost", groups=sorted(messages), error=str(error))
