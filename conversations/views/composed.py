"""Texts that go into the composer by way of the server: it shows them when the page is drawn again."""

from conversations.views.undone import keep_undone, take_undone
from tenancy.access import WorkspaceRequest


def put_in(request: WorkspaceRequest, number: int, text: str) -> None:
    """Add a text to what the composer of a conversation holds."""
    before = take_undone(request, number)
    keep_undone(request, number, "\n\n".join(filter(None, [before, text])))
