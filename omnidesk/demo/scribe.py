"""Rows of many conversations, stored a table at a time: month-long traffic in seconds."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import connection

from conversations import kinds
from conversations.models import (
    Conversation,
    ConversationLabel,
    CountDelta,
    Delivery,
    DeliveryAlias,
    Entry,
    EntryBody,
    Mention,
    Participant,
    Reaction,
    Seen,
    ThreadKey,
    TimelineRef,
)
from conversations.services import counts, files
from conversations.tokens import make_message_id
from conversations.types import IncomingFile
from tenancy.services.workspaces import number_sequence
from tenancy.tables import TenantModel

# In the order in which they refer to each other.
TABLES: tuple[type[TenantModel], ...] = (
    Conversation,
    Entry,
    EntryBody,
    TimelineRef,
    Participant,
    ThreadKey,
    Delivery,
    DeliveryAlias,
    Mention,
    Seen,
    ConversationLabel,
    Reaction,
    CountDelta,
)
BATCH = 500

Row = TypeVar("Row", bound=TenantModel)


class Scribe:
    """Collects rows in the open scope of `workspace_id`; `write` numbers and stores them."""

    def __init__(self, *, workspace_id: int, rng: random.Random) -> None:
        self.workspace_id = workspace_id
        self.rng = rng
        self._rows: defaultdict[type[TenantModel], list[Any]] = defaultdict(list)
        self._files: list[tuple[IncomingFile, Entry]] = []

    def add(self, row: Row) -> Row:
        """Keep a row until `write`."""
        self._rows[type(row)].append(row)
        return row

    def attach(self, file: IncomingFile, entry: Entry) -> None:
        """Keep a file until `write`."""
        self._files.append((file, entry))

    def write(self) -> None:
        """Store everything, older entries under lower ids."""
        self._number()
        self._name_mails()
        self._count()
        for table in TABLES:
            table.objects.bulk_create(self._rows[table], batch_size=BATCH)
        for file, entry in self._files:
            files.store(file, entry=entry)

    def inbound(self) -> Iterator[tuple[Entry, EntryBody]]:
        """What came from outside, with its text, in order of time."""
        for body in sorted(self._rows[EntryBody], key=lambda body: body.entry.at):
            if body.entry.direction == Entry.Direction.IN:
                yield body.entry, body

    def _number(self) -> None:
        matters: list[Conversation] = sorted(self._rows[Conversation], key=lambda one: one.created_at)
        taken = zip(matters, _next_ids(Conversation, len(matters)), self._numbers(len(matters)), strict=True)
        for matter, pk, number in taken:
            matter.pk, matter.number = pk, number
        # Sorting is stable: what happened in one moment stays in the order in which it was told.
        entries: list[Entry] = sorted(self._rows[Entry], key=lambda entry: entry.at)
        for entry, pk in zip(entries, _next_ids(Entry, len(entries)), strict=True):
            entry.pk = pk
        self._rows |= {Conversation: matters, Entry: entries}

    def _numbers(self, count: int) -> list[int]:
        return _values(
            "SELECT nextval(%s) FROM generate_series(1, %s)", number_sequence(self.workspace_id), count
        )

    def _name_mails(self) -> None:
        """What `conversations.services.reply` does once an entry has its id."""
        for row in self._rows[Delivery]:
            entry, channel = row.entry, row.channel
            row.order_key = f"{entry.conversation.pk}:{row.identity_id}"
            if not kinds.KINDS[channel.kind].mails:
                continue
            domain = channel.address.rpartition("@")[2]
            entry.external_id = make_message_id(self.workspace_id, entry.pk, domain)
            self.add(
                ThreadKey(
                    channel=channel, key=entry.external_id, conversation=entry.conversation, is_ours=True
                )
            )
            self.add(DeliveryAlias(delivery=row, channel=channel, value=entry.external_id))

    def _count(self) -> None:
        labels: defaultdict[int, set[int]] = defaultdict(set)
        for labelling in self._rows[ConversationLabel]:
            labels[labelling.conversation.pk].add(labelling.label_id)
        found: Counter[str] = Counter()
        for matter in self._rows[Conversation]:
            found.update(counts.buckets(matter, labels[matter.pk]))
        self._rows[CountDelta] = [CountDelta(bucket=bucket, delta=count) for bucket, count in found.items()]


def _next_ids(table: type[TenantModel], count: int) -> list[int]:
    """Ids that nobody else will get, in rising order."""
    name = table._meta.db_table
    return _values(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", name, count
    )


def _values(sql: str, *arguments: str | int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return [row[0] for row in cursor.fetchall()]
