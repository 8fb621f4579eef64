"""The app of three tables, installed and migrated for one test."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from tenancy.models import Workspace
from tenancy.scope import scope
from tests.people import new_workspace

APP = "tests.tenancy.three_tables"
LABEL = "three_tables"


@contextmanager
def installed(folder: Path) -> Iterator[ModuleType]:
    """Install and migrate the app, with its migrations in `folder`; gives its models. In the end it is gone."""
    (folder / "three_tables_migrations").mkdir()
    (folder / "three_tables_migrations" / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    modules = {LABEL: "three_tables_migrations"}
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, APP], MIGRATION_MODULES=modules):
        try:
            manage("makemigrations", LABEL)
            manage("migrate", LABEL)
            yield __import__(f"{APP}.models", fromlist=["Shelf"])
        finally:
            manage("migrate", LABEL, "zero")
            sys.path.remove(str(folder))
            for name in [name for name in sys.modules if name.startswith("three_tables_migrations")]:
                del sys.modules[name]


def manage(*words: str, **options: Any) -> str:
    """Run a management command and return what it says."""
    said = StringIO()
    try:
        call_command(*words, interactive=False, stdout=said, **options)
    except Exception:
        # What a schema editor runs at its very end may leave its transaction open; a process would end here.
        connection.close()
        connection.connect()
        raise
    return said.getvalue()


def migration(folder: Path, name: str, body: str) -> None:
    """Write a migration by hand, as a person would; `body` is its class's."""
    lines = ["from django.db import migrations, models", "from tenancy import tables, migrating", "", ""]
    lines += ["class Migration(migrations.Migration):", *(f"    {line}" for line in body.splitlines())]
    (folder / "three_tables_migrations" / f"{name}.py").write_text("\n".join(lines) + "\n")
    for module in [one for one in sys.modules if one.startswith("three_tables_migrations.")]:
        del sys.modules[module]


def catalogue() -> dict[str, list[str]]:
    """What PostgreSQL keeps about the tables: constraints, policies, whether row-level security is forced."""
    like = f"{LABEL}_%"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid::regclass::text LIKE %s AND contype <> 'n'
            UNION ALL
            SELECT tablename, policyname || ' ' || cmd || ' ' || roles::text || ' ' || qual FROM pg_policies
            WHERE tablename LIKE %s
            UNION ALL
            SELECT relname, 'forced' FROM pg_class
            WHERE relname LIKE %s AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity
            ORDER BY 1, 2
            """,
            [like, like, like],
        )
        found: dict[str, list[str]] = {}
        for table, line in cursor.fetchall():
            found.setdefault(table.removeprefix(f"{LABEL}_"), []).append(line)
    return found


def two_libraries(models: Any) -> list[tuple[Workspace, Any]]:
    """A shelf with a lent book in each of two workspaces."""
    made = []
    for slug in ("acme", "globex"):
        workspace = new_workspace(slug)
        with scope(workspace.pk):
            shelf = models.Shelf.objects.create(name="A")
            book = models.Book.objects.create(shelf=shelf, title="Emma")
            models.Loan.objects.create(book=book)
        made.append((workspace, shelf))
    return made
