"""Replies that were taken back: their texts wait in the session until the composer is drawn again."""

from tenancy.access import WorkspaceRequest

KEY = "undone_replies"


def keep_undone(request: WorkspaceRequest, number: int, text: str) -> None:
    """Keep the text of a reply to a conversation."""
    request.session[KEY] = request.session.get(KEY, {}) | {_name(request, number): text}


def take_undone(request: WorkspaceRequest, number: int) -> str:
    """The text of a reply to this conversation that was taken back, once."""
    texts: dict[str, str] = request.session.get(KEY, {})
    text = texts.pop(_name(request, number), "")
    if text:
        request.session[KEY] = texts
    return text


def _name(request: WorkspaceRequest, number: int) -> str:
    return f"{request.workspace.pk}:{number}"
