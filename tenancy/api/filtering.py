"""Filters by query. A parameter that does not exist is refused: to ignore it would list what nobody asked for."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tenancy.api.fields import ID
from tenancy.api.paging import CursorPage
from tenancy.keyset import MOST

if TYPE_CHECKING:  # views load the settings, which name this module
    from rest_framework.views import APIView


class IdField(forms.IntegerField):
    """The id of a row, or what could be one."""

    def __init__(self, **options: Any) -> None:
        options.pop("min_value", None), options.pop("max_value", None)
        super().__init__(min_value=1, max_value=MOST - 1, **options)


@extend_schema_field(ID)
class IdFilter(filters.Filter):  # type: ignore[misc]
    """Rows that refer to a row; none for an id that does not exist."""

    field_class = IdField


class QueryFilter(filters.DjangoFilterBackend):  # type: ignore[misc]
    """The view's `filterset_class`, and nothing that is neither in it nor a matter of paging."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = {*CursorPage.parameters, *(filterset.filters if filterset else ())}
        if unknown := request.query_params.keys() - known:
            raise ValidationError({name: [_unknown(known)] for name in sorted(unknown)})
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def _unknown(known: set[str]) -> str:
    return f"There is no such parameter; there is: {', '.join(sorted(known))}."
