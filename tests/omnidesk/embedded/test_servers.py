"""The servers that every test runs on, as the application's own role sees them."""

import os

import psycopg
from redis import Redis


def test_the_application_role_is_unprivileged():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        role = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolinherit, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert role == ("omnidesk", False, False, False, True)


def test_the_application_role_may_enter_the_system_role_but_does_not_inherit_it():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        rights = connection.execute(
            "SELECT pg_has_role('omnidesk_system', 'USAGE'), pg_has_role('omnidesk_system', 'MEMBER')"
        ).fetchone()
    assert rights == (False, True)


def test_redis_never_evicts():
    with Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
