"""The least that a Django site can do, as floors of the pages and webhooks: no middleware, one view, one query.

Served by the same servers as Omnidesk: `bench.plain:wsgi` and `bench.plain:asgi`.
"""

import os

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = "bench_plain"


def store(request: HttpRequest) -> HttpResponse:
    """Keep the body: one durable INSERT, which commits by itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (body) VALUES (%s)", [request.body])
    return HttpResponse("stored", headers={"Content-Length": "6"})  # as middleware would say


urlpatterns = [path("store/", store)]


def _set_up() -> None:
    from omnidesk.settings import DATABASES

    settings.configure(
        ROOT_URLCONF=__name__,
        DATABASES=DATABASES,
        ALLOWED_HOSTS=["127.0.0.1"],
        SECRET_KEY="plain",
        MIDDLEWARE=[],
    )
    django.setup()


if os.environ.get("BENCH_PLAIN"):  # in a server of its own, not where it is only measured
    _set_up()
    from django.core.wsgi import get_wsgi_application

    from omnidesk.handler import ThreadedHandler

    wsgi = get_wsgi_application()
    asgi = ThreadedHandler(16)
