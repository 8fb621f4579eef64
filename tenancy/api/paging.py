"""Pages of a list by cursor: `results`, `next`, `previous`; no counts, no offsets."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Self

from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tenancy.keyset import EPOCH, Cursor, cut

PAGE = 50
MOST = 200
UPWARDS = "~"
NOT_OURS = "This cursor is not one that a page has given."


@dataclass(frozen=True, slots=True)
class Order:
    """Newest first by (time, id), or by id alone where `at` is empty; `oldest` first the other way round. With
    `lead`, by that number first. All three are names of columns."""

    at: str
    row: str = "id"
    oldest: bool = False
    lead: str = ""

    def sort(self, rows: QuerySet[Any], *, upwards: bool) -> QuerySet[Any]:
        fields = [name for name in (self.lead, self.at, self.row) if name]
        return rows.order_by(*(fields if upwards != self.oldest else [f"-{name}" for name in fields]))

    def beyond(self, cursor: Cursor, *, upwards: bool) -> Q:
        upwards = upwards != self.oldest
        if not self.at:
            return Q(**{f"{self.row}__{'gt' if upwards else 'lt'}": cursor.id})
        within = cursor.above(self.at, self.row) if upwards else cursor.below(self.at, self.row)
        if not self.lead:
            return within
        than = "gt" if upwards else "lt"
        same, other = Q(**{self.lead: cursor.lead}), Q(**{f"{self.lead}__{than}": cursor.lead})
        return Q(**{f"{self.lead}__{than}e": cursor.lead}) & (other | same & within)

    def cursor_at(self, row: Any) -> Cursor:
        lead = getattr(row, self.lead) if self.lead else None
        return Cursor(getattr(row, self.at) if self.at else EPOCH, attrgetter(self.row)(row), lead)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: beyond a row, downwards or upwards."""

    cursor: Cursor
    upwards: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValidationError for what `str` never wrote."""
        cursor = Cursor.parse(text.removeprefix(UPWARDS))
        if cursor is None:
            raise ValidationError({"cursor": [NOT_OURS]})
        return cls(cursor, text.startswith(UPWARDS))

    @classmethod
    def asked_for(cls, request: Request) -> Self | None:
        """Where the page begins that a request asks for; None for the first."""
        text = request.query_params.get("cursor", "")
        return cls.parse(text) if text else None

    def __str__(self) -> str:
        return f"{UPWARDS if self.upwards else ''}{self.cursor}"


class CursorPage(BasePagination):
    """Newest first, in the view's `order`. `page_size` asks for other than 50 rows, 200 at most."""

    parameters = ("cursor", "page_size")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        order: Order = view.chosen_order()
        size = size_asked(request.query_params.get("page_size", ""))
        place = Place.asked_for(request)
        if place is not None and (place.cursor.lead is None) != (not order.lead):
            raise ValidationError({"cursor": [NOT_OURS]})
        upwards = place is not None and place.upwards
        rows = queryset.filter(order.beyond(place.cursor, upwards=upwards)) if place else queryset
        found, more = cut(order.sort(rows, upwards=upwards)[: size + 1], size)
        if upwards:
            found.reverse()
        # Whoever came from one side can go back there; on the other side one row more has been looked for.
        has_next, has_previous = upwards or more, place is not None and (more or not upwards)
        below = Place(order.cursor_at(found[-1])) if found and has_next else None
        above = Place(order.cursor_at(found[0]), upwards=True) if found and has_previous else None
        self.next, self.previous = link_to(request, below), link_to(request, above)
        return found

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next, "previous": self.previous})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link | {"description": "The page of older rows."},
                "previous": link | {"description": "The page of newer rows."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        words = "From the links `next` and `previous` of a page."
        cursor = {
            "type": "string",
            "pattern": r"^(~?([0-9]{1,9}\.)?[0-9]{1,16}-[0-9]{1,18})?$",
            "description": words,
        }
        size = {"type": "integer", "minimum": 1, "default": PAGE, "description": f"At most {MOST}."}
        return [_parameter("cursor", cursor), _parameter("page_size", size)]


def link_to(request: Request, place: Place | None) -> str | None:
    """The address of a page that begins there."""
    if place is None:
        return None
    return str(replace_query_param(request.build_absolute_uri(), "cursor", str(place)))


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "allowEmptyValue": True, "schema": schema}


def size_asked(text: str) -> int:
    """How many rows a page is to have, by what `page_size` says. Raises ValidationError."""
    if not text:
        return PAGE
    if not (text.isdecimal() and text.isascii() and int(text[:9])):
        raise ValidationError({"page_size": ["Give a number from 1."]})
    return min(int(text[:9]), MOST)
