"""Who follows a conversation."""

from conversations.models import Conversation
from conversations.queries.parts import asked
from tenancy.models import Member
from tenancy.reading import Found, Reading

FOLLOWERS = """
    SELECT id, name FROM tenancy_member
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL AND id = ANY(ARRAY(
        SELECT member_id FROM conversations_follower
        WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) AND follows
    )) ORDER BY name, id"""


def followers_of(number: int) -> Reading[list[Member]]:
    """Those who follow the conversation of a number, by name."""

    def make(found: Found) -> list[Member]:
        return found.of(Member, "followers")

    return Reading({"followers": FOLLOWERS}, make, **asked(number))


def followers(conversation: Conversation) -> list[Member]:
    """Those who follow a conversation, by name."""
    return followers_of(conversation.number).read()
