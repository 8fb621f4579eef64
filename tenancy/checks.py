"""System checks: a tenant model that declares less than it must is an error before it is a leak."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from tenancy.tables import TenantFK, TenantKey, TenantModel, TenantPolicy


@register(Tags.models)
def tenant_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E001: key, policy and foreign keys are declared. E002: the guarded manager is in place."""
    problems: list[CheckMessage] = []
    for model in apps.get_models():
        if not issubclass(model, TenantModel):
            continue
        declared = model._meta.constraints
        keyed = {constraint.field for constraint in declared if isinstance(constraint, TenantFK)}
        fields = {
            field.name
            for field in model._meta.local_fields
            if field.is_relation and field.name != "workspace" and issubclass(_target(field), TenantModel)
        }
        problems += [
            Error(f"{model.__name__} lacks {kind.__name__}", obj=model, id="tenancy.E001")
            for kind in (TenantKey, TenantPolicy)
            if not any(isinstance(constraint, kind) for constraint in declared)
        ]
        if keyed != fields:
            names = ", ".join(sorted(keyed ^ fields))
            problems.append(
                Error(f"{model.__name__}: TenantFK differs for {names}", obj=model, id="tenancy.E001")
            )
        if model._meta.base_manager_name != "objects":
            problems.append(Error("Meta must extend TenantModel.Meta", obj=model, id="tenancy.E002"))
    return problems


def _target(field: Any) -> type[Any]:
    target: type[Any] = field.remote_field.model
    return target


@register(Tags.database)
def database_role(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E003: the app's role could pass by row-level security."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper OR rolbypassrls, pg_has_role(current_user, 'omnidesk_system', 'USAGE'),
                   pg_has_role(current_user, 'omnidesk_system', 'MEMBER')
            FROM pg_roles WHERE rolname = current_user
            """
        )
        above, inherits, member = cursor.fetchone()
    if above:
        return [Error("The database role is a superuser or has BYPASSRLS", id="tenancy.E003")]
    if inherits or not member:
        return [
            Error(
                "The database role must be NOINHERIT and a member of omnidesk_system",
                hint="Create it with omnidesk/embedded/roles.sql before granting.",
                id="tenancy.E003",
            )
        ]
    return []
