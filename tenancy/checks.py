"""System checks: a tenant model that declares less than it must is an error before it is a leak."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models
from django.db.models.expressions import F

from tenancy.tables import TenantFK, TenantKey, TenantModel, TenantPolicy

ROLE_FACTS = """
    SELECT rolsuper OR rolbypassrls, pg_has_role(current_user, 'omnidesk_system', 'USAGE'),
           pg_has_role(current_user, 'omnidesk_system', 'MEMBER')
    FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.models)
def tenant_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every model: E001 key, policy and foreign keys declared; E002 guarded manager; E004 references that carry
    the workspace; E005 unique constraints that begin with it."""
    return [problem for model in apps.get_models() for problem in problems_of(model)]


def problems_of(model: type[models.Model]) -> list[CheckMessage]:
    """What is wrong with one model."""
    if not issubclass(model, TenantModel):
        return [
            Error(f"{model.__name__}.{field.name} refers to a tenant table from outside", id="tenancy.E004")
            for field in _references(model)
        ]
    return [*_undeclared(model), *_loose_references(model), *_shared_uniques(model)]


def _references(model: type[models.Model]) -> list[Any]:
    """The fields that refer to tenant tables."""
    fields: list[Any] = [*model._meta.local_fields, *model._meta.local_many_to_many]
    targets = [(field, field.remote_field.model) for field in fields if field.is_relation]
    # A name that no model answers to is still a string; Django's own checks tell of it.
    return [
        field for field, target in targets if isinstance(target, type) and issubclass(target, TenantModel)
    ]


def _undeclared(model: type[TenantModel]) -> Iterator[CheckMessage]:
    declared = model._meta.constraints
    for kind in (TenantKey, TenantPolicy):
        if not any(isinstance(constraint, kind) for constraint in declared):
            yield Error(f"{model.__name__} lacks {kind.__name__}", obj=model, id="tenancy.E001")
    keyed = {constraint.field for constraint in declared if isinstance(constraint, TenantFK)}
    fields = {field.name for field in _references(model) if not field.many_to_many}
    if keyed != fields:
        names = ", ".join(sorted(keyed ^ fields))
        yield Error(f"{model.__name__}: TenantFK differs for {names}", obj=model, id="tenancy.E001")
    if model._meta.base_manager_name != "objects":
        yield Error("Meta must extend TenantModel.Meta", obj=model, id="tenancy.E002")


def _loose_references(model: type[TenantModel]) -> Iterator[CheckMessage]:
    for field in _references(model):
        words = f"{model.__name__}.{field.name}"
        if field.many_to_many:
            yield Error(f"{words}: make the table between a tenant model of its own", id="tenancy.E004")
        elif field.db_constraint:
            yield Error(f"{words} must be a TenantForeignKey", obj=model, id="tenancy.E004")


def _shared_uniques(model: type[TenantModel]) -> Iterator[CheckMessage]:
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            words = f"{model.__name__}.{field.name} is unique across workspaces"
            yield Error(words, obj=model, id="tenancy.E005")
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and not _begins_with_workspace(constraint):
            words = f"{model.__name__}: {constraint.name} must begin with the workspace"
            yield Error(words, obj=model, id="tenancy.E005")


def _begins_with_workspace(constraint: models.UniqueConstraint) -> bool:
    if constraint.fields:
        return constraint.fields[0] == "workspace"
    return constraint.expressions[0] == F("workspace")


@register(Tags.database)
def database_role(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E003: the app's role could pass by row-level security."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(ROLE_FACTS)
        problem = role_problem(*cursor.fetchone())
    return [problem] if problem else []


@register(Tags.database)
def search_function(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E006: search could not use its index, as after a restore that gave all to one owner."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'tenancy_search'")
        owners = {owner for (owner,) in cursor.fetchall()}
    if owners <= {"omnidesk_system"}:
        return []
    words = "The function tenancy_search must belong to omnidesk_system"
    return [Error(words, hint="Restore without --no-owner.", id="tenancy.E006")]


def role_problem(is_above: bool, inherits: bool, is_member: bool) -> CheckMessage | None:
    """What is wrong with a role of these facts: ROLE_FACTS, asked as that role."""
    if is_above:
        return Error("The database role is a superuser or has BYPASSRLS", id="tenancy.E003")
    if inherits or not is_member:
        return Error(
            "The database role must be NOINHERIT and a member of omnidesk_system",
            hint="Create it with omnidesk/embedded/roles.sql before granting.",
            id="tenancy.E003",
        )
    return None
