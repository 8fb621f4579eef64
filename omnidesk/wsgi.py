"""WSGI entry point: pages and API behind gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
application = get_wsgi_application()
