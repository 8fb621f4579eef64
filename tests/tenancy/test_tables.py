"""What the keys, foreign keys and policies of tenant tables refuse."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tenancy.scope import scope
from tests.tenancy.library import installed, two_libraries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def library(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), installed(tmp_path_factory.mktemp("library")) as models:
        yield models


@pytest.fixture
def shelves(library):
    return two_libraries(library)


def test_a_reference_across_workspaces_cannot_be_stored(library, shelves):
    (acme, _), (_, foreign) = shelves
    with pytest.raises(IntegrityError, match="book_shelf_fk"), scope(acme.pk):
        library.Book.objects.create(shelf_id=foreign.pk, title="Forged")


def test_a_row_cannot_be_written_for_another_workspace(library, shelves):
    (acme, shelf), (globex, _) = shelves
    with pytest.raises(ProgrammingError, match="row-level security"), scope(acme.pk):
        library.Shelf.objects.create(name="Forged", workspace_id=globex.pk)
    with pytest.raises(ProgrammingError, match="row-level security"), scope(acme.pk):
        library.Shelf.objects.filter(pk=shelf.pk).update(workspace_id=globex.pk)


def test_plain_sql_sees_the_scope_and_nothing_without_one(library, shelves):
    (acme, mine), _ = shelves

    def ids() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM three_tables_shelf")
            return [row[0] for row in cursor.fetchall()]

    assert ids() == []
    with scope(acme.pk):
        assert ids() == [mine.pk]


def test_deleting_cascades_and_sets_null_within_the_workspace(library, shelves):
    (acme, shelf), (globex, _) = shelves
    with scope(acme.pk):
        shelf.delete()
        assert (library.Book.objects.count(), library.Loan.objects.get().book_id) == (0, None)
    with scope(globex.pk):
        assert library.Loan.objects.get().book_id is not None


def test_a_foreign_key_is_checked_at_once(library, shelves):
    (acme, _), _ = shelves
    with scope(acme.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            library.Loan.objects.create(book_id=999)
        assert library.Loan.objects.count() == 1
