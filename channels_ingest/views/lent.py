"""Files for those who know their address: providers that fetch what they send, browsers that show a chat."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from channels_ingest.services.lending import find_lent
from channels_ingest.views import bodies
from conversations.views.files import serve

# Pictures that are harmless on any page; everything else is only ever downloaded.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@require_safe
def file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """A file that was lent out, for whoever asks, on whatever site."""
    found = find_lent(signed)
    response = serve(found, shown=PICTURES) if found else None
    if response is None:
        return bodies.unlogged(HttpResponse("There is no such file\n", "text/plain", 404))
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
