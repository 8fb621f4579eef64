from django.db import models

from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Shelf(TenantModel):
    name = models.CharField(max_length=20)
    above = TenantForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("shelf", "above")


class Book(TenantModel):
    shelf = TenantForeignKey(Shelf, on_delete=models.CASCADE, related_name="books")
    title = models.CharField(max_length=20, null=True)  # noqa: DJ001 - a test makes it NOT NULL

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("book", "shelf"),
            models.UniqueConstraint(fields=["workspace", "title"], name="book_title_once"),
        ]


class Loan(TenantModel):
    book = TenantForeignKey(Book, null=True, on_delete=models.SET_NULL, related_name="loans")

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("loan", "book")
