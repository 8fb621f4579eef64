"""Files over HTTP, under headers that keep a hostile one harmless."""

from collections.abc import Collection

from django.http import FileResponse

from conversations.models import Attachment

FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"


def serve(file: Attachment, *, shown: Collection[str]) -> FileResponse | None:
    """A file under the type that its bytes speak for: in place if that is one of `shown`, else to be downloaded.

    None where the storage has lost it.
    """
    try:
        content = file.file.open("rb")
    except FileNotFoundError:
        return None
    is_text = file.content_type == "text/plain"
    return FileResponse(
        content,
        as_attachment=file.content_type not in shown,
        filename=file.name,
        content_type=f"{file.content_type}; charset=utf-8" if is_text else file.content_type,
        headers={
            "Content-Security-Policy": FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=86400",
        },
    )
