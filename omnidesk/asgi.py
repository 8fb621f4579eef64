"""ASGI entry point: pages, API and webhooks over HTTP, live updates over WebSocket."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.urls import re_path
from servestatic import ServeStaticASGI

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
django.setup(set_prefix=False)

from channels_ingest.consumers import WidgetConsumer  # noqa: E402 - needs the apps that the line above loads
from omnidesk.handler import ThreadedHandler  # noqa: E402 - needs the settings that the line above loads
from omnidesk.limits import few, limited  # noqa: E402 - needs the settings that the line above loads
from omnidesk.static import served  # noqa: E402 - needs the settings that the line above loads
from tenancy.consumers import LiveConsumer  # noqa: E402 - needs the apps that the line above loads

members = [
    re_path(r"^ws/w/(?P<slug>[a-z0-9-]+)/$", LiveConsumer.as_asgi()),
    re_path(r"", WebsocketDenier.as_asgi()),
]

# The widget stands on other people's sites: it is no member's, carries no cookie, and checks origins by itself.
websockets = [
    re_path(r"^ws/widget/(?P<token>[\w-]+)/$", WidgetConsumer.as_asgi()),
    re_path(r"", AllowedHostsOriginValidator(CookieMiddleware(URLRouter(members)))),
]

application = ProtocolTypeRouter(
    {
        "http": limited(served(ServeStaticASGI, ThreadedHandler(settings.OMNIDESK_WEB_THREADS))),
        "websocket": few(URLRouter(websockets)),
    }
)
