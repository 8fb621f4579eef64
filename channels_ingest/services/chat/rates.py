"""How much one visitor, and one place on the network, may say.

Counted in Redis over a moving window; without Redis nobody is held up.
"""

import math
import time
from collections.abc import Iterator
from functools import lru_cache

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from channels_ingest.services.chat.frames import Refused
from tenancy.places import place_of

log = structlog.get_logger(__name__)

PIECE = 256 * 1024  # bytes that count as one, so that a window stays a short list
# For each thing that is counted: what a place may do (whole offices have one address), and what a session may.
LIMITS: dict[str, tuple[str, str]] = {
    "line": ("3000/minute", ""),
    "hello": ("1200/minute", "120/minute"),
    "session": ("30/minute; 300/hour", ""),
    "frame": ("3000/minute", "300/minute"),
    "say": ("300/minute", "30/minute; 400/hour"),
    "piece": ("2000/hour", "200/hour"),
}


def spend(what: str, *, remote: str, session: str = "", count: int = 1) -> None:
    """Count something that a session, by its digest, does from an address. Raises Refused with the code "rate"."""
    if not count:
        return
    try:
        for limit, name in _limits(what, remote, session):
            if not _limiter(settings.REDIS_URL).hit(limit, what, name, cost=count):
                raise _too_much(limit, what, name)
    except StorageError as error:
        log.warning("chat not counted", error=str(error))


def pieces(size: int) -> int:
    """How many pieces so many bytes count as; few bytes count as none."""
    return size // PIECE


def _limits(what: str, remote: str, session: str) -> Iterator[tuple[RateLimitItem, str]]:
    of_place, of_session = LIMITS[what]
    for rates, name in ((of_session, session), (of_place, place_of(remote))):
        if rates and name:
            yield from ((limit, name) for limit in _parsed(rates))


def _too_much(limit: RateLimitItem, what: str, name: str) -> Refused:
    again = _limiter(settings.REDIS_URL).get_window_stats(limit, what, name).reset_time
    wait = max(1, math.ceil(again - time.time()))
    return Refused("rate", _("That was a lot at once. Wait a moment."), retry_after=wait)


@lru_cache(maxsize=8)
def _parsed(rates: str) -> list[RateLimitItem]:
    return list(parse_many(rates))


@lru_cache(maxsize=1)
def _limiter(url: str) -> MovingWindowRateLimiter:
    scheme = f"redis+{url}" if url.startswith("unix:") else url
    storage = storage_from_string(
        scheme, key_prefix="chat", wrap_exceptions=True, socket_timeout=1, socket_connect_timeout=1
    )
    return MovingWindowRateLimiter(storage)
