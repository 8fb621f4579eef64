"""System checks find a tenant model that declares less than it must."""

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tenancy.checks import problems_of, tenant_models
from tenancy.models import Brand
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


def problems(*found: type[models.Model]) -> list[str]:
    """The checks' words about these models."""
    return [f"{problem.id} {problem.msg}" for model in found for problem in problems_of(model)]


def test_every_model_of_the_installation_is_good():
    assert tenant_models(None) == []
    assert sum(issubclass(model, TenantModel) for model in apps.get_models()) > 20


@isolate_apps("tenancy")
def test_what_is_missing_is_named():
    class Bare(TenantModel):
        brand = TenantForeignKey(Brand, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tenancy"

    assert problems(Bare) == [
        "tenancy.E001 Bare lacks TenantKey",
        "tenancy.E001 Bare lacks TenantPolicy",
        "tenancy.E001 Bare: TenantFK differs for brand",
        "tenancy.E002 Meta must extend TenantModel.Meta",
    ]


@isolate_apps("tenancy")
def test_references_and_unique_columns_that_pass_by_the_workspace_are_named():
    class Loose(TenantModel):
        brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
        code = models.CharField(max_length=9, unique=True)
        tags = models.ManyToManyField(Brand, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "tenancy"
            constraints = [
                *tenant_constraints("loose", "brand"),
                models.UniqueConstraint(fields=["brand", "workspace"], name="loose_once"),
            ]

    assert problems(Loose) == [
        "tenancy.E004 Loose.brand must be a TenantForeignKey",
        "tenancy.E004 Loose.tags: make the table between a tenant model of its own",
        "tenancy.E005 Loose.code is unique across workspaces",
        "tenancy.E005 Loose: loose_once must begin with the workspace",
    ]


@isolate_apps("tenancy")
def test_an_installation_table_cannot_refer_to_a_tenant_table():
    class Outside(models.Model):
        brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tenancy"

    assert problems(Outside) == ["tenancy.E004 Outside.brand refers to a tenant table from outside"]


@isolate_apps("tenancy")
@pytest.mark.parametrize("base", [TenantModel.Meta, object])
def test_an_abstract_model_needs_nothing(base):
    class Shape(TenantModel):
        class Meta(base):  # type: ignore[misc, valid-type]
            abstract = True
            app_label = "tenancy"

    assert Shape._meta.abstract
