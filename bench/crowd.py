"""A workspace with many conversations, stored in bulk: what lists read, not what a timeline holds."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from bench.harness import tidy
from contacts.models import Account, Contact
from conversations.models import Channel, Conversation, ConversationLabel, CountDelta, Label, Seen
from conversations.models.conversation import ACTIVE
from conversations.services import counts
from conversations.services.channels import create_channel
from conversations.services.labels import label_named
from tenancy.keyset import Cursor
from tenancy.models import Brand, Member, Role, Workspace
from tenancy.scope import scope
from tenancy.services.members import add_member
from tenancy.services.users import create_user

BATCH = 2_000
MEMBERS, LABELS, KINDS = 6, 12, ("email", "chat", "instagram", "phone")
OPEN_ONES = 2  # one in two is not done
EVERY = timedelta(seconds=90)  # somebody wrote


def fill(workspace: Workspace, *, conversations: int) -> Cursor:
    """Store that many conversations with a quarter as many contacts; returns the place in the middle of those
    that are not done."""
    with scope(workspace.pk):
        _furnish(workspace)
        contacts = Contact.objects.bulk_create(_contacts(conversations // 4), batch_size=BATCH)
        rows = Conversation.objects.bulk_create(_conversations(conversations, contacts), batch_size=BATCH)
        labels, reader = list(Label.objects.all()), Member.objects.earliest("id")
        ConversationLabel.objects.bulk_create(
            (ConversationLabel(conversation=row, label=labels[row.number % LABELS]) for row in rows[::3]),
            batch_size=BATCH,
        )
        Seen.objects.bulk_create(
            (Seen(conversation=row, member=reader, at=row.last_at) for row in rows[::2]), batch_size=BATCH
        )
    tidy()
    with scope(workspace.pk):
        CountDelta.objects.bulk_create(
            CountDelta(bucket=bucket, delta=count) for bucket, count in counts.recount().items()
        )
        open_ones = Conversation.objects.filter(ACTIVE).order_by("-last_at", "-id")
        middle = open_ones[conversations // OPEN_ONES // 2]
    tidy()
    return Cursor(middle.last_at, middle.pk)


def _furnish(workspace: Workspace) -> None:
    for number in range(MEMBERS):
        email = f"agent{number}@{workspace.slug}.example"
        add_member(user=create_user(email=email, password=None), role=Role.AGENT)
    for kind in KINDS:
        create_channel(kind=kind, name=kind, config={}, secrets={})
    for number in range(LABELS):
        label_named(name=f"label {number}")
    Account.objects.bulk_create(Account(name=f"Account {number}") for number in range(50))


def _contacts(count: int) -> Iterator[Contact]:
    return (Contact(name=f"Contact {number}") for number in range(count))


def _conversations(count: int, contacts: list[Contact]) -> Iterator[Conversation]:
    """From the oldest to one of just now, members and channels taking turns."""
    now, brand = timezone.now(), Brand.objects.earliest("id")
    channels, accounts = cycle(Channel.objects.all()), cycle([None, *Account.objects.all()])
    members = cycle([None, *Member.objects.all()])
    for number in range(count):
        at, channel = now - EVERY * (count - number), next(channels)
        yield Conversation(
            number=number + 1,
            brand=brand,
            subject=f"Where is order {number}?",
            status="open" if number % OPEN_ONES else "resolved",
            contact=contacts[number % len(contacts)],
            account=next(accounts),
            assignee=next(members),
            created_at=at,
            last_at=at,
            last_inbound_at=at,
            waiting_since=at,
            last_channel=channel,
            trail=[channel.kind],
            preview="I ordered two weeks ago and the tracking page still says that a label was created.",
        )
