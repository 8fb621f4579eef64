"""Who is behind a socket, and what they may hear: each of these is one short visit to the database."""

from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from tenancy import live, seats
from tenancy.models import User
from tenancy.scope import scope


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody with a seat in a workspace and an open socket, and the run of Redis that pushes come by."""

    workspace_id: int
    user_id: int
    run: str


class Rights(NamedTuple):
    """Who somebody is in the workspace, None where they are no member any more, and what they may hear of."""

    member_id: int | None
    topics: list[str]


def find(slug: str, session_key: str) -> Hearer | None:
    """Who has signed in under a session, where they have a seat and the workspace is open for work."""
    kept = import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    if kept.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    found = seats.seated(int(kept[SESSION_KEY]), slug)
    if found is None or not _is_signed(kept.get(HASH_SESSION_KEY, ""), found[0]):
        return None
    user, workspace_id = found
    return Hearer(workspace_id, user.pk, live.current_run())


def allowed(hearer: Hearer, asked: list[str]) -> Rights:
    """Those of the topics that the member may hear of now, each once, in the order asked."""
    with scope(hearer.workspace_id):
        member = seats.member(hearer.user_id)
        return Rights(member.pk, live.allowed(member, asked)) if member else Rights(None, [])


def _is_signed(text: str, user: User) -> bool:
    """Whether a session was begun with the password that the user has now, under a key of ours. One begun under an
    earlier key is left as it is: pages renew it, and a socket could not tell the browser."""
    ours = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(text, signed) for signed in ours)
