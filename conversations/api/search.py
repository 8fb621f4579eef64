"""Search over everything: what the page of that name finds."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from conversations.models import Conversation
from conversations.queries.search.excerpts import Marker
from conversations.queries.search.found import PAGE, Search, page
from conversations.queries.search.shown import Hit, shown
from tenancy.api.paging import MOST, Place, size_asked
from tenancy.api.resources import Resource
from tenancy.asked import LONGEST, asked
from tenancy.search import Kind

# The resources that rows of each kind are found in by their `id`.
RESOURCES = {
    Kind.CONVERSATION: "conversations",
    Kind.ENTRY: "entries",
    Kind.CONTACT: "contacts",
    Kind.ACCOUNT: "accounts",
    Kind.FILE: "attachments",
}


PARAMETERS = {"q", "cursor", "page_size"}


class HitSerializer(serializers.Serializer[Hit]):
    """Something that was found."""

    kind = serializers.ChoiceField(choices=list(RESOURCES.values()), help_text="The resource that it is of.")
    id = serializers.IntegerField(help_text="Of conversations, the number.")
    conversation = serializers.IntegerField(
        allow_null=True, help_text="The one it belongs to, by its number."
    )
    occurred_at = serializers.DateTimeField()
    title = serializers.CharField()
    excerpt = serializers.CharField(help_text="Where it is said.")
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Where in the excerpt words of the question begin and end.",
    )


class FoundSerializer(serializers.Serializer[Any]):
    """A page of what was found."""

    results = HitSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Where to look further.")
    remarks = serializers.ListField(
        child=serializers.CharField(), help_text="What of the question could not be meant."
    )


class SearchResource(Resource):
    """Everything by its words, newest first."""

    model = Conversation
    serializer_class = FoundSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description=f"As typed on the page; {LONGEST} signs of it count."),
            OpenApiParameter("cursor", str, description="From the link `next` of a page."),
            OpenApiParameter("page_size", int, description=f"At most {MOST}."),
        ]
    )
    def find(self, request: Request) -> Response:
        """Find conversations, entries, contacts, accounts and files.

        `next` is there, too, where a page has looked far back without finding enough.
        """
        if unknown := request.query_params.keys() - PARAMETERS:
            raise ValidationError({name: ["There is no such parameter."] for name in sorted(unknown)})
        place = Place.asked_for(request)
        wanted = Search.of(asked(request.query_params.get("q", "")), self.member)
        found = page(
            wanted,
            below=place.cursor if place else None,
            size=size_asked(request.query_params.get("page_size") or str(PAGE)),
        )
        marker = Marker.of(wanted.asked)
        results = [_row(hit, marker) for hit in shown(wanted, found)]
        here = request.build_absolute_uri()
        further = replace_query_param(here, "cursor", str(found.older)) if found.older else None
        return Response({"results": results, "next": further, "remarks": wanted.narrowed.remarks})


def _row(hit: Hit, marker: Marker) -> dict[str, Any]:
    row, kind = hit.row, hit.found.kind
    conversation = {Kind.CONVERSATION: row, Kind.ENTRY: getattr(row, "conversation", None)}.get(kind)
    if kind is Kind.FILE:
        conversation = row.entry.conversation
    excerpt = hit.excerpt.striptags()
    return {
        "kind": RESOURCES[kind],
        "id": row.number if kind is Kind.CONVERSATION else hit.found.of,
        "conversation": conversation.number if conversation else None,
        "occurred_at": hit.found.at,
        "title": hit.title.striptags(),
        "excerpt": excerpt,
        "marks": [list(place) for place in marker.places(excerpt)],
    }
