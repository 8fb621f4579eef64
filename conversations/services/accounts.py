"""What it means for the timelines that a contact works for an account."""

from django.db import connection

from contacts.models import Account, Contact
from conversations.models import Conversation, TimelineRef
from conversations.services import matter
from tenancy.live import push
from tenancy.scope import current_workspace_id


def follow(contact: Contact, account: Account, is_first: bool) -> None:
    """Let conversations and timelines follow an affiliation (contacts.services.people.affiliate).

    What a contact wrote joins the timeline of their first account; their conversations without an account get it.
    """
    if is_first:
        _stand_on(account, contact)
    for conversation in Conversation.objects.filter(contact=contact, account=None).select_for_update():
        matter.change(conversation, account=account)
    push(current_workspace_id(), f"account:{account.pk}", [contact.pk])


def _stand_on(account: Account, contact: Contact) -> None:
    """Put what stands on the contact's timeline on the account's as well."""
    table = TimelineRef._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (workspace_id, entry_id, account_id, at)
            SELECT r.workspace_id, r.entry_id, %s, r.at FROM {table} r
            WHERE r.workspace_id = %s AND r.contact_id = %s
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 - our own tables' names
            [account.pk, current_workspace_id(), contact.pk],
        )
