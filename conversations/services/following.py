"""Following conversations: by one's own wish, or by having to do with them."""

from collections.abc import Iterable
from datetime import datetime

from conversations.models import Conversation, Follower
from conversations.services import matter
from tenancy.models import Member


def follow(*, conversation: Conversation, member: Member) -> None:
    """Have a member hear of what happens in a conversation from now on."""
    _set(conversation, member, follows=True)


def unfollow(*, conversation: Conversation, member: Member) -> None:
    """Have a member hear of it no more, unless it is theirs or somebody names them."""
    _set(conversation, member, follows=False)


def put_back(*, conversation: Conversation, member: Member, follows: bool | None) -> None:
    """Have a member follow it or not, as they had said; None where they had said nothing."""
    if follows is not None:
        return _set(conversation, member, follows=follows)
    Follower.objects.filter(conversation=conversation, member=member).delete()
    matter.announce(conversation)
    return None


def follow_by_itself(had_to_do: Iterable[tuple[int, Member, datetime]]) -> None:
    """Have members follow what they have to do with since then, each given by its id, if that is how they want it.
    Who has ceased to follow it does not begin again."""
    rows = {
        (conversation, member.pk): Follower(conversation_id=conversation, member=member, since=since)
        for conversation, member, since in reversed(list(had_to_do))
        if member.is_active and not member.is_bot and member.wishes.follows
    }
    Follower.objects.bulk_create(rows.values(), ignore_conflicts=True)


def _set(conversation: Conversation, member: Member, *, follows: bool) -> None:
    Follower.objects.bulk_create(
        [Follower(conversation=conversation, member=member, follows=follows)],
        update_conflicts=True,
        unique_fields=["workspace", "conversation", "member"],
        update_fields=["follows", "since"],
    )
    matter.announce(conversation)
