"""Whom a request is from, where a proxy stands in front."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def proxied(application: Application) -> Application:
    """The WSGI application, told the visitor's address by the proxy, if there is one: limits count by it.

    gunicorn leaves this to us, uvicorn does it itself. The last address is the one that the proxy has seen; what
    stands before it a visitor may have written.
    """

    def told(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        address = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        return application(environ | {"REMOTE_ADDR": address} if address else environ, start_response)

    return told if settings.BEHIND_PROXY else application
