"""What the resources have in common."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from tenancy.api.authentication import READ, WRITE, Needs
from tenancy.api.fields import Body
from tenancy.api.paging import Order
from tenancy.models import ApiToken, Member
from tenancy.tables import TenantModel


class Resource(GenericViewSet[Any]):
    """Rows of one table of the token's workspace, newest first; a foreign id is a 404.

    `rows()` is what a list shows and what an id is looked up in, with all that the serializer reads.
    """

    model: ClassVar[type[TenantModel]]
    order: ClassVar[Order] = Order("")
    reading: ClassVar[Needs] = READ
    writing: ClassVar[Needs] = WRITE
    lookup_url_kwarg = "id"
    lookup_value_converter = "int"

    @property
    def member(self) -> Member:
        """Whose token it is: what the request does, they do."""
        token = self.request.auth
        assert isinstance(token, ApiToken)
        return token.member

    def chosen_order(self) -> Order:
        """The order of a list, as it is asked for."""
        return self.order

    def rows(self) -> QuerySet[Any]:
        return self.model.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        # The schema is made outside of any workspace: then only the model matters.
        return QuerySet(self.model) if getattr(self, "swagger_fake_view", False) else self.rows()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # Filters narrow down lists; a row that is asked for by its id is there, whatever it is like.
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def given(self, body: type[Body], **context: Any) -> dict[str, Any]:
        """What the request says, checked; of a PATCH only what it names. Raises ValidationError."""
        serializer = body(
            data=self.request.data,
            partial=self.request.method == "PATCH",
            context={**self.get_serializer_context(), **context},
        )
        serializer.is_valid(raise_exception=True)
        checked: dict[str, Any] = serializer.validated_data
        return checked

    def shown(self, pk: int) -> dict[str, Any]:
        """A row as it is now."""
        data: dict[str, Any] = self.get_serializer(self.rows().get(pk=pk)).data
        return data

    def created(self, pk: int, **more: Any) -> Response:
        """201 with the new row and its address."""
        data = self.shown(pk) | more
        here = {**self.kwargs, self.lookup_url_kwarg: data["id"]}
        address = reverse(f"api:{self.basename}-detail", kwargs=here, request=self.request)
        return Response(data, status.HTTP_201_CREATED, headers={"Location": address})
