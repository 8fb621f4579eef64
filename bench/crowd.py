"""A workspace with many conversations, stored by the database itself: a million take minutes rather than hours.

Each conversation has a message with its text on two timelines, every third a label, every other one has been read.
One of them has a long thread.
"""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.harness import tidy
from contacts.models import Account, Affiliation, Contact, Identity
from conversations.models import (
    Attachment,
    Channel,
    Conversation,
    CountDelta,
    Delivery,
    Entry,
    EntryBody,
    Participant,
    TimelineRef,
)
from conversations.models.conversation import ACTIVE
from conversations.services import counts
from conversations.services.channels import create_channel
from conversations.services.labels import label_named
from tenancy.keyset import Cursor
from tenancy.models import Brand, Member, Role, Workspace
from tenancy.scope import scope
from tenancy.services.members import add_member
from tenancy.services.users import create_user

MEMBERS, LABELS, KINDS = 6, 12, ("email", "sms", "instagram", "phone")
ACCOUNTS = 50
EVERY = timedelta(seconds=90)  # somebody wrote
THREAD = 30  # entries of the long one
TEXT = (
    "I ordered two weeks ago and the tracking page still says that a label was created.\n\n"
    "Could you tell me where it is? The order is at https://shop.example/orders/31877, and I leave on Friday.\n\n"
    "Best regards\nAna"
)

# `one` counts from 0, `of` picks the nth of an array, starting over at its end.
CONTACTS = """
    INSERT INTO contacts_contact (workspace_id, name, title, language, time_zone, facts, created_at, last_seen_at)
    SELECT %(workspace)s, 'Contact ' || one, '', '', '', '{}', now(), now()
    FROM generate_series(1, %(contacts)s) one
"""
CONVERSATIONS = """
    WITH contact AS (
        SELECT array_agg(id ORDER BY id) AS ids FROM contacts_contact WHERE workspace_id = %(workspace)s
    )
    INSERT INTO conversations_conversation (
        workspace_id, number, kind, brand_id, subject, status, priority, is_spam, contact_id, account_id,
        assignee_id, created_at, last_at, last_inbound_at, waiting_since, last_channel_id, trail, preview,
        preview_is_ours
    )
    SELECT %(workspace)s, one + 1, 'customer', %(brand)s, 'Where is order ' || one || '?',
        CASE one %% 2 WHEN 0 THEN 'resolved' ELSE 'open' END, 2, false, contact.ids[1 + one %% %(contacts)s],
        nullif((%(accounts)s::bigint[])[1 + one %% cardinality(%(accounts)s)], 0),
        nullif((%(members)s::bigint[])[1 + one %% cardinality(%(members)s)], 0),
        at, at, at, at, (%(channels)s::bigint[])[1 + one %% 4], ARRAY[(%(kinds)s::text[])[1 + one %% 4]],
        'I ordered two weeks ago and the tracking page still says that a label was created.', false
    FROM generate_series(0, %(conversations)s - 1) one, contact,
        LATERAL (SELECT %(now)s - %(every)s * (%(conversations)s - one) AS at)
"""
LABELLINGS = """
    INSERT INTO conversations_conversationlabel (workspace_id, conversation_id, label_id)
    SELECT workspace_id, id, (%(labels)s::bigint[])[1 + number / 3 %% cardinality(%(labels)s)]
    FROM conversations_conversation WHERE workspace_id = %(workspace)s AND number %% 3 = 1
"""
SEEN = """
    INSERT INTO conversations_seen (workspace_id, conversation_id, member_id, at)
    SELECT workspace_id, id, %(reader)s, last_at
    FROM conversations_conversation WHERE workspace_id = %(workspace)s AND number %% 2 = 1
"""
ENTRIES = """
    INSERT INTO conversations_entry (
        workspace_id, conversation_id, kind, direction, channel_id, contact_id, at, created_at, external_thread,
        external_id, rule, event, preview, data, is_verified, automatic, file_count
    )
    SELECT workspace_id, id, 'message', 'in', last_channel_id, contact_id, last_at, last_at, '', '', 'new', '',
        preview, '{"why": {"key": "first"}, "who": {"key": "known"}}', true, '', 0
    FROM conversations_conversation WHERE workspace_id = %(workspace)s
"""
BODIES = """
    INSERT INTO conversations_entrybody (
        workspace_id, entry_id, version, text, quoted, html, is_rich, remote_images, created_at
    )
    SELECT workspace_id, id, 1, %(text)s, '', '', false, 0, at
    FROM conversations_entry WHERE workspace_id = %(workspace)s
"""
REFS = """
    INSERT INTO conversations_timelineref (workspace_id, entry_id, contact_id, at)
    SELECT workspace_id, id, contact_id, at FROM conversations_entry WHERE workspace_id = %(workspace)s
"""
NUMBERS = "SELECT setval(%(sequence)s, %(last)s)"
STEPS = (CONTACTS, CONVERSATIONS, LABELLINGS, SEEN, ENTRIES, BODIES, REFS)


