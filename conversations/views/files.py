"""Files over HTTP, under headers that keep a hostile one harmless."""

from collections.abc import Collection

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from conversations.models import Attachment

FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"


def serve(file: Attachment, *, shown: Collection[str]) -> HttpResponse | None:
    """A file under the type that its bytes speak for: in place if that is one of `shown`, else to be downloaded.

    None where the storage has lost it. In one piece: under ASGI, Django's FileResponse reads all of it as well,
    and warns of that.
    """
    try:
        with file.file.open("rb") as opened:
            content = opened.read()
    except FileNotFoundError:
        return None
    is_saved = file.content_type not in shown
    is_text = file.content_type == "text/plain"
    return HttpResponse(
        content,
        content_type=f"{file.content_type}; charset=utf-8" if is_text else file.content_type,
        headers={
            "Content-Disposition": content_disposition_header(is_saved, file.name) or "inline",
            "Content-Security-Policy": FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=86400",
        },
    )
