"""Notes about contacts and accounts, for members alone."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.accounts import blaming
from contacts.models import Account, Contact, PrivateNote
from contacts.services import notes
from contacts.services.notes import LONGEST, NotYours
from tenancy.api.fields import Body, TextField, for_example
from tenancy.api.paging import Order
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource


class PrivateNoteSerializer(serializers.ModelSerializer[PrivateNote]):
    """What a member wrote about a contact or an account."""

    class Meta:
        model = PrivateNote
        fields = ["id", "contact", "account", "member", "text", "created_at", "edited_at", "archived_at"]
        read_only_fields = fields


@for_example(note={"text": "Prefers to be called after four."})
class NoteBody(Body):
    """A note."""

    text = TextField(max_length=LONGEST)


class PrivateNotes(ListModelMixin, RetrieveModelMixin, Resource):
    """Notes about one contact or account, the newest first; archived ones are left out."""

    model = PrivateNote
    order = Order("created_at")
    serializer_class = PrivateNoteSerializer

    def rows(self) -> QuerySet[Any]:
        return self._about().private_notes.all()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return rows.filter(archived_at=None) if self.action == "list" else rows

    def _about(self) -> Contact | Account:
        if "contact" in self.kwargs:
            return get_object_or_404(Contact.objects, pk=self.kwargs["contact"])
        return get_object_or_404(Account.objects, pk=self.kwargs["account"])

    @extend_schema(request=NoteBody, responses={201: PrivateNoteSerializer})
    def create(self, request: Request, **about: int) -> Response:
        """Write a note."""
        text = self.given(NoteBody)["text"]
        note = blaming("text", notes.write, about=self._about(), member=self.member, text=text)
        return self.created(note.pk)

    @extend_schema(request=NoteBody)
    def partial_update(self, request: Request, id: int, **about: int) -> Response:
        """Change a note of your own."""
        given = self.given(NoteBody)
        if "text" in given:
            self._do(notes.edit, text=given["text"])
        return Response(self.shown(id))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: int, **about: int) -> Response:
        """Archive a note of your own; an admin, anybody's."""
        self._do(notes.archive)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _do(self, verb: Any, **facts: Any) -> None:
        try:
            blaming("text", verb, note=self.get_object(), member=self.member, **facts)
        except NotYours as refused:
            raise Refused(str(refused)) from refused


class ContactNotes(PrivateNotes):
    """Notes about a contact, the newest first."""


class AccountNotes(PrivateNotes):
    """Notes about an account, the newest first."""
