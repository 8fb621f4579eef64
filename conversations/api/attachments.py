"""Files of entries."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from conversations.models import Attachment
from tenancy.api.resources import Resource


class AttachmentResource(Resource):
    """Files as they arrived."""

    model = Attachment

    def rows(self) -> QuerySet[Any]:
        return Attachment.objects.exclude(entry=None)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, id: int) -> FileResponse:
        """The bytes of a file, to be saved, never shown: strangers made them."""
        attachment: Any = self.get_object()
        try:
            content = attachment.file.open("rb")
        except FileNotFoundError as gone:
            raise Http404 from gone
        return FileResponse(
            content,
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
        )
