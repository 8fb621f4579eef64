"""The timelines of contacts and accounts: everything with one person, or one company, over all channels."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Account, Contact
from conversations.api.entries import EntrySerializer, shown
from conversations.models import Entry, TimelineRef
from tenancy.api.paging import Order
from tenancy.api.resources import Resource


class Timeline(Resource):
    """Entries, newest first."""

    model = TimelineRef
    order = Order("at", "entry_id")
    serializer_class = EntrySerializer

    def moments(self) -> QuerySet[TimelineRef]:
        """Where the entries stand."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        return self.moments().prefetch_related(Prefetch("entry", shown(Entry.objects.all())))

    @extend_schema(responses=EntrySerializer(many=True))
    def list(self, request: Request, id: int) -> Response:
        """Everything over all channels, newest first."""
        moments = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        entries = [moment.entry for moment in moments or ()]
        return self.get_paginated_response(self.get_serializer(entries, many=True).data)


class ContactTimeline(Timeline):
    """What was said with, and about, one contact."""

    def moments(self) -> QuerySet[TimelineRef]:
        return TimelineRef.objects.filter(contact=get_object_or_404(Contact.objects, pk=self.kwargs["id"]))


class AccountTimeline(Timeline):
    """What was said with all who work, or worked then, for one account."""

    def moments(self) -> QuerySet[TimelineRef]:
        return TimelineRef.objects.filter(account=get_object_or_404(Account.objects, pk=self.kwargs["id"]))
