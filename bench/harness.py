"""What every benchmark shares: figures beside their floors, workspaces to measure in, and times."""

import json
import os
import platform
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from django.apps import apps
from django.db import connection

from tenancy.models import Workspace
from tenancy.services.users import create_user
from tenancy.services.workspaces import create_workspace

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number; `floor` is what the least possible took in the same run, in the same unit."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the floor; 1 is as good as it gets, whether more of the unit is better or worse."""
        return self.value / self.floor if self.floor else None


def new_workspace(name: str) -> Workspace:
    """An empty workspace of its own for a benchmark; its owner is `owner@<slug>.example`."""
    slug = f"{name}-{secrets.token_hex(4)}"
    owner = create_user(email=f"owner@{slug}.example", password=None, name="Olga Owner")
    return create_workspace(slug=slug, name=name.title(), owner=owner)


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def p50_p95(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    cuts = quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]


def tidy() -> None:
    """What autovacuum does in its own time. A planner without statistics takes every table for an empty one."""
    with connection.cursor() as cursor:
        for table in apps.get_models():
            cursor.execute(f"VACUUM ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def keep(name: str, figures: Sequence[Figure]) -> None:
    """Write a benchmark's figures to bench/results/<name>.json, with what they were measured on."""
    rows = [
        {key: _short(value) for key, value in asdict(figure).items() if value not in {None, ""}}
        | ({"ratio": _short(figure.ratio)} if figure.ratio else {})
        for figure in figures
    ]
    written = {"benchmark": name, "measured_on": machine(), "figures": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(written, indent=1) + "\n")


def machine() -> dict[str, object]:
    """What a figure depends on beside the code."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": setting("server_version"),
        "fsync": setting("fsync"),
    }


def setting(name: str) -> str:
    """A setting of the PostgreSQL that is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _short(value: object) -> object:
    """Four significant digits; more would only be noise."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
