"""Kinds of channel that replies can leave on, without the adapters that would carry them."""

from conversations.kinds import Limits
from conversations.types import Capabilities

ANYTHING = Capabilities(html=True, subject=True, cc=True, files=True)


def senders(*kinds: str, limits: Capabilities = ANYTHING) -> dict[str, Limits]:
    """What `conversations.kinds._senders` holds once these kinds can send, each within the same limits."""
    return dict.fromkeys(kinds, lambda channel: limits)
