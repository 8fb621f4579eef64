"""The way back that the message of an act offers: an address to post to, whose query is posted along."""

from django.http import HttpRequest

MARK = "undoing"


def way_back(request: HttpRequest, address: str) -> str:
    """An address for a message's undo, where that leads to an act which offers a way back itself; none where this
    request has come by one: what has been taken back is not offered to be done again."""
    if MARK in request.POST:
        return ""
    return f"{address}{'&' if '?' in address else '?'}{MARK}=yes"
