"""What row-level security costs: the same statements on the same rows, with the policy and, as the floor, without.

The two take turns, and of each the best round counts, so that a busy machine troubles both alike.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from bench.harness import Figure, new_workspace, p50_p95, seconds
from tenancy.models import AuditEntry, Workspace
from tenancy.scope import scope

WORKSPACES, ROWS, ROUNDS, TIMES = 20, 20_000, 8, 100
TABLE = AuditEntry._meta.db_table


def main() -> list[Figure]:
    """Medians of many runs, each in a scope of one workspace among many."""
    workspaces = [_filled(number) for number in range(WORKSPACES)]
    _sql(f"VACUUM ANALYZE {TABLE}")
    with scope(workspaces[7].pk):
        middle = AuditEntry.objects.order_by("pk")[ROWS // 2]
    acts: dict[str, Callable[[], object]] = {
        "a page of 50, by key": lambda: list(
            AuditEntry.objects.filter(at__lte=middle.at).order_by("-at", "-pk")[:50]
        ),
        "a row by its id": lambda: AuditEntry.objects.get(pk=middle.pk),
        "a new row": lambda: AuditEntry.objects.create(action="bench.noted"),
        "a row changed": lambda: AuditEntry.objects.filter(pk=middle.pk).update(target="x"),
    }
    guarded, plain = dict.fromkeys(acts, 1e9), dict.fromkeys(acts, 1e9)
    for _ in range(ROUNDS):
        _measure(workspaces[7], acts, guarded)
        with _without_policy():
            _measure(workspaces[7], acts, plain)
    figures = [Figure(name, guarded[name], "ms", plain[name], "floor: no policy") for name in acts]
    return [*figures, _empty_scope(workspaces[7])]


def _filled(number: int) -> Workspace:
    workspace = new_workspace(f"bench{number}")
    with scope(workspace.pk):
        _sql(
            f"INSERT INTO {TABLE} (workspace_id, at, action, target, data)"
            f" SELECT {workspace.pk}, now() - n * interval '1 second', 'bench.noted', '', '{{}}'"
            f" FROM generate_series(1, {ROWS}) AS n"
        )
    return workspace


def _measure(workspace: Workspace, acts: dict[str, Callable[[], object]], best: dict[str, float]) -> None:
    """Do each act many times within one scope; keep its median, in milliseconds, where it is the best so far."""
    with scope(workspace.pk):
        for name, act in acts.items():
            best[name] = min(best[name], _median(act))
        transaction.set_rollback(True)


def _median(act: Callable[[], object]) -> float:
    return p50_p95([seconds(act) for _ in range(TIMES)])[0] * 1000


def _empty_scope(workspace: Workspace) -> Figure:
    def in_scope() -> None:
        with scope(workspace.pk):
            pass

    def in_transaction() -> None:
        with transaction.atomic():
            _sql("SELECT 1")

    rounds = [(_median(in_scope), _median(in_transaction)) for _ in range(ROUNDS)]
    scoped, bare = (min(times) for times in zip(*rounds, strict=True))
    return Figure("an empty scope", scoped, "ms", bare, "floor: a transaction that selects 1")


@contextmanager
def _without_policy() -> Iterator[None]:
    _sql(f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        _sql(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
