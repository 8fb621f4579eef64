"""The way into a chat: its token, the site that it is opened on, and whether it is open at all."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_ingest.adapters.chat import origins_of
from channels_ingest.models import ChatSession
from channels_ingest.services.chat import rates
from channels_ingest.services.chat.frames import Page, Refused
from conversations.models import Channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services import locators

NO_PAGE = Page()
NO_ORIGIN, UNKNOWN, GONE, TOO_OFTEN = 403, 404, 410, 429


class Closed(Exception):
    """There is no way in; `status` says so in HTTP, and 4000 more of it on a socket."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class Line:
    """What the server knows of one socket, or of one POST, from frame to frame.

    `session` comes with the first hello, and has no row before the first message.
    """

    token: str
    workspace_id: int
    channel_id: int
    remote: str
    by_post: bool = False
    session: ChatSession | None = None
    secret: str = ""
    page: Page = NO_PAGE
    after: int | None = None


def enter(*, token: str, origin: str | None, remote: str, by_post: bool = False) -> Line:
    """Open a line to the chat of a token: a socket, or one POST. Raises Closed."""
    try:
        rates.spend("line", remote=remote)
    except Refused as refused:
        raise Closed(TOO_OFTEN, str(refused)) from refused
    workspace_id, channel = find_chat(token)
    allowed = origins_of(channel.config)
    if allowed and (origin or "").lower() not in allowed:
        raise Closed(NO_ORIGIN, _("This site may not show this chat."))
    return Line(token, workspace_id, channel.pk, remote, by_post)


def find_chat(token: str) -> tuple[int, Channel]:
    """The workspace's id and the channel behind a token. Raises Closed."""
    found = locators.find_channel(token)
    if found is None:
        raise Closed(UNKNOWN, _("There is no such chat."))
    with scope(found.workspace_id):
        return found.workspace_id, _open_channel(found.target_id)


def channel_of(line: Line) -> Channel:
    """The channel of a line as it is now, in its workspace's scope. Raises Closed, and Refused when it is off."""
    channel = _open_channel(line.channel_id)
    if not channel.is_enabled:
        raise Refused("unavailable", _("This chat is switched off for now."), retry_after=60)
    return channel


def _open_channel(pk: int) -> Channel:
    channel = Channel.objects.select_related("workspace", "brand").filter(pk=pk, kind="chat").first()
    if channel is None:
        raise Closed(UNKNOWN, _("There is no such chat."))
    if channel.archived_at or channel.workspace.status == Workspace.Status.DELETING:
        raise Closed(GONE, _("This chat is no more."))
    return channel
