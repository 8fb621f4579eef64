"""How often a token may ask."""

import time
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tenancy.models import ApiToken

if TYPE_CHECKING:  # views load the settings, which name this module
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)

WINDOW = 60  # seconds


class TokenThrottle(BaseThrottle):
    """`OMNIDESK_API_RATE` requests a minute for each token, counted in Redis; without Redis nobody is held up.

    Every answer says how much of that is left, in the headers of draft-ietf-httpapi-ratelimit-headers-06.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        name = f"throttle:{token.workspace_id}:{token.pk}:{int(time.time()) // WINDOW}"
        try:
            cache.add(name, 0, timeout=2 * WINDOW)
            count: int = cache.incr(name)
        except Exception as error:  # noqa: BLE001 - a limit is no reason to refuse work while Redis is down
            log.warning("request not counted", error=str(error))
            return True
        most = int(settings.OMNIDESK_API_RATE)
        # For ApiMiddleware, which sets them on the answer.
        request._request.api_limits = {  # type: ignore[attr-defined]
            "RateLimit-Limit": most,
            "RateLimit-Remaining": max(most - count, 0),
            "RateLimit-Reset": int(self.wait()),
        }
        return count <= most

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW - time.time() % WINDOW + 1
