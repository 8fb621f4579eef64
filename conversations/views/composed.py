"""Texts that go into the composer by way of the server: it shows them when the page is drawn again."""

from conversations.services import drafts
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest


def put_in(request: WorkspaceRequest, number: int, text: str) -> None:
    """Add a text to what the composer of a conversation holds."""
    drafts.add(conversation=find_conversation(number), member=request.member, text=text)
