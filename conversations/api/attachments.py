"""Files of entries, and files that are to go with one."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Attachment
from conversations.services.files import CannotStore, upload, waiting
from tenancy.api.fields import Body
from tenancy.api.problems import Busy, Refused, messages_of
from tenancy.api.resources import Resource
from tenancy.models import Member


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file; `content_type` is what its bytes speak for. `url` takes the same token."""

    url = serializers.HyperlinkedIdentityField(view_name="api:attachment-detail", lookup_url_kwarg="id")

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size", "is_inline", "state", "reason", "url"]
        read_only_fields = fields


NOT_HERE = OpenApiResponse(description="It is being fetched, or could not be")


class Upload(Body):
    """A file, in a form."""

    file = serializers.FileField()


class AttachmentResource(Resource):
    """Files as they arrived, and one's own that wait for their entry."""

    model = Attachment
    parser_classes = [MultiPartParser]
    serializer_class = AttachmentSerializer

    def rows(self) -> QuerySet[Any]:
        return Attachment.objects.filter(Q(entry__isnull=False) | Q(member=self.member))

    @extend_schema(
        request={"multipart/form-data": Upload}, responses={201: AttachmentSerializer}, operation_id="upload"
    )
    def create(self, request: Request) -> Response:
        """Upload a file, for a message or note that names it among its `attachments`; one that none does goes
        after a day."""
        try:
            attachment = upload(self.given(Upload)["file"], member=self.member)
        except CannotStore as error:
            raise Busy(" ".join(error.messages)) from error
        except DjangoValidationError as error:
            raise serializers.ValidationError({"file": messages_of(error)}) from error
        return self.created(attachment.pk)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 409: NOT_HERE})
    def retrieve(self, request: Request, id: int) -> HttpResponse:
        """The bytes of a file, to be saved, never shown: strangers made them."""
        attachment: Any = self.get_object()
        if attachment.state != Attachment.State.STORED:
            raise Refused(attachment.reason or attachment.get_state_display())
        try:
            with attachment.file.open("rb") as opened:
                content = opened.read()
        except FileNotFoundError as gone:
            raise Http404 from gone
        return HttpResponse(
            content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": content_disposition_header(True, attachment.name)},
        )


def uploaded(ids: list[int], member: Member) -> list[Attachment]:
    """The member's uploads in the order of `ids`, kept for this transaction alone.

    Raises ValidationError for one that is not theirs or has its entry.
    """
    try:
        return waiting(ids, member=member)
    except DjangoValidationError as error:
        raise serializers.ValidationError(error.messages) from error
