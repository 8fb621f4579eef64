"""A lane for a worker that is to be killed: the row "hold" waits for a lock that the test has.

Loaded by the worker alone (`celery worker --include`).
"""

from typing import Any

from django.db import connection

from tenancy import lanes
from tenancy.models import Brand
from tests.tenancy.chores import HELD, LOCK, lane


def work(row: Any) -> None:
    """Write one row elsewhere, so that what was undone and what was done twice both show."""
    if row.summary == "hold":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    Brand.objects.create(name=f"done {row.summary}")


lanes.register(lane(work, name=HELD))
