"""The database itself: every table is either a tenant's, guarded as such, or known to be the installation's."""

from django.db import connection

from tests.isolation.worlds import TENANT_MODELS

# What is needed before a workspace is known, and Django's own. Nothing of a customer may stand in these.
INSTALLATION = {
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_session",
    "tenancy_locator",
    "tenancy_seat",
    "tenancy_user",
    "tenancy_workspace",
}
TENANT = {model._meta.db_table for model in TENANT_MODELS}
MINE = "(workspace_id = (NULLIF(current_setting('omnidesk.workspace_id'::text, true), ''::text))::bigint)"


def asked(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[str, ...]] = cursor.fetchall()
        return rows


def test_every_table_is_known(db):
    tables = asked(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    assert {name for (name,) in tables} == TENANT | INSTALLATION


def test_every_tenant_table_forces_row_level_security(db):
    forced = asked("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert {name for (name,) in forced} == TENANT


def test_every_tenant_table_has_these_two_policies_and_no_other(db):
    found = asked(
        "SELECT tablename, policyname, permissive, cmd, roles::text, qual, with_check FROM pg_policies"
    )
    expected = {(table, "in_scope", "PERMISSIVE", "ALL", "{public}", MINE, MINE) for table in TENANT} | {
        (table, "system_reads", "PERMISSIVE", "SELECT", "{omnidesk_system}", "true", None) for table in TENANT
    }
    assert set(found) == expected


def test_the_system_role_may_read_tenant_tables_and_nothing_else(db):
    rights = asked(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'omnidesk_system'"
    )
    assert set(rights) == {(table, "SELECT") for table in TENANT}


def test_keys_and_unique_indexes_begin_with_the_workspace(db):
    """Citus asks for it, and no error may tell one workspace that another has a value."""
    found = asked(
        "SELECT t.relname, i.relname, pg_get_indexdef(x.indexrelid, 1, true)"
        " FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
        " WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace"
    )
    assert [row for row in found if row[0] in TENANT and row[2] != "workspace_id"] == []


def test_nothing_in_the_database_runs_with_other_rights(db):
    """No view, and no function of ours that would act as its owner, but the one that searches (test_search.py): as
    the role that only reads, for the application alone, and naming every table itself."""
    assert asked("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []
    assert asked(
        "SELECT proname, proowner::regrole::text, provolatile, proacl::text, proconfig::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    ) == [
        (
            "tenancy_search",
            "omnidesk_system",
            "s",
            "{omnidesk_system=X/omnidesk_system,omnidesk=X/omnidesk_system}",
            '{"search_path=pg_catalog, pg_temp",plan_cache_mode=force_generic_plan,enable_seqscan=off}',
        )
    ]


def test_the_system_role_can_make_nothing(db):
    assert asked("SELECT has_schema_privilege('omnidesk_system', 'public', 'CREATE')::text") == [("false",)]


def test_the_planner_keeps_no_statistics_of_single_workspaces(db):
    found = asked(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "WHERE attname = 'workspace_id' AND relkind = 'r' AND relrowsecurity AND coalesce(attstattarget, -1) <> 0"
    )
    assert found == []
