"""Files for those who know their address: providers that fetch what they send, browsers that show a chat."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from channels_ingest.services.lending import find_lent
from channels_ingest.views import bodies
from conversations.types import PICTURES
from conversations.views.files import serve


@require_safe
def file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """A file that was lent out, for whoever asks, on whatever site: a picture is shown, all else is downloaded."""
    found = find_lent(signed)
    response = serve(request, found, shown=PICTURES) if found else None
    if response is None:
        return bodies.unlogged(HttpResponse("There is no such file\n", "text/plain", 404))
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