def fill(workspace: Workspace, *, conversations: int) -> Cursor:
    """Store that many conversations with a quarter as many contacts; returns the place in the middle of those
    that are not done."""
    with scope(workspace.pk):
        facts = _furnish(workspace) | {"conversations": conversations, "contacts": conversations // 4}
        with connection.cursor() as cursor:
            for step in STEPS:
                cursor.execute(step, facts)
            cursor.execute(
                NUMBERS, {"sequence": f"conversation_number_{workspace.pk}", "last": conversations}
            )
    tidy()
    with scope(workspace.pk):
        CountDelta.objects.bulk_create(
            CountDelta(bucket=bucket, delta=count) for bucket, count in counts.recount().items()
        )
        middle = Conversation.objects.filter(ACTIVE).order_by("-last_at", "-id")[conversations // 4]
    tidy()
    return Cursor(middle.last_at, middle.pk)


def _furnish(workspace: Workspace) -> dict[str, Any]:
    """People, channels, labels and accounts; returns what the statements ask for."""
    for number in range(MEMBERS):
        email = f"agent{number}@{workspace.slug}.example"
        add_member(user=create_user(email=email, password=None), role=Role.AGENT)
    for kind in KINDS:
        create_channel(kind=kind, name=kind, config={}, secrets={})
    for number in range(LABELS):
        label_named(name=f"label {number}")
    accounts = Account.objects.bulk_create(Account(name=f"Account {number}") for number in range(ACCOUNTS))
    members = [member.pk for member in Member.objects.order_by("id")]
    return {
        "workspace": workspace.pk,
        "brand": Brand.objects.earliest("id").pk,
        "accounts": [0, *(account.pk for account in accounts)],
        "members": [0, *members],
        "reader": members[0],
        "channels": [Channel.objects.get(kind=kind).pk for kind in KINDS],
        "kinds": list(KINDS),
        "labels": [label_named(name=f"label {number}").pk for number in range(LABELS)],
        "now": timezone.now(),
        "every": EVERY,
        "text": TEXT,
    }


def lengthen(workspace: Workspace) -> int:
    """Give a new conversation that is not done a thread of 30 entries, as a matter of a week has them: questions
    by mail, answers that arrived, notes, what was done. Returns its number."""
    with scope(workspace.pk):
        conversation = Conversation.objects.filter(ACTIVE, last_channel__kind="sms").latest("last_at")
        _introduce(conversation)
        kinds = cycle(("asked", "answered", "asked", "note", "answered", "done"))
        for place in range(THREAD - conversation.entries.count()):
            _say(conversation, next(kinds), conversation.last_at - timedelta(hours=5 * (THREAD - place)))
    tidy()
    return conversation.number


def _introduce(conversation: Conversation) -> None:
    """The contact has two addresses and a company, and somebody is copied."""
    contact = conversation.contact
    assert contact is not None
    Affiliation.objects.create(contact=contact, account=Account.objects.earliest("id"))
    mailbox, _phone = (
        Identity.objects.create(contact=contact, kind=kind, value=value, holds=True, proof="attested")
        for kind, value in (("email", "ana@cust.example"), ("sms", "+12065550142"))
    )
    Participant.objects.create(conversation=conversation, contact=contact, identity=mailbox)
    other = Contact.objects.exclude(pk=contact.pk).earliest("id")
    copied = Identity.objects.create(
        contact=other, kind="email", value="ben@cust.example", holds=True, proof="attested"
    )
    Participant.objects.create(conversation=conversation, contact=other, identity=copied, role="cc")


def _say(conversation: Conversation, what: str, at: datetime) -> None:
    mail, member = Channel.objects.get(kind="email"), Member.objects.earliest("id")
    mailbox = Identity.objects.get(contact=conversation.contact, kind="email")
    addresses = {"subject": conversation.subject, "to": ["support@acme.example"]}
    reasons = {"why": {"key": "thread"}, "who": {"key": "known"}}
    fields = {
        "asked": {
            "kind": "message",
            "direction": "in",
            "channel": mail,
            "contact": conversation.contact,
            "identity": mailbox,
            "rule": "thread",
            "data": addresses | reasons,
        },
        "answered": {
            "kind": "message",
            "direction": "out",
            "channel": mail,
            "contact": conversation.contact,
            "member": member,
            "data": addresses | {"to": [mailbox.value]},
        },
        "note": {"kind": "note", "member": member},
        "done": {"kind": "event", "event": "labelled", "member": member, "data": {"label": "label 3"}},
    }[what]
    entry = Entry.objects.create(conversation=conversation, at=at, created_at=at, preview=TEXT[:80], **fields)
    if what == "done":
        return
    EntryBody.objects.create(entry=entry, text=TEXT, quoted=TEXT if what == "asked" else "")
    TimelineRef.objects.create(entry=entry, contact=conversation.contact, at=at)
    if what == "answered":
        Delivery.objects.create(
            entry=entry, channel=mail, identity=mailbox, state="done", status="delivered", status_at=at
        )
        Attachment.objects.create(entry=entry, name="label.pdf", content_type="application/pdf", size=48_211)
