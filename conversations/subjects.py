"""Subjects of mails, apart from what mail programs put before them."""

import re

_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|fw|fwd|wg)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def bare(subject: str) -> str:
    """A subject without its Re: and Fwd:, in one case, for comparing."""
    return _REPLY.sub("", subject).strip().casefold()


def plain(subject: str) -> str:
    """A subject without its Re: and Fwd:, on one line."""
    return " ".join(_REPLY.sub("", subject).split())
