"""The inbox's list and a thread at 1,000 and at 1,000,000 conversations: a page is to cost the same (promise 9).

The pages are the real views, asked through Django's test client; rows touched are what EXPLAIN (ANALYZE, BUFFERS)
says of every query of a page. FEW and MANY in the environment are other sizes, for a quick look.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.crowd import fill, lengthen
from bench.harness import Figure, new_workspace, p50_p95
from tenancy.keyset import Cursor
from tenancy.models import Member, Workspace
from tenancy.scope import scope

FEW, MANY = int(os.environ.get("FEW", "1000")), int(os.environ.get("MANY", "1000000"))
WARM_UP, TIMES = 10, 60
NOTE = f"{MANY:,} conversations beside {FEW:,}"
PAGES = {
    "list, first page": "?view=open",
    "list, page in the middle": "?view=open&before={middle}",
    "thread of 30 entries": "{thread}/?view=open",
}


@dataclass(frozen=True, slots=True)
class Crowded:
    """A workspace full of conversations, an agent's browser, the middle of what is not done, and a long thread."""

    workspace: Workspace
    browser: Client
    middle: Cursor
    thread: int

    def ask(self, page: str) -> float:
        """Milliseconds that a page takes."""
        address = f"/w/{self.workspace.slug}/inbox/{page.format(middle=self.middle, thread=self.thread)}"
        started = time.perf_counter()
        response = self.browser.get(address)
        assert response.status_code == 200
        return (time.perf_counter() - started) * 1000


def main() -> list[Figure]:
    """Measure pages of a large workspace beside those of a small one in the same database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    few, many = crowded(FEW), crowded(MANY)
    return [figure for name, page in PAGES.items() for figure in _figures(name, page, few, many)]


def crowded(size: int) -> Crowded:
    """A workspace of so many conversations."""
    workspace = new_workspace(f"inbox{size}")
    middle = fill(workspace, conversations=size)
    with scope(workspace.pk):
        user = Member.objects.select_related("user").earliest("id").user
    assert user
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    return Crowded(workspace, browser, middle, lengthen(workspace))


def _figures(name: str, page: str, few: Crowded, many: Crowded) -> Iterator[Figure]:
    """The large workspace, beside the small one as its floor; they take turns."""
    for _ in range(WARM_UP):
        few.ask(page)
        many.ask(page)
    times = [(many.ask(page), few.ask(page)) for _ in range(TIMES)]
    large, small = (p50_p95(one) for one in zip(*times, strict=True))
    for what, value, floor in zip(("p50", "p95"), large, small, strict=True):
        yield Figure(f"{name}: {what}", value, "ms", floor, NOTE)
    counted = zip(("queries", "rows read", "8 kB blocks"), _count(many, page), _count(few, page), strict=True)
    for what, number, least in counted:
        yield Figure(f"{name}: {what}", number, "", least, NOTE)


def _count(one: Crowded, page: str) -> tuple[float, float, float]:
    """(queries, rows that scans read, blocks looked at) of one page."""
    with CaptureQueriesContext(connection) as captured:
        one.ask(page)
    asked = [one["sql"] for one in captured.captured_queries]
    selects = [sql for sql in asked if sql.startswith(("SELECT", "WITH")) and "set_config" not in sql]
    reads = [_read(sql, one.workspace) for sql in selects]
    return len(asked), sum(rows for rows, _ in reads), sum(blocks for _, blocks in reads)


def _read(sql: str, workspace: Workspace) -> tuple[float, int]:
    """(rows that scans read, blocks looked at) of a query inside the workspace's scope."""
    with scope(workspace.pk), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    rows = sum(_rows(node) for node in _nodes(plan) if "Relation Name" in node)
    return rows, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _rows(node: Mapping[str, Any]) -> float:
    """What a scan read, the rows that it threw away included."""
    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return float(read * node["Actual Loops"])
