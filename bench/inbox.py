"""The inbox's list at 1,000 and at 100,000 conversations: a page is to cost the same (promise 9).

The page is the real view, asked through Django's test client; rows touched are what EXPLAIN (ANALYZE, BUFFERS)
says of every query of that page.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.crowd import fill
from bench.harness import Figure, new_workspace, p50_p95
from tenancy.keyset import Cursor
from tenancy.models import Member, Workspace
from tenancy.scope import scope

FEW, MANY = 1_000, 100_000
WARM_UP, TIMES = 10, 60
NOTE = f"{MANY:,} conversations beside {FEW:,}"
PAGES = {"first page": "", "page in the middle": "&before={middle}"}


@dataclass(frozen=True, slots=True)
class Crowded:
    """A workspace full of conversations, an agent's browser, and the middle of what is not done."""

    workspace: Workspace
    browser: Client
    middle: Cursor

    def ask(self, query: str) -> float:
        """Milliseconds that a page takes."""
        address = f"/w/{self.workspace.slug}/inbox/?view=open{query.format(middle=self.middle)}"
        started = time.perf_counter()
        response = self.browser.get(address)
        assert response.status_code == 200
        return (time.perf_counter() - started) * 1000


def main() -> list[Figure]:
    """Measure pages of a large workspace beside those of a small one in the same database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    few, many = _crowded(FEW), _crowded(MANY)
    return [figure for name, query in PAGES.items() for figure in _figures(name, query, few, many)]


def _crowded(size: int) -> Crowded:
    workspace = new_workspace(f"inbox{size}")
    middle = fill(workspace, conversations=size)
    with scope(workspace.pk):
        user = Member.objects.select_related("user").earliest("id").user
    assert user
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    return Crowded(workspace, browser, middle)


def _figures(name: str, query: str, few: Crowded, many: Crowded) -> Iterator[Figure]:
    """The large workspace, beside the small one as its floor; they take turns."""
    for _ in range(WARM_UP):
        few.ask(query)
        many.ask(query)
    times = [(many.ask(query), few.ask(query)) for _ in range(TIMES)]
    large, small = (p50_p95(one) for one in zip(*times, strict=True))
    for what, value, floor in zip(("p50", "p95"), large, small, strict=True):
        yield Figure(f"{name}: {what}", value, "ms", floor, NOTE)
    counted = zip(
        ("queries", "rows read", "8 kB blocks"), _count(many, query), _count(few, query), strict=True
    )
    for what, number, least in counted:
        yield Figure(f"{name}: {what}", number, "", least, NOTE)


def _count(crowded: Crowded, query: str) -> tuple[float, float, float]:
    """(queries, rows that scans read, blocks looked at) of one page."""
    with CaptureQueriesContext(connection) as captured:
        crowded.ask(query)
    asked = [one["sql"] for one in captured.captured_queries]
    selects = [sql for sql in asked if sql.startswith("SELECT") and "set_config" not in sql]
    reads = [_read(sql, crowded.workspace) for sql in selects]
    return len(asked), sum(rows for rows, _ in reads), sum(blocks for _, blocks in reads)


def _read(sql: str, workspace: Workspace) -> tuple[float, int]:
    """(rows that scans read, blocks looked at) of a query inside the workspace's scope."""
    with scope(workspace.pk), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    rows = sum(_rows(node) for node in _nodes(plan) if "Scan" in node["Node Type"])
    return rows, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _rows(node: Mapping[str, Any]) -> float:
    """What a scan read, the rows that it threw away included."""
    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return float(read * node["Actual Loops"])
