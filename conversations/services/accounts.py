"""What it means for the timelines that a contact works for an account."""

from datetime import datetime

from django.db import connection, transaction

from contacts.models import Account, Affiliation, Contact
from contacts.services import people
from conversations.models import Conversation, Entry, TimelineRef
from conversations.services import matter
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id


@transaction.atomic
def affiliate(*, contact: Contact, account: Account, member: Member | None = None) -> Affiliation:
    """Say that a contact works for an account.

    For their first account it holds from the beginning: what they wrote joins its timeline. After a move, what
    they wrote before stays with the account that they worked for then.
    """
    earlier = Affiliation.objects.filter(contact=contact, is_proposed=False).exists()
    affiliation = people.affiliate(contact=contact, account=account)
    if not earlier:
        affiliation.since = contact.created_at
        affiliation.save(update_fields=["since"])
        _stand_on(account, contact, since=contact.created_at)
    for conversation in Conversation.objects.filter(contact=contact, account=None).select_for_update():
        matter.change(conversation, account=account)
    push(current_workspace_id(), f"account:{account.pk}", [contact.pk])
    return affiliation


def _stand_on(account: Account, contact: Contact, *, since: datetime) -> None:
    """Put what stands on the contact's timeline on the account's as well."""
    table, entry = TimelineRef._meta.db_table, Entry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (workspace_id, entry_id, account_id, at)
            SELECT r.workspace_id, r.entry_id, %s, r.at FROM {table} r
            JOIN {entry} e ON e.workspace_id = r.workspace_id AND e.id = r.entry_id
            WHERE r.workspace_id = %s AND r.contact_id = %s AND e.created_at >= %s
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 - our own tables' names
            [account.pk, current_workspace_id(), contact.pk, since],
        )
