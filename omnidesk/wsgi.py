"""WSGI entry point: pages and API behind gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from servestatic import ServeStatic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
django = get_wsgi_application()

from omnidesk.proxied import proxied  # noqa: E402 - needs the settings that the line above loads
from omnidesk.static import served  # noqa: E402 - needs the settings that the line above loads

application = served(ServeStatic, proxied(django))
