"""The database role of the application: what it must not be, and what PostgreSQL would do if it were."""

import os
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import connection

from tenancy.checks import ROLE_FACTS, role_problem
from tests.people import new_workspace

MINE = "SELECT count(*) FROM tenancy_brand"


def test_the_role_of_this_database_is_good(db):
    assert run_checks(tags=["database"], databases=["default"]) == []


def test_a_search_function_that_the_policy_would_hold_is_an_error(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION tenancy_search() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    (problem,) = run_checks(tags=["database"], databases=["default"])
    assert (problem.id, problem.hint) == ("tenancy.E006", "Restore without --no-owner.")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ((False, False, True), None),
        ((True, False, True), "superuser"),
        ((False, True, True), "NOINHERIT"),
        ((False, False, False), "member of omnidesk_system"),
    ],
)
def test_a_role_that_could_pass_by_row_level_security_is_an_error(facts, words):
    problem = role_problem(*facts)
    assert (problem is None) if words is None else words in str(problem)


@pytest.fixture
def superuser():
    """A connection that may make roles, where this machine gives one; undone in the end."""
    where = urlsplit(os.environ["DATABASE_URL"])
    url = where._replace(
        netloc=where.netloc.replace("omnidesk@", "postgres@"), path=f"/{connection.settings_dict['NAME']}"
    )
    try:
        opened = psycopg.connect(url.geturl())
    except psycopg.OperationalError:
        pytest.skip("no superuser here")
    yield opened
    opened.rollback()
    opened.close()


# How somebody might make the role: the grant first, or nothing said about inheritance at all.
LEAKY = ["CREATE ROLE leaky", "CREATE ROLE leaky; GRANT omnidesk_system TO leaky; ALTER ROLE leaky NOINHERIT"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("made", LEAKY)
def test_a_role_that_inherits_sees_every_row_and_the_check_says_so(superuser, made):
    """The trap: a policy for omnidesk_system counts for all that inherit from it."""
    new_workspace("acme")
    superuser.execute(f"{made}; GRANT omnidesk_system TO leaky; GRANT SELECT ON tenancy_brand TO leaky")
    superuser.execute("SET ROLE leaky")
    facts = superuser.execute(ROLE_FACTS).fetchone()
    leaks = superuser.execute(MINE).fetchone()[0] == 1
    # PostgreSQL 15 heeds a NOINHERIT that comes after the grant, later versions keep what the grant said.
    assert leaks == (role_problem(*facts) is not None)
    assert leaks or (made == LEAKY[1] and superuser.info.server_version < 160000)


@pytest.mark.django_db(transaction=True)
def test_a_role_made_as_the_installation_makes_it_sees_nothing(superuser):
    new_workspace("acme")
    superuser.execute("CREATE ROLE tight NOINHERIT; GRANT omnidesk_system TO tight")
    superuser.execute("GRANT SELECT ON tenancy_brand TO tight; SET ROLE tight")
    assert superuser.execute(MINE).fetchone()[0] == 0
    assert role_problem(*superuser.execute(ROLE_FACTS).fetchone()) is None
    superuser.execute("SET ROLE omnidesk_system")
    assert superuser.execute(MINE).fetchone()[0] == 1


LEAKPROOF = {"int8eq", "int8lt", "texteq", "text_lt", "timestamptz_lt", "timestamptz_le", "uuid_eq"}
NOT_LEAKPROOF = {"ts_match_vq", "textlike", "jsonb_contains", "arraycontains"}


def test_the_operators_that_indexes_under_a_policy_stand_on_are_leakproof(db):
    """The trap: an operator that is not runs after the policy, on every row of the workspace, past any index."""
    with connection.cursor() as cursor:
        asked = [*LEAKPROOF, *NOT_LEAKPROOF]
        cursor.execute("SELECT proname FROM pg_proc WHERE proleakproof AND proname = ANY(%s)", [asked])
        assert {row[0] for row in cursor.fetchall()} == LEAKPROOF
