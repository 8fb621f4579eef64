"""The floor of a page: a bare Django view, without middleware, that renders 50 rows of one keyset query.

A WSGI application of its own (`bench.bare_page:application`); BARE_WORKSPACE in the environment is the workspace.
"""

import os
from typing import Any

from django.conf import settings

ROWS = """
    SELECT number, subject, preview, status, last_at FROM conversations_conversation
    WHERE workspace_id = %s AND kind = 'customer' AND NOT is_spam AND status IN ('open', 'pending')
    ORDER BY last_at DESC, id DESC LIMIT 50"""
PAGE = """<!doctype html><title>Bare</title><ul>
{% for number, subject, preview, status, at in rows %}
<li id="row-{{ number }}"><a href="/{{ number }}/">{{ subject }}</a> {{ preview }} {{ status }}
{{ at|date:"H:i" }}</li>{% endfor %}</ul>
"""


def configure() -> None:
    """Django with a database and a template alone; row-level security reads whose rows from the connection."""
    from omnidesk import settings as ours

    database = ours.DATABASES["default"]
    scope = {"options": f"-c omnidesk.workspace_id={os.environ['BARE_WORKSPACE']}"}
    database = database | {"OPTIONS": database.get("OPTIONS", {}) | scope}
    loaders = [
        ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", {"page": PAGE})])
    ]
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": database},
        ROOT_URLCONF=__name__,
        SECRET_KEY="bare",
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": loaders}}
        ],
        USE_TZ=True,
    )


def page(request: Any) -> Any:
    """The 50 rows."""
    from django.db import connection
    from django.shortcuts import render

    with connection.cursor() as cursor:
        cursor.execute(ROWS, [os.environ["BARE_WORKSPACE"]])
        return render(request, "page", {"rows": cursor.fetchall()})


if "BARE_WORKSPACE" in os.environ:
    configure()
    import django

    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    urlpatterns = [path("", page)]
    application = get_wsgi_application()
