"""The Celery app: doorbells of the lanes and the clock of the sweeps."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")

# An embedded installation may run as root, on purpose; messages are JSON, never pickle.
warnings.simplefilter("ignore", SecurityWarning)

app = Celery("omnidesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep lanes": {"task": "tenancy.sweep", "schedule": 2.0, "options": {"expires": 4}},
    "tidy": {"task": "conversations.tidy", "schedule": 300.0, "options": {"expires": 240}},
    "poll mailboxes": {"task": "channels_ingest.poll_all", "schedule": 15.0, "options": {"expires": 10}},
    "reconcile mailboxes": {"task": "channels_ingest.reconcile_all", "schedule": crontab(hour=3, minute=17)},
    "catch up": {"task": "channels_ingest.catch_up_all", "schedule": 600.0, "options": {"expires": 300}},
    "ask outcomes": {"task": "channels_ingest.ask_outcomes", "schedule": 60.0, "options": {"expires": 50}},
    "prune chats": {"task": "channels_ingest.prune", "schedule": crontab(hour=4, minute=41)},
    "heartbeat": {"task": "tenancy.heartbeat", "schedule": 2.0, "options": {"expires": 4}},
    "pulse": {"task": "tenancy.pulse", "schedule": 5.0, "options": {"expires": 4}},
    "reindex": {"task": "conversations.reindex_all", "schedule": 60.0, "options": {"expires": 50}},
    "prune": {"task": "tenancy.prune", "schedule": 3600.0, "options": {"expires": 3600}},
}
# Workers of their own: for the lanes, and for what waits for strangers' servers. A lane that acts on the outside
# world names the queue "outside" itself.
ASKING = ("poll_one", "reconcile_one", "catch_up_one", "ask_outcome")
app.conf.task_routes = {name: {"queue": "lanes"} for name in ("tenancy.work", "tenancy.heartbeat")} | {
    f"channels_ingest.{name}": {"queue": "outside"} for name in ASKING
}
