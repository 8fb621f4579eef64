"""Parts that several readings share: the conversation asked for, and what belongs to the workspace."""

from collections.abc import Mapping
from typing import Any

from contacts.queries import Whom
from tenancy.reading import refers

LAST = 2**63 - 1  # no conversation has this number, nor one beyond it

CONTACT = refers("contact", "contacts_contact", "name")
MEMBER = refers("member", "tenancy_member", "name")
CHANNEL = refers("channel", "conversations_channel", "kind", "name")

ASKED = """
    SELECT * FROM conversations_conversation WHERE workspace_id = %(workspace)s AND number = %(number)s"""
WHO = """
    SELECT coalesce(contact_id, (
        SELECT contact_id FROM conversations_conversation
        WHERE workspace_id = asked.workspace_id AND id = asked.parent_id
    )) AS id FROM asked"""
CONVERSATION = f"""
    SELECT id, number, kind, brand_id, subject, status, priority, is_spam, contact_id, assignee_id, account_id,
        snoozed_until, due_at, waiting_since, last_channel_id, team_id, attributes, {CONTACT},
        {refers("assignee", "tenancy_member", "name")}, {refers("team", "tenancy_team", "name")},
        {refers("last_channel", "conversations_channel", "kind", "brand_id")},
        parent_id, {refers("parent", "conversations_conversation", "number", "subject", "contact_id")}
    FROM asked row"""

CHANNELS = """
    SELECT id, kind, name, brand_id, config, is_enabled, started_at, last_error FROM conversations_channel
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL ORDER BY name, id"""
LABELS = """
    SELECT id, name FROM conversations_label
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL ORDER BY name, id"""
BRANDS = """
    SELECT id, name FROM tenancy_brand
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL ORDER BY name, id"""
TEAMS = """
    SELECT id, name, ARRAY(
        SELECT member_id FROM tenancy_teammember WHERE workspace_id = row.workspace_id AND team_id = row.id
    ) AS member_ids
    FROM tenancy_team row WHERE workspace_id = %(workspace)s AND archived_at IS NULL ORDER BY name, id"""
# A member's own views, then what others share.
SAVED = """
    SELECT id, name, member_id, is_shared, filter FROM conversations_savedview
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL AND (member_id = %(member)s OR is_shared)
    ORDER BY is_shared, position, id LIMIT 100"""
COLLEAGUES = """
    SELECT id, name, title FROM tenancy_member
    WHERE workspace_id = %(workspace)s AND archived_at IS NULL ORDER BY name, id"""


def asked(number: int) -> Mapping[str, Any]:
    """For a reading that is about the conversation of a number, which its parts call `asked`."""
    return {"given": {"asked": ASKED}, "facts": {"number": min(number, LAST)}}


def whom_of(number: int) -> Whom:
    """The contact of the conversation of a number; of an aside of colleagues, whom they talk about."""
    return Whom({"asked": ASKED, "who": WHO}, asked(number)["facts"])
