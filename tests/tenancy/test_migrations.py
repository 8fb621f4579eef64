"""Keys, foreign keys and policies, from a model's Meta into PostgreSQL and back, with rows in the tables."""

import pytest
from django.db import IntegrityError

from tenancy.scope import scope
from tests.tenancy.library import LABEL, catalogue, installed, manage, migration, two_libraries

pytestmark = pytest.mark.django_db(transaction=True)

MINE = "(workspace_id = (NULLIF(current_setting('omnidesk.workspace_id'::text, true), ''::text))::bigint)"
POLICIES = ["forced", f"in_scope ALL {{public}} {MINE}", "system_reads SELECT {omnidesk_system} true"]
BOOK = [
    "book_shelf_fk FOREIGN KEY (workspace_id, shelf_id) REFERENCES three_tables_shelf(workspace_id, id)",
    "book_title_once UNIQUE (workspace_id, title)",
    *POLICIES,
    "three_tables_book_pkey PRIMARY KEY (workspace_id, id)",
]


@pytest.fixture
def library(tmp_path):
    with installed(tmp_path) as models:
        yield models


def test_constraints_live_through_every_kind_of_migration(library, tmp_path):
    first = catalogue()
    assert sorted(first["book"]) == sorted(BOOK)
    assert sorted(first) == ["book", "loan", "shelf"]
    assert "No changes detected" in manage("makemigrations", LABEL, check=True)
    remove_and_add_again(tmp_path)
    manage("migrate", LABEL, "0002")
    assert catalogue() == first
    manage("migrate", LABEL, "0001")
    assert catalogue() == first
    manage("migrate", LABEL, "zero")
    assert catalogue() == {}
    manage("squashmigrations", LABEL, "0002")
    manage("migrate", LABEL)
    assert catalogue() == first


def remove_and_add_again(folder) -> None:
    migration(
        folder,
        "0002_again",
        f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = [
    migrations.RemoveConstraint("book", "book_policy"),
    migrations.RemoveConstraint("book", "book_shelf_fk"),
    migrations.AddConstraint("book", tables.TenantFK(field="shelf", name="book_shelf_fk")),
    migrations.AddConstraint("book", tables.TenantPolicy(name="book_policy")),
]""",
    )


def test_a_constraint_taken_away_is_gone_and_comes_back_in_reverse(library, tmp_path):
    first = catalogue()
    body = f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = [
    migrations.RemoveConstraint("loan", "loan_book_fk"),
    migrations.RemoveConstraint("loan", "loan_policy"),
    migrations.RemoveConstraint("loan", "loan_key"),
]"""
    migration(tmp_path, "0002_bare", body)
    manage("migrate", LABEL, "0002")
    assert catalogue()["loan"] == ["three_tables_loan_pkey PRIMARY KEY (id)"]
    manage("migrate", LABEL, "0001")
    assert catalogue() == first


@pytest.fixture
def shelves(library):
    return two_libraries(library)


def test_a_foreign_key_added_over_rows_that_break_it_is_refused(library, shelves, tmp_path):
    (acme, _), _ = shelves
    body = f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = [migrations.RemoveConstraint("loan", "loan_book_fk")]"""
    migration(tmp_path, "0002_loose", body)
    manage("migrate", LABEL, "0002")
    with scope(acme.pk):
        library.Loan.objects.create(book_id=999)
    with pytest.raises(IntegrityError, match="loan_book_fk"):
        manage("migrate", LABEL, "0001")
    assert "forced" in catalogue()["loan"]
    with scope(acme.pk):
        library.Loan.objects.filter(book_id=999).delete()


UNTITLED = """
def name_them(apps, schema_editor):
    apps.get_model("three_tables", "book").objects.filter(title=None).update(title="Untitled")

class Migration(migrations.Migration):"""


def test_rows_that_a_migration_changes_are_in_its_sight(library, shelves, tmp_path):
    (acme, shelf), _ = shelves
    with scope(acme.pk):
        library.Book.objects.create(shelf=shelf, title=None)
    change = """[
    migrations.RunPython(name_them, migrations.RunPython.noop),
    migrations.AlterField("book", "title", models.CharField(max_length=20)),
]"""
    blind = f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = {change}"""
    migration(tmp_path, "0002_blind", blind)
    path = tmp_path / "three_tables_migrations" / "0002_blind.py"
    path.write_text(path.read_text().replace("class Migration(migrations.Migration):", UNTITLED))
    with pytest.raises(IntegrityError, match="contains null values"):
        manage("migrate", LABEL, "0002")
    seeing = path.read_text().replace(
        f"operations = {change.splitlines()[0]}", 'operations = [migrating.WithAllRows(["book"], ['
    )
    path.write_text(seeing.rstrip()[:-1] + "])]\n")
    migration(tmp_path, "0003_nothing", f'dependencies = [("{LABEL}", "0002_blind")]')
    manage("migrate", LABEL, "0002")
    with scope(acme.pk):
        assert library.Book.objects.filter(title="Untitled").count() == 1
    assert "forced" in catalogue()["book"]
    manage("migrate", LABEL, "0001")
    assert "forced" in catalogue()["book"]


def test_a_key_added_unchecked_holds_new_rows_and_is_whole_once_validated(library, shelves, tmp_path):
    first, (acme, _) = catalogue(), shelves[0]
    body = f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = [
    migrations.RemoveConstraint("loan", "loan_book_fk"),
    migrating.AddKeyUnchecked("loan", tables.TenantFK(field="book", name="loan_book_fk")),
]"""
    migration(tmp_path, "0002_unchecked", body)
    body = f"""
atomic = False
dependencies = [("{LABEL}", "0002_unchecked")]
operations = [migrating.ValidateKey("loan", "loan_book_fk")]"""
    migration(tmp_path, "0003_validated", body)
    manage("migrate", LABEL, "0002")
    assert [line for line in catalogue()["loan"] if line.endswith("NOT VALID")] != []
    with pytest.raises(IntegrityError, match="loan_book_fk"), scope(acme.pk):
        library.Loan.objects.create(book_id=999)
    manage("migrate", LABEL, "0003")
    assert catalogue() == first
    manage("migrate", LABEL, "0001")
    assert catalogue() == first


def test_a_statement_runs_in_the_scope_of_each_workspace(library, shelves, tmp_path):
    for workspace, shelf in shelves:
        with scope(workspace.pk):
            library.Book.objects.create(shelf=shelf, title="Old")
    change = "UPDATE three_tables_book SET title = 'New ' || %(workspace)s WHERE title = 'Old'"
    body = f"""
dependencies = [("{LABEL}", "0001_initial")]
operations = [migrating.in_each_scope("{change}")]"""
    migration(tmp_path, "0002_renamed", body)
    manage("migrate", LABEL, "0002")
    for workspace, _ in shelves:
        with scope(workspace.pk):
            assert library.Book.objects.filter(title__startswith="New").get().title == f"New {workspace.pk}"
