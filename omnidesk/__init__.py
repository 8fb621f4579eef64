"""The roof: settings, URLs, the API's root, the flow, the embedded run."""

from omnidesk.celery import app as celery_app

__all__ = ["celery_app"]
