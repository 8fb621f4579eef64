"""The process's own connection to Redis, for what is asked on every request."""

from functools import lru_cache

import redis
from django.conf import settings


def client() -> redis.Redis:
    """The client. Django's cache makes one anew for each question, which takes longer than to ask it."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
